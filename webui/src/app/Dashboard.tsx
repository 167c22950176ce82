import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Notice } from "../ui/controls";
import styles from "./app.module.css";
import { useAllMeetings } from "./meetings";

export function Dashboard() {
  const { t } = useTranslation();
  const meetings = useAllMeetings();
  const active = meetings.data?.filter((one) => one.active).length;
  return (
    <>
      <h1>{t("menu.dashboard")}</h1>
      {meetings.isError && <Notice kind="bad">{t("common.failed")}</Notice>}
      <section className={styles.tile} aria-label={t("dashboard.permanent")}>
        <h2>{t("dashboard.permanent")}</h2>
        <div className={styles.count}>{active ?? "…"}</div>
        <p>{t("dashboard.permanentActive")}</p>
        <Link to="/reunions-permanentes" className={styles.more}>
          {t("dashboard.permanent")}
        </Link>
      </section>
    </>
  );
}
