import styles from "./app.module.css";
import { CopyButton } from "./CopyButton";

/** A secret that the box shows now and never again. */
export function ShownOnce({ label, text, copy }: { label: string; text: string; copy: string }) {
  return (
    <div className={styles.beside}>
      <fieldset className={styles.shown}>
        <legend>{label}</legend>
        <code>{text}</code>
      </fieldset>
      <CopyButton text={text} label={copy} />
    </div>
  );
}
