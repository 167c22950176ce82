import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { FieldError, Label, TextArea, TextField } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { Button, Field, Notice } from "../../ui/controls";
import controls from "../../ui/controls.module.css";
import styles from "../app.module.css";
import { faultsOf } from "../users";
import { type Scheduled, useScheduledActions, useScheduledMeeting } from "./scheduled";
import look from "./scheduled.module.css";
import { tell } from "./told";

/** «Valider et envoyer» (SCHED-07, SCHED-08). */
export function Validation({ id }: { id: number }) {
  const { t } = useTranslation();
  const { data, error } = useScheduledMeeting(id);
  if (error && !data) return <Notice kind="bad">{error.message || t("common.failed")}</Notice>;
  if (!data) return <p>{t("common.loading")}</p>;
  return <Form key={id} meeting={data} />;
}

function Form({ meeting }: { meeting: Scheduled }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { validate } = useScheduledActions();
  const [base, setBase] = useState(meeting);
  const [name, setName] = useState(meeting.name ?? meeting.reference);
  const [message, setMessage] = useState(meeting.message);
  const faults = faultsOf(validate.error);
  const params = { meeting: String(meeting.id) };
  const list = () => void navigate({ to: "/reunions-programmees" });
  const people = () => void navigate({ to: "/reunions-programmees/$meeting/participants", params });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body = { version: base.version, name, message };
    const onSuccess = () => {
      tell(t("scheduled.validated", { name }));
      list();
    };
    validate.mutate({ id: meeting.id, body }, { onSuccess });
  };
  const takeOver = () => {
    if (message === base.message) setMessage(meeting.message);
    setBase(meeting);
    validate.reset();
  };

  return (
    <form onSubmit={submit} noValidate className={styles.stack}>
      <h1>{t("scheduled.validation", { name: meeting.reference })}</h1>
      {validate.error && <Notice kind="bad">{validate.error.message || t("common.failed")}</Notice>}
      {validate.error?.code === "changed_meanwhile" && meeting.state === "draft" && (
        <div>
          <Button onPress={takeOver}>{t("scheduled.takeOver")}</Button>
        </div>
      )}
      {validate.error?.code === "not_ready" && (
        <div>
          <Button onPress={people}>{t("scheduled.people")}</Button>
        </div>
      )}
      <section className={styles.panel}>
        <Field
          label={t("scheduled.name")}
          hint={t("scheduled.nameHint")}
          autoFocus
          value={name}
          onChange={setName}
          error={faults["name"]}
        />
        <dl className={look.facts}>
          <dt>{t("scheduled.createdBy")}</dt>
          <dd>{meeting.created_by}</dd>
          <dt>{t("scheduled.reference")}</dt>
          <dd>{meeting.reference}</dd>
          <dt>{t("scheduled.date")}</dt>
          <dd>{meeting.date}</dd>
          <dt>{t("scheduled.time")}</dt>
          <dd>{meeting.time}</dd>
        </dl>
        <TextField
          className={controls.field ?? ""}
          value={message}
          onChange={setMessage}
          isInvalid={Boolean(faults["message"])}
          validationBehavior="aria"
        >
          <Label className={controls.label ?? ""}>{t("scheduled.message")}</Label>
          <TextArea className={`${controls.input} ${look.message}`} rows={10} />
          <FieldError className={controls.error ?? ""}>{faults["message"]}</FieldError>
        </TextField>
      </section>
      <div className={styles.row}>
        <Button onPress={people}>{t("meetings.back")}</Button>
        <Button onPress={list}>{t("meetings.cancel")}</Button>
        <Button type="submit" look="primary" isDisabled={validate.isPending || meeting.state !== "draft"}>
          {t("scheduled.validateAndSend")}
        </Button>
      </div>
    </form>
  );
}
