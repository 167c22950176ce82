import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, Notice, Toggle } from "../ui/controls";
import { Bin, Enter, Envelope, Pencil } from "../ui/icons";
import styles from "./app.module.css";
import { ConfirmDialog } from "./ConfirmDialog";
import { CopyButton } from "./CopyButton";
import { MeetingForm } from "./MeetingForm";
import { type PermanentMeeting, type Sort, useMeetingActions, useMeetings } from "./meetings";
import { Pages } from "./Pages";
import { ShareDialog } from "./ShareDialog";
import { useSession } from "./session";

/** «Réunions permanentes»: the table, and what can be done with a row (PERM-01 to PERM-09). */
export function Meetings() {
  const { t } = useTranslation();
  const [sort, setSort] = useState<Sort>("name");
  const [page, setPage] = useState(1);
  const [edited, setEdited] = useState<PermanentMeeting | "new" | null>(null);
  const [deleted, setDeleted] = useState<PermanentMeeting | null>(null);
  const [shared, setShared] = useState<PermanentMeeting | null>(null);
  const meetings = useMeetings(sort, page);
  const { change, remove } = useMeetingActions();
  if (edited)
    return <MeetingForm meeting={edited === "new" ? null : edited} onDone={() => setEdited(null)} />;
  const failed = change.error ?? remove.error;
  const pages = Math.max(1, Math.ceil((meetings.data?.total ?? 0) / (meetings.data?.page_size ?? 20)));
  // The last meeting of the last page was deleted.
  if (meetings.data && page > pages) setPage(pages);
  return (
    <>
      <div className={styles.bar}>
        <h1>{t("meetings.title")}</h1>
        <Button look="primary" onPress={() => setEdited("new")}>
          {t("meetings.create")}
        </Button>
      </div>
      {failed && <Notice kind="bad">{failed.message || t("common.failed")}</Notice>}
      {meetings.isError && <Notice kind="bad">{t("common.failed")}</Notice>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, and not only by mouse */}
      <section className={styles.scroll} aria-label={t("meetings.title")} tabIndex={0}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th aria-sort={sort === "name" ? "ascending" : "descending"}>
                <Button look="quiet" onPress={() => setSort(sort === "name" ? "-name" : "name")}>
                  {t("meetings.name")} <span aria-hidden="true">{sort === "name" ? "▲" : "▼"}</span>
                </Button>
              </th>
              <th>{t("meetings.number")}</th>
              <th>{t("meetings.link")}</th>
              <th>{t("meetings.active")}</th>
              <th>{t("meetings.codeActive")}</th>
              <th>{t("meetings.actions")}</th>
            </tr>
          </thead>
          <tbody>
            {meetings.isPending && (
              <tr>
                <td colSpan={6}>{t("common.loading")}</td>
              </tr>
            )}
            {meetings.data?.items.length === 0 && (
              <tr>
                <td colSpan={6}>{t("meetings.none")}</td>
              </tr>
            )}
            {meetings.data?.items.map((meeting) => (
              <Row
                key={meeting.id}
                meeting={meeting}
                onChange={(what) => change.mutate({ id: meeting.id, change: what })}
                onEdit={() => setEdited(meeting)}
                onShare={() => setShared(meeting)}
                onDelete={() => setDeleted(meeting)}
              />
            ))}
          </tbody>
        </table>
      </section>
      {pages > 1 && <Pages page={page} pages={pages} onPage={setPage} />}
      {shared && <ShareDialog meeting={shared} onClose={() => setShared(null)} />}
      {deleted && (
        <ConfirmDialog
          title={t("meetings.delete")}
          action={t("meetings.delete")}
          onClose={() => setDeleted(null)}
          onConfirm={() => {
            remove.mutate(deleted.id);
            setDeleted(null);
          }}
        >
          {t("meetings.deleteAsk", { name: deleted.name })}
        </ConfirmDialog>
      )}
    </>
  );
}

interface RowProps {
  meeting: PermanentMeeting;
  onChange(change: { active?: boolean; code_active?: boolean }): void;
  onEdit(): void;
  onShare(): void;
  onDelete(): void;
}

function Row({ meeting, onChange, onEdit, onShare, onDelete }: RowProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const mayJoin = useSession().data?.user.rights.may_join ?? false;
  return (
    <tr>
      <td>{meeting.name}</td>
      <td>
        <span className={styles.cell}>
          <span className={styles.address}>
            {meeting.number}
            <wbr />@{meeting.address.split("@")[1]}
          </span>
          <CopyButton text={meeting.address} label={t("meetings.copyNumber")} />
        </span>
      </td>
      <td>
        <span className={styles.cell}>
          <a className={styles.link} href={meeting.link} title={meeting.link}>
            {meeting.link}
          </a>
          <CopyButton text={meeting.link} label={t("meetings.copyLink")} />
        </span>
      </td>
      <td>
        <Toggle
          aria-label={`${t("meetings.active")} : ${meeting.name}`}
          isSelected={meeting.active}
          onChange={(active) => onChange({ active })}
        />
      </td>
      <td>
        <Toggle
          aria-label={`${t("meetings.codeActive")} : ${meeting.name}`}
          isSelected={meeting.code_active}
          onChange={(code_active) => onChange({ code_active })}
        />
      </td>
      <td>
        <div className={`${styles.cell} ${styles.acts}`}>
          <Act
            label={t("meetings.join")}
            look="primary"
            isDisabled={!meeting.active || !mayJoin}
            onPress={() =>
              void navigate({
                to: "/reunions-permanentes/$meeting/salle",
                params: { meeting: String(meeting.id) },
              })
            }
          >
            <Enter />
          </Act>
          <Act label={t("sharing.act")} onPress={onShare}>
            <Envelope />
          </Act>
          <Act label={t("meetings.edit")} onPress={onEdit}>
            <Pencil />
          </Act>
          <Act label={t("meetings.delete")} onPress={onDelete}>
            <Bin />
          </Act>
        </div>
      </td>
    </tr>
  );
}

interface ActProps {
  label: string;
  look?: "primary" | "quiet";
  isDisabled?: boolean;
  onPress(): void;
  children: ReactNode;
}

/** What an icon does is said to screen readers, and to whoever points at it. */
function Act({ label, look = "quiet", isDisabled = false, onPress, children }: ActProps) {
  return (
    <span title={label} className={styles.act}>
      <Button look={look} aria-label={label} isDisabled={isDisabled} onPress={onPress}>
        {children}
      </Button>
    </span>
  );
}
