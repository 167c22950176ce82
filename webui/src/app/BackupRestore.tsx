import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { type ApiProblem, answered, api, type Schemas } from "../api/client";
import { Button, Field, Notice } from "../ui/controls";
import styles from "./app.module.css";
import { PasswordAgain } from "./PasswordAgain";
import { PendingSettings } from "./PendingSettings";
import { sendInPieces } from "./pieces";
import type { Changed } from "./settings";

/** The file and its key are checked first; then it is said whose data they are, and asked whether they are meant. */
export function BackupRestore() {
  const { t } = useTranslation();
  const [file, setFile] = useState<File | null>(null);
  const [key, setKey] = useState("");
  const [sent, setSent] = useState(0);
  const check = useMutation<Schemas["CheckedBackup"], ApiProblem, File>({
    mutationFn: async (file) => {
      await sendInPieces("/api/system/restore/file", file, setSent);
      return await answered(api.POST("/api/system/restore/check", { body: { key } }));
    },
  });
  if (check.data) return <Consent backup={check.data} onBack={() => check.reset()} />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (file) check.mutate(file);
  };
  const problem = check.error;
  const here = problem?.error?.field === "key";
  return (
    <form onSubmit={submit} noValidate>
      <p>{t("backup.restoreIntro")}</p>
      {problem && !here && <Notice kind="bad">{problem.message || t("common.failed")}</Notice>}
      <p>
        <label>
          {t("backup.file")}{" "}
          <input
            type="file"
            accept=".tabellion"
            onChange={(event) => setFile(event.target.files?.[0] ?? null)}
          />
        </label>
      </p>
      <Field
        label={t("backup.key")}
        hint={t("backup.keyHint")}
        autoComplete="off"
        value={key}
        onChange={setKey}
        error={here ? problem.message : null}
      />
      <Button type="submit" look="primary" isDisabled={!file || check.isPending}>
        {t("backup.check")}
      </Button>
      {check.isPending && file && (
        <p role="status">
          {t("backup.sending", { percent: Math.floor((100 * sent) / Math.max(file.size, 1)) })}
        </p>
      )}
    </form>
  );
}

function Consent({ backup, onBack }: { backup: Schemas["CheckedBackup"]; onBack(): void }) {
  const { t, i18n } = useTranslation();
  const [network, setNetwork] = useState<"kept" | "taken">("kept");
  const [password, setPassword] = useState("");
  const restore = useMutation<Changed, ApiProblem>({
    mutationFn: () => answered(api.POST("/api/system/restore", { body: { password, network } })),
  });
  if (restore.data) return <Restoring network={restore.data} since={restore.submittedAt} />;
  const madeAt = new Date(backup.made_at).toLocaleString(i18n.language);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    restore.mutate();
  };
  return (
    <form onSubmit={submit} noValidate>
      <p>{t("backup.found", { office: backup.office, madeAt, version: backup.version })}</p>
      <Notice>{t("backup.replaces")}</Notice>
      <fieldset className={styles.choice}>
        <legend>{t("backup.network")}</legend>
        {(["kept", "taken"] as const).map((one) => (
          <label key={one}>
            <input type="radio" name="network" checked={network === one} onChange={() => setNetwork(one)} />{" "}
            {t(`backup.networks.${one}`)}
          </label>
        ))}
      </fieldset>
      <PasswordAgain value={password} onChange={setPassword} problem={restore.error} />
      <div className={styles.row}>
        <Button onPress={onBack}>{t("meetings.back")}</Button>
        <Button type="submit" look="danger" isDisabled={restore.isPending}>
          {t("backup.confirm")}
        </Button>
      </div>
    </form>
  );
}

/** Another network than the box's own is undone unless it is confirmed from there, as any change of it. @param since in ms */
function Restoring({ network, since }: { network: Changed; since: number }) {
  const { t } = useTranslation();
  return (
    <>
      <Notice kind="good">{t("backup.restoring")}</Notice>
      {network.outcome === "pending" ? (
        <PendingSettings pending={{ ...network, parts: ["network"] }} ticket={network} seenAt={since} />
      ) : (
        <a href="/">{t("backup.logInAgain")}</a>
      )}
    </>
  );
}
