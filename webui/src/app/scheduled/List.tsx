import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, Notice } from "../../ui/controls";
import { Bin, Enter, Envelope, Pencil, People } from "../../ui/icons";
import styles from "../app.module.css";
import { ConfirmDialog } from "../ConfirmDialog";
import { Pages } from "../Pages";
import { useSession } from "../session";
import { type Summary, useComing, useScheduledActions } from "./scheduled";
import look from "./scheduled.module.css";
import { takeTold } from "./told";

/** «Réunions programmées»: those of today and to come, and what can be done with them (SCHED-13). */
export function ScheduledList() {
  const { t } = useTranslation();
  const [page, setPage] = useState(1);
  const [told, setTold] = useState<string | null>(takeTold);
  const [deleted, setDeleted] = useState<Summary | null>(null);
  const meetings = useComing(page);
  const { remove, send } = useScheduledActions();
  const pages = Math.max(1, Math.ceil((meetings.data?.total ?? 0) / (meetings.data?.page_size ?? 50)));
  // The last meeting of the last page was deleted.
  if (meetings.data && page > pages) setPage(pages);
  const failed = remove.error ?? send.error ?? meetings.error;
  const sendAgain = ({ id, name }: Summary) => {
    setTold(null);
    send.mutate({ id }, { onSuccess: () => setTold(t("scheduled.sentAgain", { name })) });
  };
  return (
    <>
      <div className={styles.bar}>
        <h1>{t("scheduled.title")}</h1>
        <Link to="/reunions-programmees/nouvelle" className={styles.more}>
          {t("meetings.create")}
        </Link>
      </div>
      {told && <Notice kind="good">{told}</Notice>}
      {failed && <Notice kind="bad">{failed.message || t("common.failed")}</Notice>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, and not only by mouse */}
      <section className={styles.scroll} aria-label={t("scheduled.title")} tabIndex={0}>
        <table className={`${styles.table} ${look.table}`}>
          <thead>
            <tr>
              {(["when", "reference", "organizer", "participants", "state", "actions"] as const).map(
                (one) => (
                  <th key={one} scope="col">
                    {t(`scheduled.columns.${one}`)}
                  </th>
                ),
              )}
            </tr>
          </thead>
          <tbody>
            {meetings.data?.items.length !== undefined && meetings.data.items.length > 0 ? (
              meetings.data.items.map((one) => (
                <Row
                  key={one.id}
                  meeting={one}
                  onSend={() => sendAgain(one)}
                  onDelete={() => setDeleted(one)}
                />
              ))
            ) : (
              <tr>
                <td colSpan={6}>{t(meetings.isPending ? "common.loading" : "home.tile.nothing")}</td>
              </tr>
            )}
          </tbody>
        </table>
      </section>
      {pages > 1 && <Pages page={page} pages={pages} onPage={setPage} />}
      {deleted && (
        <DeleteDialog
          meeting={deleted}
          onClose={() => setDeleted(null)}
          onConfirm={() => {
            setTold(null);
            const done = t("scheduled.deleted", { name: deleted.name });
            remove.mutate(deleted.id, { onSuccess: () => setTold(done) });
            setDeleted(null);
          }}
        />
      )}
    </>
  );
}

function Row({ meeting, onSend, onDelete }: { meeting: Summary; onSend(): void; onDelete(): void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const mayJoin = useSession().data?.user.rights.may_join ?? false;
  const draft = meeting.state === "draft";
  const params = { meeting: String(meeting.id) };
  const act = (label: string, icon: React.ReactNode, onPress: () => void, primary = false) => (
    <span title={label} className={styles.act}>
      <Button
        look={primary ? "primary" : "quiet"}
        aria-label={`${label} : ${meeting.name}`}
        isDisabled={meeting.state === "expired"}
        onPress={onPress}
      >
        {icon}
      </Button>
    </span>
  );
  return (
    <tr>
      <td>{t("scheduled.when", { date: guideDay(meeting.date), time: meeting.time })}</td>
      <td className={look.name}>{meeting.name}</td>
      <td className={look.name}>{meeting.organizer}</td>
      <td>{meeting.participants}</td>
      <td>
        <span className={draft ? look.draft : look.state}>{t(`scheduled.state.${meeting.state}`)}</span>
      </td>
      <td>
        <div className={styles.cell}>
          {draft
            ? act(
                t("scheduled.validate"),
                t("scheduled.validate"),
                () => void navigate({ to: "/reunions-programmees/$meeting/validation", params }),
                true,
              )
            : mayJoin &&
              act(
                t("meetings.join"),
                <Enter />,
                () => void navigate({ to: "/reunions-programmees/$meeting/salle", params }),
                true,
              )}
          {act(
            t("meetings.change"),
            <Pencil />,
            () => void navigate({ to: "/reunions-programmees/$meeting", params }),
          )}
          {act(
            t("scheduled.people"),
            <People />,
            () => void navigate({ to: "/reunions-programmees/$meeting/participants", params }),
          )}
          {!draft && act(t("scheduled.resend"), <Envelope />, onSend)}
          {act(t("meetings.delete"), <Bin />, onDelete)}
        </div>
      </td>
    </tr>
  );
}

interface DeleteProps {
  meeting: Pick<Summary, "name" | "state">;
  onClose(): void;
  onConfirm(): void;
}

/** Before a meeting is deleted: who will be told. */
export function DeleteDialog({ meeting: { name, state }, onClose, onConfirm }: DeleteProps) {
  const { t } = useTranslation();
  return (
    <ConfirmDialog
      title={t("scheduled.delete")}
      action={t("meetings.delete")}
      onClose={onClose}
      onConfirm={onConfirm}
    >
      {t(state === "draft" ? "scheduled.deleteDraft" : "scheduled.deleteAsk", { name })}
    </ConfirmDialog>
  );
}

/** `18-06-2024`. @param day `2024-06-18` */
export function guideDay(day: string): string {
  return day.split("-").reverse().join("-");
}
