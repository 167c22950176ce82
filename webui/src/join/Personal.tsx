import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type ApiProblem, answered, api, type Schemas } from "../api/client";
import { Button, Field } from "../ui/controls";
import { Refusal } from "./EntryForm";
import styles from "./join.module.css";

interface Props {
  link: string;
  view: Schemas["LinkView"];
  person: Schemas["LinkPersonView"];
  onSeat(token: string): void;
  /** The meeting may ask for a code now, or for another one. */
  onChanged(): void;
}

/** Who comes by a personal link is known: there is the code alone to be given, where the meeting has one (SCHED-10). */
export function Personal({ link, view, person, onSeat, onChanged }: Props) {
  const { t } = useTranslation();
  const [code, setCode] = useState("");
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [busy, setBusy] = useState(false);

  const take = () => {
    setBusy(true);
    setProblem(null);
    const body = { code: view.code_required ? code : null };
    answered(api.POST("/api/links/{token}/requests", { params: { path: { token: link } }, body }))
      .then((seat) => onSeat(seat.seat_token))
      .catch((error: ApiProblem) => {
        setProblem(error);
        if (error.code === "wrong_code") onChanged();
      })
      .finally(() => setBusy(false));
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    take();
  };
  // Where there is nothing to be given, there is nothing to be asked: once, although React may call twice.
  const asked = useRef(false);
  useEffect(() => {
    if (view.code_required || asked.current) return;
    asked.current = true;
    take();
  });

  const { name, date, time } = person;
  return (
    <main className={styles.page}>
      <div className={styles.office}>{view.office_name}</div>
      <div className={styles.card}>
        <h1>{t("guest.title", { name: view.meeting_name })}</h1>
        <p>{t("guest.personal", { name, date, time })}</p>
        <form onSubmit={submit} noValidate>
          {problem && <Refusal problem={problem} />}
          {view.code_required && (
            <Field
              label={t("guest.code")}
              hint={t("guest.codePersonal")}
              type="password"
              inputMode="numeric"
              autoComplete="off"
              autoFocus
              isRequired
              value={code}
              onChange={setCode}
            />
          )}
          <Button type="submit" look="primary" isDisabled={busy}>
            {t("room.join")}
          </Button>
        </form>
      </div>
    </main>
  );
}
