import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, Check, Field, Notice } from "../ui/controls";
import styles from "./app.module.css";
import { type PermanentMeeting, useMeetingActions } from "./meetings";

/** «Créer une réunion» (PERM-01), or changing one (PERM-09). */
export function MeetingForm({ meeting, onDone }: { meeting: PermanentMeeting | null; onDone(): void }) {
  const { t } = useTranslation();
  const [description, setDescription] = useState(meeting?.name ?? "");
  const [active, setActive] = useState(meeting?.active ?? true);
  const [codeActive, setCodeActive] = useState(meeting?.code_active ?? false);
  const [code, setCode] = useState(meeting?.code ?? "");
  const { create, change } = useMeetingActions();
  const problem = create.error ?? change.error;
  const field = problem?.error?.field;
  const errorOf = (name: string) => (field === name ? problem?.message : null);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body = { description, active, code_active: codeActive, code: code || null };
    const options = { onSuccess: onDone };
    if (meeting) change.mutate({ id: meeting.id, change: body }, options);
    else create.mutate(body, options);
  };

  return (
    <div className={styles.card}>
      <h1>{t(meeting ? "meetings.edit" : "meetings.create")}</h1>
      <form onSubmit={submit} noValidate>
        {problem && !field && <Notice kind="bad">{problem.message || t("common.failed")}</Notice>}
        <Field
          label={t("meetings.description")}
          autoFocus
          value={description}
          onChange={setDescription}
          error={errorOf("description")}
        />
        <Check isSelected={active} onChange={setActive}>
          {t("meetings.activate")}
        </Check>
        <Check isSelected={codeActive} onChange={setCodeActive}>
          {t("meetings.code")}
        </Check>
        {codeActive && (
          <Field
            label={t("meetings.code")}
            hint={t("meetings.codeHint")}
            type="password"
            inputMode="numeric"
            autoComplete="off"
            value={code}
            onChange={setCode}
            error={errorOf("code")}
          />
        )}
        <div className={styles.row}>
          <Button onPress={onDone}>{t("meetings.back")}</Button>
          <Button type="submit" look="primary" isDisabled={create.isPending || change.isPending}>
            {t("meetings.save")}
          </Button>
        </div>
      </form>
      {meeting && (
        <p>
          <Link to="/seances/$meeting" params={{ meeting: String(meeting.id) }}>
            {t("sittings.open")}
          </Link>
        </p>
      )}
    </div>
  );
}
