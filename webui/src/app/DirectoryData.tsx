import { useState } from "react";
import { FileTrigger } from "react-aria-components";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import { Button, Notice } from "../ui/controls";
import styles from "./app.module.css";
import { DirectoryAge } from "./DirectoryAge";
import { LARGEST_FILE, useDirectoryImport } from "./directory";
import look from "./directory.module.css";

type RefusedLine = Schemas["RefusedLineView"];

/** «Données de l’annuaire», for administrators: where they come from, and another file in their place. */
export function DirectoryData() {
  const { t } = useTranslation();
  const [tooLarge, setTooLarge] = useState(false);
  const sending = useDirectoryImport();
  const choose = (file: File | undefined) => {
    if (!file) return;
    setTooLarge(file.size > LARGEST_FILE);
    sending.reset();
    if (file.size <= LARGEST_FILE) sending.mutate(file);
  };
  // A file of which no line is good tells its lines, too.
  const details = sending.error?.error as
    | { refused?: RefusedLine[]; refused_count?: number }
    | null
    | undefined;
  const told = sending.data ?? {
    refused: details?.refused ?? [],
    refused_count: details?.refused_count ?? 0,
  };
  return (
    <>
      <h1>{t("directory.data.title")}</h1>
      <div className={styles.stack}>
        <section className={styles.panel} aria-labelledby="directory-copy">
          <h2 id="directory-copy">{t("directory.data.copy")}</h2>
          <DirectoryAge />
        </section>
        <section className={styles.panel} aria-labelledby="directory-file">
          <h2 id="directory-file">{t("directory.data.file")}</h2>
          <p>{t("directory.data.intro")}</p>
          {tooLarge && <Notice kind="bad">{t("directory.data.tooLarge")}</Notice>}
          {sending.isError && (
            <Notice kind="bad">{sending.error.message || t("directory.data.failed")}</Notice>
          )}
          {sending.data && (
            <Notice kind="good">{t("directory.data.imported", { count: sending.data.entries })}</Notice>
          )}
          {sending.data && sending.data.absent.length > 0 && (
            <Notice>{t("directory.data.absent", { columns: sending.data.absent.join(", ") })}</Notice>
          )}
          {told.refused.length > 0 && <Refused lines={told.refused} count={told.refused_count} />}
          {sending.isPending && <p role="status">{t("directory.data.sending")}</p>}
          <FileTrigger acceptedFileTypes={[".csv", ".txt"]} onSelect={(files) => choose(files?.[0])}>
            <Button isDisabled={sending.isPending}>{t("directory.data.choose")}</Button>
          </FileTrigger>
        </section>
      </div>
    </>
  );
}

function Refused({ lines, count }: { lines: RefusedLine[]; count: number }) {
  const { t } = useTranslation();
  return (
    <>
      <p>{t("directory.data.refused", { count, shown: lines.length })}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and not only by mouse */}
      <section className={look.refused} aria-label={t("directory.data.refusedLines")} tabIndex={0}>
        <ul>
          {lines.map(({ line, reason }) => (
            <li key={line}>{t("directory.data.line", { line, reason })}</li>
          ))}
        </ul>
      </section>
    </>
  );
}
