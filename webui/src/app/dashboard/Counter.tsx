import type { ReactNode } from "react";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { Notice } from "../../ui/controls";
import look from "./dashboard.module.css";

interface Props {
  title: string;
  /** What is counted; none while it is not known. */
  value: string | number | undefined;
  failed: boolean;
  legend: string;
  /** Where it leads. */
  children: ReactNode;
}

/** A figure, what it counts, and the button that leads there (DASH-01 to DASH-03). */
export function Counter({ title, value, failed, legend, children }: Props) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <section className={look.counter} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {failed ? (
        <Notice kind="bad">{t("home.tile.failed")}</Notice>
      ) : (
        <p className={look.figure}>{value ?? "…"}</p>
      )}
      <p className={look.legend}>{legend}</p>
      {children}
    </section>
  );
}
