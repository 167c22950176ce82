import { useTranslation } from "react-i18next";
import styles from "./app.module.css";
import { FactoryReset } from "./FactoryReset";
import { RecoveryKey } from "./RecoveryKey";
import { SupportConsole } from "./SupportConsole";

/** «Maintenance», for administrators: what is rarely done to the machine itself. */
export function Maintenance() {
  const { t } = useTranslation();
  return (
    <>
      <h1>{t("maintenance.title")}</h1>
      <div className={styles.stack}>
        <section className={styles.panel} aria-labelledby="maintenance-key">
          <h2 id="maintenance-key">{t("maintenance.key")}</h2>
          <RecoveryKey />
        </section>
        <section className={styles.panel} aria-labelledby="maintenance-console">
          <h2 id="maintenance-console">{t("maintenance.console")}</h2>
          <SupportConsole />
        </section>
        <section className={styles.panel} aria-labelledby="maintenance-reset">
          <h2 id="maintenance-reset">{t("maintenance.reset")}</h2>
          <FactoryReset />
        </section>
      </div>
    </>
  );
}
