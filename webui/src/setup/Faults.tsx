import { useTranslation } from "react-i18next";
import { Notice } from "../ui/controls";
import { type Fault, sentence } from "./Settings";
import styles from "./setup.module.css";

/** What is to be corrected, all of it: in a form each leads to its field, of a file each has its line. */
export function Faults({
  message,
  faults,
  withLines,
}: {
  message: string;
  faults: Fault[];
  withLines: boolean;
}) {
  const { t } = useTranslation();
  const where = (fault: Fault) => fault.label || fault.key;
  return (
    <Notice kind="bad">
      {message}
      {faults.length > 0 && (
        <ul className={styles.faults}>
          {faults.map((fault) => (
            <li key={`${fault.line}-${fault.key}-${fault.what}`}>
              {withLines && fault.line && <strong>{t("setup.line", { line: fault.line })} </strong>}
              {withLines ? where(fault) : <a href={`#${fault.key}`}>{where(fault)}</a>}
              {where(fault) && "\u00a0: "}
              {sentence(fault)}
            </li>
          ))}
        </ul>
      )}
    </Notice>
  );
}
