import { useTranslation } from "react-i18next";
import styles from "./app.module.css";

/** In the words of the support. */
export function Details({ lines }: { lines: string[] }) {
  const { t } = useTranslation();
  if (lines.length === 0) return null;
  return (
    <details>
      <summary>{t("system.details")}</summary>
      <pre className={styles.details}>{lines.join("\n")}</pre>
    </details>
  );
}
