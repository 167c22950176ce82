import { useTranslation } from "react-i18next";
import { Notice } from "../ui/controls";
import styles from "./app.module.css";
import { megabytes, type Updating } from "./updates";

/** What is being done, with its figures, or why it was not done. */
export function UpdateProgress({ updating: { activity, failure } }: { updating: Updating }) {
  const { t } = useTranslation();
  if (activity.state === "idle") return failure ? <Notice kind="bad">{failure}</Notice> : null;
  const brings = activity.state === "downloading" || activity.state === "copying";
  const total = brings ? activity.total : null;
  const figures = brings ? { done: megabytes(activity.done), total: megabytes(total) } : {};
  return (
    <section className={styles.panel} aria-labelledby="updates-progress">
      <h2 id="updates-progress">{t("updates.progress")}</h2>
      <p role="status">{t(`updates.activity.${activity.state}`)}</p>
      {brings && <p>{t(total ? "updates.figures" : "updates.figure", figures)}</p>}
      {brings && total ? (
        <progress aria-labelledby="updates-progress" value={activity.done} max={total} />
      ) : (
        <progress aria-labelledby="updates-progress" />
      )}
    </section>
  );
}
