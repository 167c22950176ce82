import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { type ApiProblem, answered, api, type Schemas } from "../api/client";
import { Button, Notice } from "../ui/controls";
import styles from "./app.module.css";
import { PasswordAgain } from "./PasswordAgain";
import { ShownOnce } from "./ShownOnce";

/** The password, then the key that is shown once, then the file. */
export function BackupDownload() {
  const { t } = useTranslation();
  const [password, setPassword] = useState("");
  const prepare = useMutation<Schemas["PreparedBackup"], ApiProblem>({
    mutationFn: () => answered(api.POST("/api/system/backup", { body: { password } })),
    onSuccess: () => setPassword(""),
  });
  if (prepare.data)
    return (
      <>
        <ShownOnce label={t("backup.key")} text={prepare.data.key} copy={t("backup.copyKey")} />
        <Notice>{t("backup.noteKey")}</Notice>
        <div className={styles.row}>
          <a href={`/api/system/backup/${prepare.data.ticket}`} download>
            {t("backup.fetch")}
          </a>
          <Button onPress={() => prepare.reset()}>{t("backup.done")}</Button>
        </div>
      </>
    );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    prepare.mutate();
  };
  return (
    <form onSubmit={submit} noValidate>
      <p>{t("backup.downloadIntro")}</p>
      <PasswordAgain value={password} onChange={setPassword} problem={prepare.error} />
      <Button type="submit" look="primary" isDisabled={prepare.isPending}>
        {t("backup.prepare")}
      </Button>
    </form>
  );
}
