import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, Check, Field, Notice } from "../../ui/controls";
import styles from "../app.module.css";
import { moment } from "../moments";
import { useSession } from "../session";
import { faultsOf } from "../users";
import { DayField } from "./DayField";
import { type Scheduled, useScheduledActions, useScheduledMeeting } from "./scheduled";
import look from "./scheduled.module.css";
import { tell } from "./told";

interface Values {
  name: string;
  reference: string;
  date: string;
  time: string;
  code_active: boolean;
  code: string;
}

const EMPTY: Values = { name: "", reference: "", date: "", time: "", code_active: false, code: "" };

function valuesOf({ name, reference, date, time, code }: Scheduled): Values {
  return { name: name ?? "", reference, date, time, code_active: code !== null, code: code ?? "" };
}

/** «Nouvelle réunion» (SCHED-01, SCHED-02). */
export function NewScheduled() {
  return <ScheduledForm meeting={null} />;
}

/** «Modifier la réunion» (SCHED-06, SCHED-13). */
export function ChangeScheduled({ id }: { id: number }) {
  const { t } = useTranslation();
  const { data, error } = useScheduledMeeting(id);
  if (error && !data) return <Notice kind="bad">{error.message || t("common.failed")}</Notice>;
  if (!data) return <p>{t("common.loading")}</p>;
  return <ScheduledForm key={id} meeting={data} />;
}

function ScheduledForm({ meeting }: { meeting: Scheduled | null }) {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate();
  const user = useSession().data?.user;
  const { create, change } = useScheduledActions();
  // The meeting as it was when this form began from it: somebody else may change it meanwhile.
  const [base, setBase] = useState(meeting);
  const [values, setValues] = useState(meeting ? valuesOf(meeting) : EMPTY);
  const [begun] = useState(() => new Date().toISOString());
  const problem = create.error ?? change.error;
  const faults = faultsOf(problem);
  const set = (some: Partial<Values>) => setValues({ ...values, ...some });
  const validated = base !== null && base.state !== "draft";
  const back = () => void navigate({ to: "/reunions-programmees" });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { name, ...fields } = values;
    if (!base) {
      const onSuccess = ({ id }: Scheduled) =>
        void navigate({ to: "/reunions-programmees/$meeting/participants", params: { meeting: String(id) } });
      create.mutate(fields, { onSuccess });
      return;
    }
    const body = { ...fields, version: base.version, ...(validated ? { name } : {}) };
    const onSuccess = (made: Scheduled) => {
      tell(t(validated ? "scheduled.changedTold" : "scheduled.changed", { name: made.reference }));
      back();
    };
    change.mutate({ id: base.id, body }, { onSuccess });
  };

  const takeOver = () => {
    if (!base || !meeting) return;
    const [was, is] = [valuesOf(base), valuesOf(meeting)];
    const mine = Object.entries(values).filter(([key, value]) => value !== was[key as keyof Values]);
    setValues({ ...is, ...Object.fromEntries(mine) });
    setBase(meeting);
    change.reset();
  };

  return (
    <form onSubmit={submit} noValidate className={styles.stack}>
      <h1>{t(base ? "scheduled.edit" : "scheduled.new")}</h1>
      {base?.state === "draft" && <Notice>{t("scheduled.notValidated")}</Notice>}
      {problem && <Notice kind="bad">{problem.message || t("common.failed")}</Notice>}
      {problem?.code === "changed_meanwhile" && (
        <div>
          <Button onPress={takeOver}>{t("scheduled.takeOver")}</Button>
        </div>
      )}
      <section className={styles.panel}>
        <dl className={look.facts}>
          <dt>{t("scheduled.createdBy")}</dt>
          <dd>{base ? base.created_by : user?.name}</dd>
          <dt>{t("scheduled.createdAt")}</dt>
          <dd>{moment(base?.created_at ?? begun, i18n.language)}</dd>
        </dl>
        {validated && (
          <Field
            label={t("scheduled.name")}
            hint={t("scheduled.nameHint")}
            value={values.name}
            onChange={(name) => set({ name })}
            error={faults["name"]}
          />
        )}
        <Field
          label={t("scheduled.reference")}
          hint={t("scheduled.referenceHint")}
          autoFocus
          value={values.reference}
          onChange={(reference) => set({ reference })}
          error={faults["reference"]}
        />
        <DayField value={values.date} onChange={(date) => set({ date })} error={faults["date"]} />
        <Field
          label={t("scheduled.time")}
          hint={t("scheduled.timeHint")}
          autoComplete="off"
          value={values.time}
          onChange={(time) => set({ time })}
          error={faults["time"]}
        />
        <Check isSelected={values.code_active} onChange={(code_active) => set({ code_active })}>
          {t("meetings.code")}
        </Check>
        {values.code_active && (
          <Field
            label={t("meetings.code")}
            hint={t("meetings.codeHint")}
            type="password"
            inputMode="numeric"
            autoComplete="off"
            value={values.code}
            onChange={(code) => set({ code })}
            error={faults["code"]}
          />
        )}
      </section>
      <div className={styles.row}>
        <Button onPress={back}>{t("meetings.back")}</Button>
        <Button type="submit" look="primary" isDisabled={create.isPending || change.isPending}>
          {t("meetings.save")}
        </Button>
      </div>
    </form>
  );
}
