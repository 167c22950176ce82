import { useTranslation } from "react-i18next";
import styles from "./app.module.css";
import { BackupDownload } from "./BackupDownload";
import { BackupRestore } from "./BackupRestore";
import { BackupSchedule } from "./BackupSchedule";

/** «Sauvegarde», for administrators: the box’s data as a file, and their way back. */
export function Backup() {
  const { t } = useTranslation();
  return (
    <>
      <h1>{t("backup.title")}</h1>
      <div className={styles.stack}>
        <section className={styles.panel} aria-labelledby="backup-download">
          <h2 id="backup-download">{t("backup.download")}</h2>
          <BackupDownload />
        </section>
        <section className={styles.panel} aria-labelledby="backup-schedule">
          <h2 id="backup-schedule">{t("backup.schedule")}</h2>
          <BackupSchedule />
        </section>
        <section className={styles.panel} aria-labelledby="backup-restore">
          <h2 id="backup-restore">{t("backup.restore")}</h2>
          <BackupRestore />
        </section>
      </div>
    </>
  );
}
