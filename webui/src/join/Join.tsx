import { Suspense, useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { type ApiProblem, answered, api, type Schemas } from "../api/client";
import { Button, Notice } from "../ui/controls";
import { later } from "../ui/later";
import { EntryForm } from "./EntryForm";
import styles from "./join.module.css";

// The form is there first; what comes after it is fetched meanwhile.
const seatPage = () => import("./Seat");
const Seat = later(async () => (await seatPage()).Seat);
const Personal = later(async () => (await import("./Personal")).Personal);

type LinkView = Schemas["LinkView"];

/** A guest’s way: the link, the form, the waiting room, the meeting. A reload keeps the seat. */
export function Join({ link }: { link: string }) {
  const { t } = useTranslation();
  const key = `tabellion:seat:${link}`;
  const [view, setView] = useState<LinkView | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [seat, setSeat] = useState<string | null>(() => sessionStorage.getItem(key));

  useEffect(() => {
    // One that does not come is asked for again when it is wanted.
    seatPage().catch(() => undefined);
  }, []);

  const load = useCallback(() => {
    setProblem(null);
    answered(api.GET("/api/links/{token}", { params: { path: { token: link } } }))
      .then(setView)
      .catch((error: ApiProblem) => setProblem(error.message || t("common.failed")));
  }, [link, t]);
  useEffect(load, [load]);

  const take = (token: string | null) => {
    if (token) sessionStorage.setItem(key, token);
    else sessionStorage.removeItem(key);
    setSeat(token);
  };

  if (problem)
    return (
      <main className={styles.page}>
        <Notice kind="bad">{problem}</Notice>
        <Button onPress={load}>{t("common.retry")}</Button>
      </main>
    );
  if (!view) return <main className={styles.page}>{t("common.loading")}</main>;
  const again = () => {
    take(null);
    // Its name, or whether it asks for a code, may be another one meanwhile: nothing is tried by what was known before.
    setView(null);
    load();
  };
  const loading = <main className={styles.page}>{t("common.loading")}</main>;
  if (seat)
    return (
      <Suspense fallback={loading}>
        <Seat key={seat} token={seat} link={view} onAgain={again} />
      </Suspense>
    );
  if (view.person)
    return (
      <Suspense fallback={loading}>
        <Personal link={link} view={view} person={view.person} onSeat={take} onChanged={load} />
      </Suspense>
    );
  return (
    <main className={styles.page}>
      <div className={styles.office}>{view.office_name}</div>
      <div className={styles.card}>
        <h1>{t("guest.title", { name: view.meeting_name })}</h1>
        <p>{t("guest.intro")}</p>
        <EntryForm link={link} codeRequired={view.code_required} onSeat={take} onChanged={load} />
      </div>
    </main>
  );
}
