import { useTranslation } from "react-i18next";
import { Button, Notice } from "../ui/controls";
import styles from "./app.module.css";
import { CopyButton } from "./CopyButton";

/** Shown once, after the enrolment: each code stands in once for a telephone that is lost. */
export function RecoveryCodes({ codes, onDone }: { codes: string[]; onDone(): void }) {
  const { t } = useTranslation();
  return (
    <main className={styles.center}>
      <div className={styles.card}>
        <h1>{t("recovery.title")}</h1>
        <Notice kind="good">{t("recovery.enrolled")}</Notice>
        <p>{t("recovery.intro")}</p>
        <div className={styles.beside}>
          <ol className={styles.codes} aria-label={t("recovery.title")}>
            {codes.map((code) => (
              <li key={code}>
                <code>{code}</code>
              </li>
            ))}
          </ol>
          <CopyButton text={codes.join("\n")} label={t("recovery.copy")} />
        </div>
        <div className={styles.row}>
          <Button look="primary" onPress={onDone}>
            {t("recovery.done")}
          </Button>
          <Button onPress={() => window.print()}>{t("recovery.print")}</Button>
        </div>
      </div>
    </main>
  );
}
