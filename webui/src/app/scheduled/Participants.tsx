import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, Notice } from "../../ui/controls";
import styles from "../app.module.css";
import { ImportDialog } from "./ImportDialog";
import { ParticipantForm } from "./ParticipantForm";
import { ParticipantsTable } from "./ParticipantsTable";
import {
  absent,
  EMPTY,
  type Entry,
  faultsByRow,
  fieldsOf,
  missing,
  type Row,
  rebased,
  rowOf,
  rowsOf,
} from "./participants";
import { type Scheduled, usePeople, useScheduledActions, useScheduledMeeting } from "./scheduled";
import look from "./scheduled.module.css";
import { tell } from "./told";

/** «Inviter des participants» (SCHED-03 to SCHED-06, SCHED-13). */
export function Participants({ id }: { id: number }) {
  const { t } = useTranslation();
  const { data, error } = useScheduledMeeting(id);
  if (error && !data) return <Notice kind="bad">{error.message || t("common.failed")}</Notice>;
  if (!data) return <p>{t("common.loading")}</p>;
  return <Invite key={id} meeting={data} />;
}

function Invite({ meeting }: { meeting: Scheduled }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const people = usePeople().data;
  const { revise, send, link } = useScheduledActions();
  // The meeting as it was when this page began from it: somebody else may change it meanwhile.
  const [base, setBase] = useState(meeting);
  const [rows, setRows] = useState(() => rowsOf(meeting.participants));
  const [entry, setEntry] = useState<Entry>(EMPTY);
  const [edited, setEdited] = useState<Row | null>(null);
  const [importing, setImporting] = useState(false);
  const [sent, setSent] = useState<readonly Row[]>([]);
  const [told, setTold] = useState<string | null>(null);
  const validated = meeting.state !== "draft";
  const others = rows.filter(({ key }) => key !== edited?.key);
  const problem = revise.error ?? send.error ?? link.error;

  const withEntry = () =>
    edited
      ? rows.map((row) => (row.key === edited.key ? { ...edited, ...entry } : row))
      : [...rows, rowOf(entry)];
  const put = (list: Row[]) => {
    setRows(list);
    setEntry(EMPTY);
    setEdited(null);
  };
  const leave = (to: "/reunions-programmees" | "/reunions-programmees/$meeting") =>
    void navigate({ to, params: { meeting: String(meeting.id) } });

  const save = () => {
    // Who was filled in and not added was meant to be.
    const typed = entry.name.trim() !== "" || entry.email.trim() !== "";
    if (typed && missing(entry, others)) {
      setTold(t("scheduled.unfinished"));
      return;
    }
    const list = typed ? withEntry() : rows;
    if (typed) put(list);
    setSent(list);
    setTold(null);
    const body = { version: base.version, participants: list.map(fieldsOf) };
    const onSuccess = () => {
      tell(t(validated ? "scheduled.peopleTold" : "scheduled.peopleSaved", { name: meeting.reference }));
      leave("/reunions-programmees");
    };
    revise.mutate({ id: meeting.id, body }, { onSuccess });
  };
  const takeOver = () => {
    setRows(rebased(rows, rowsOf(base.participants), rowsOf(meeting.participants)));
    setBase(meeting);
    revise.reset();
  };
  const resend = (one: number) => {
    const onSuccess = () => setTold(t("scheduled.sentAgain", { name: meeting.reference }));
    send.mutate({ id: meeting.id, participants: [one] }, { onSuccess });
  };
  const copyLink = (participant: number) =>
    link.mutate(
      { id: meeting.id, participant },
      {
        onSuccess: (made) =>
          void navigator.clipboard.writeText(made.link).then(
            () => setTold(t("scheduled.linkCopied")),
            () => setTold(t("scheduled.linkIs", { link: made.link })),
          ),
      },
    );

  return (
    <div className={look.page}>
      <h1>{t("scheduled.invite", { name: meeting.reference })}</h1>
      {!validated && <Notice>{t("scheduled.notValidated")}</Notice>}
      {told && <Notice>{told}</Notice>}
      {problem && <Notice kind="bad">{problem.message || t("common.failed")}</Notice>}
      {revise.error?.code === "changed_meanwhile" && (
        <div>
          <Button onPress={takeOver}>{t("scheduled.takeOver")}</Button>
        </div>
      )}
      <section className={styles.panel} aria-label={t("scheduled.participant")}>
        <ParticipantForm
          key={edited?.key ?? "new"}
          entry={entry}
          onChange={(some) => setEntry((now) => ({ ...now, ...some }))}
          others={others}
          users={absent(people?.users ?? [], others)}
          editing={edited !== null}
          onAdd={() => put(withEntry())}
          onCancel={() => {
            setEdited(null);
            setEntry(EMPTY);
          }}
        />
      </section>
      <ParticipantsTable
        rows={rows}
        known={meeting.participants}
        faults={faultsByRow(revise.error?.error, sent)}
        open={validated}
        onSend={(row, on) => setRows(rows.map((one) => (one.key === row.key ? { ...one, send: on } : one)))}
        onEdit={(row) => {
          setEdited(row);
          setEntry(row);
        }}
        onRemove={(row) => setRows(rows.filter(({ key }) => key !== row.key))}
        onResend={resend}
        onLink={copyLink}
      />
      <div>
        <Button onPress={() => setImporting(true)}>{t("scheduled.import")}</Button>
      </div>
      <div className={styles.row}>
        <Button onPress={() => leave("/reunions-programmees/$meeting")}>{t("meetings.back")}</Button>
        <Button onPress={() => leave("/reunions-programmees")}>{t("meetings.cancel")}</Button>
        <Button look="primary" isDisabled={revise.isPending} onPress={save}>
          {t("meetings.save")}
        </Button>
      </div>
      {importing && (
        <ImportDialog
          people={absent(people?.former ?? [], rows)}
          onClose={() => setImporting(false)}
          onImport={(chosen) => {
            const entries = chosen.map(({ civility, name, email, role }) =>
              rowOf({ civility, name, email, role, send: true }),
            );
            setRows([...rows, ...entries]);
            setImporting(false);
          }}
        />
      )}
    </div>
  );
}
