import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Notice } from "../ui/controls";
import { useLegal } from "./brand";
import look from "./brand.module.css";
import { Sign } from "./Support";

/** A legal text of whoever runs the service, for everybody. */
export function Legal({ which }: { which: "terms" | "responsibility" }) {
  const { t } = useTranslation();
  const legal = useLegal();
  const text = legal.data?.[which];
  return (
    <main className={look.page}>
      <Sign />
      <h1>{t(`home.legal.${which}`)}</h1>
      {legal.isPending && <p>{t("common.loading")}</p>}
      {legal.isError && <Notice kind="bad">{legal.error.message || t("common.failed")}</Notice>}
      {text === "" && <Notice>{t("home.legal.none")}</Notice>}
      {text && <div className={look.text}>{text}</div>}
      <p>
        <Link to="/">{t("home.legal.back")}</Link>
      </p>
    </main>
  );
}
