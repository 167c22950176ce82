import { useEffect, useId, useRef } from "react";
import { useTranslation } from "react-i18next";
import { LEVELS } from "../room/bandwidth";
import styles from "./meeting.module.css";

interface BandwidthProps {
  /** kb/s; null: none. */
  limit: number | null;
  onChoose(kbps: number | null): void;
  onClose(): void;
}

/** «Limitation bande passante» (CALL-10). */
export function Bandwidth({ limit, onChoose, onClose }: BandwidthProps) {
  const { t } = useTranslation();
  const id = useId();
  const choices = useRef<HTMLFieldSetElement>(null);
  const opener = useRef<Element | null>(null);
  useEffect(() => {
    opener.current = document.activeElement;
    choices.current?.querySelector<HTMLInputElement>("input:checked")?.focus();
  }, []);
  const close = () => {
    if (opener.current instanceof HTMLElement) opener.current.focus();
    onClose();
  };
  return (
    <aside className={styles.panel}>
      <fieldset
        ref={choices}
        className={styles.choices}
        aria-describedby={`${id}-about`}
        onKeyDown={(event) => event.key === "Escape" && close()}
      >
        <legend>{t("room.bandwidth.title")}</legend>
        {[null, ...LEVELS].map((kbps) => (
          <label key={kbps}>
            <input type="radio" name={id} checked={limit === kbps} onChange={() => onChoose(kbps)} />
            {t(`room.bandwidth.${kbps ?? "none"}`)}
          </label>
        ))}
      </fieldset>
      <p id={`${id}-about`} className={styles.detail}>
        {t("room.bandwidth.about")}
      </p>
    </aside>
  );
}
