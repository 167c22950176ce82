import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { type ApiProblem, answered, api } from "../api/client";
import { Button, Field, Notice } from "../ui/controls";
import styles from "./join.module.css";

const CIVILITIES = ["", "Madame", "Monsieur", "Maître"];

interface Props {
  link: string;
  codeRequired: boolean;
  onSeat(token: string): void;
  /** The meeting may ask for a code now. */
  onChanged(): void;
}

/** «Veuillez vous identifier…» (WAIT-01). */
export function EntryForm({ link, codeRequired, onSeat, onChanged }: Props) {
  const { t } = useTranslation();
  const [form, setForm] = useState({ civility: "", first_name: "", last_name: "", code: "" });
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [busy, setBusy] = useState(false);
  const fill = (field: keyof typeof form) => (value: string) => setForm({ ...form, [field]: value });
  const field = problem?.error?.field;
  const errorOf = (name: string) => (field === name ? problem?.message : null);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    const body = { ...form, code: codeRequired ? form.code : null };
    answered(api.POST("/api/links/{token}/requests", { params: { path: { token: link } }, body }))
      .then((seat) => onSeat(seat.seat_token))
      .catch((error: ApiProblem) => {
        setProblem(error);
        if (error.code === "wrong_code") onChanged();
      })
      .finally(() => setBusy(false));
  };

  return (
    <form onSubmit={submit} noValidate>
      {problem && !field && <Refusal problem={problem} />}
      <label className={styles.civility}>
        {t("guest.civility")}
        <select
          className={styles.select}
          value={form.civility}
          onChange={(event) => fill("civility")(event.target.value)}
        >
          {CIVILITIES.map((one) => (
            <option key={one} value={one}>
              {one || t("guest.noCivility")}
            </option>
          ))}
        </select>
      </label>
      <Field
        label={t("guest.firstName")}
        autoComplete="given-name"
        isRequired
        value={form.first_name}
        onChange={fill("first_name")}
        error={errorOf("first_name")}
      />
      <Field
        label={t("guest.lastName")}
        autoComplete="family-name"
        isRequired
        value={form.last_name}
        onChange={fill("last_name")}
        error={errorOf("last_name")}
      />
      {codeRequired && (
        <Field
          label={t("guest.code")}
          type="password"
          inputMode="numeric"
          autoComplete="off"
          isRequired
          value={form.code}
          onChange={fill("code")}
          error={errorOf("code")}
        />
      )}
      <Button type="submit" look="primary" isDisabled={busy}>
        {t("guest.submit")}
      </Button>
    </form>
  );
}

/** What went wrong; after a wrong code, how often it may still be tried (SCHED-10). */
export function Refusal({ problem }: { problem: ApiProblem }) {
  const { t } = useTranslation();
  const left = problem.error?.attempts_left;
  return (
    <Notice kind="bad">
      {problem.message || t("common.failed")}
      {typeof left === "number" && <div>{t("guest.attempts", { count: left })}</div>}
    </Notice>
  );
}
