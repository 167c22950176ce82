import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/controls";
import { Camera, Telephone } from "../ui/icons";
import styles from "./app.module.css";
import type { DirectoryEntry } from "./directory";
import look from "./directory.module.css";

/** Of an entry, in the guide’s order. */
const COLUMNS = ["entity", "crpcen", "office", "name", "postal_code", "town", "account"] as const;

interface Props {
  entries: DirectoryEntry[];
  /** Whether what is shown was searched for before. */
  isOld: boolean;
  /** What leads to other pages. */
  children: ReactNode;
}

/** The guide’s table. */
export function DirectoryTable({ entries, isOld, children }: Props) {
  const { t } = useTranslation();
  const reason = useId();
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and not only by mouse */}
      <section className={`${styles.scroll} ${look.scroll}`} aria-label={t("directory.title")} tabIndex={0}>
        <table className={`${styles.table} ${look.table}`} aria-busy={isOld}>
          <thead>
            <tr>
              {COLUMNS.map((column) => (
                <th key={column} scope="col">
                  {t(`directory.columns.${column}`)}
                </th>
              ))}
              <th scope="col">{t("directory.columns.call")}</th>
            </tr>
          </thead>
          <tbody>
            {entries.length === 0 && (
              <tr>
                <td colSpan={COLUMNS.length + 1} className={look.nothing}>
                  {t("directory.nothing")}
                </td>
              </tr>
            )}
            {entries.map((entry) => (
              <Row key={entry.id} entry={entry} reason={reason} />
            ))}
          </tbody>
        </table>
      </section>
      <div className={look.below}>
        <p id={reason} className={look.note}>
          {t("directory.noCalls")}
        </p>
        {children}
      </div>
    </>
  );
}

/** @param reason of what says why nobody can be called */
function Row({ entry, reason }: { entry: DirectoryEntry; reason: string }) {
  const { t } = useTranslation();
  const who = entry.name || entry.office;
  return (
    <tr>
      {COLUMNS.map((column) => (
        <td key={column} data-label={t(`directory.columns.${column}`)}>
          {entry[column]}
        </td>
      ))}
      <td data-label={t("directory.columns.call")}>
        <span className={styles.cell} title={t("directory.noCalls")}>
          <Button
            look="quiet"
            className={look.camera ?? ""}
            isDisabled
            aria-label={t("directory.callVideo", { who })}
            aria-describedby={reason}
          >
            <Camera />
          </Button>
          <Button
            look="quiet"
            className={look.telephone ?? ""}
            isDisabled
            aria-label={t("directory.callAudio", { who })}
            aria-describedby={reason}
          >
            <Telephone />
          </Button>
        </span>
      </td>
    </tr>
  );
}
