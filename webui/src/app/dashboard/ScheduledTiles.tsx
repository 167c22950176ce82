import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Notice } from "../../ui/controls";
import { DeleteDialog, guideDay } from "../scheduled/List";
import { type Summary, useScheduledActions } from "../scheduled/scheduled";
import { useSession } from "../session";
import look from "./dashboard.module.css";
import type { Day } from "./month";
import { RowMenu } from "./RowMenu";
import { type Shown, Tile } from "./Tile";

interface Props {
  meetings: readonly Summary[] | undefined;
  query: Shown;
}

/** «Réunions Programmées»: those to come of the month that is shown. */
export function ScheduledTile({ meetings, query }: Props) {
  const { t } = useTranslation();
  return (
    <Tile title={t("home.scheduled.title")} count={meetings?.length} query={query}>
      <Meetings meetings={meetings ?? []} withDay />
      <Link to="/reunions-programmees" className={look.all}>
        {t("scheduled.all")}
      </Link>
    </Tile>
  );
}

/** «Réunions du jour»: those of the day that was clicked at (DASH-05). */
export function DayTile({ day, meetings, query }: Props & { day: Day }) {
  const { t, i18n } = useTranslation();
  return (
    <Tile
      title={t("home.day.title")}
      subtitle={dayText(day, i18n.language)}
      count={meetings?.length}
      query={query}
    >
      <Meetings meetings={meetings ?? []} />
    </Tile>
  );
}

/** Each with what can be done with it (DASH-09). */
function Meetings({ meetings, withDay }: { meetings: readonly Summary[]; withDay?: true }) {
  const { t, i18n } = useTranslation();
  const { remove } = useScheduledActions();
  const [removed, setRemoved] = useState<Summary | null>(null);
  const [told, setTold] = useState("");
  const share = (meeting: Summary) => {
    const { name, time, address: number } = meeting;
    const text = t("scheduled.share.text", { name, date: guideDay(meeting.date), time, number });
    navigator.clipboard.writeText(text).then(
      () => setTold(t("scheduled.share.done", { name })),
      () => setTold(t("meetings.copyFailed")),
    );
  };
  return (
    <>
      {remove.error && <Notice kind="bad">{remove.error.message || t("common.failed")}</Notice>}
      <ul className={look.list}>
        {meetings.map((meeting) => (
          <li key={meeting.id}>
            <span className={look.grow}>
              {t("home.day.meeting", { time: meeting.time, name: meeting.name })}
              <span className={look.under}>
                {withDay && `${dayText(meeting.date, i18n.language)} · `}
                {meeting.organizer}
                {meeting.state === "draft" && ` · ${t("scheduled.state.draft")}`}
              </span>
            </span>
            <Acts meeting={meeting} onShare={() => share(meeting)} onRemove={() => setRemoved(meeting)} />
          </li>
        ))}
      </ul>
      <p role="status" className={look.told}>
        {told}
      </p>
      {removed && (
        <DeleteDialog
          meeting={removed}
          onClose={() => setRemoved(null)}
          onConfirm={() => {
            remove.mutate(removed.id);
            setRemoved(null);
          }}
        />
      )}
    </>
  );
}

function Acts({ meeting, onShare, onRemove }: { meeting: Summary; onShare(): void; onRemove(): void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const mayJoin = useSession().data?.user.rights.may_join ?? false;
  const { state } = meeting;
  const params = { meeting: String(meeting.id) };
  const open = state === "validated" || state === "sent";
  const join = () => void navigate({ to: "/reunions-programmees/$meeting/salle", params });
  const validate = () => void navigate({ to: "/reunions-programmees/$meeting/validation", params });
  const edit = () => void navigate({ to: "/reunions-programmees/$meeting", params });
  const people = () => void navigate({ to: "/reunions-programmees/$meeting/participants", params });
  const sittings = () => void navigate({ to: "/seances/$meeting", params });
  const live = (run: () => void) => (state === "expired" ? null : run);
  return (
    <RowMenu
      name={meeting.name}
      acts={[
        state === "draft"
          ? [t("scheduled.validate"), validate]
          : [t("meetings.join"), open && mayJoin ? join : null],
        [t("meetings.change"), live(edit)],
        [t("scheduled.people"), live(people)],
        [t("home.share.act"), open ? onShare : null],
        [t("sittings.open"), state === "draft" ? null : sittings],
        [t("meetings.delete"), live(onRemove)],
      ]}
    />
  );
}

function dayText(day: Day, language: string): string {
  const options = { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" } as const;
  return new Intl.DateTimeFormat(language, options).format(new Date(`${day}T00:00Z`));
}
