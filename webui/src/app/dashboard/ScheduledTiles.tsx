import { useTranslation } from "react-i18next";
import look from "./dashboard.module.css";
import type { Day } from "./month";
import type { ScheduledMeeting } from "./scheduled";
import { type Shown, Tile } from "./Tile";

interface Props {
  meetings: readonly ScheduledMeeting[] | undefined;
  query: Shown;
}

/** «Réunions Programmées»: those to come of the month that is shown. */
export function ScheduledTile({ meetings, query }: Props) {
  const { t } = useTranslation();
  return (
    <Tile title={t("home.scheduled.title")} count={meetings?.length} query={query}>
      <Meetings meetings={meetings ?? []} withDay />
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

function Meetings({ meetings, withDay }: { meetings: readonly ScheduledMeeting[]; withDay?: true }) {
  const { t, i18n } = useTranslation();
  return (
    <ul className={look.list}>
      {meetings.map(({ id, date, time, name, organizer }) => (
        <li key={id}>
          <span className={look.grow}>
            {t("home.day.meeting", { time, name })}
            <span className={look.under}>
              {withDay ? `${dayText(date, i18n.language)} · ${organizer}` : organizer}
            </span>
          </span>
        </li>
      ))}
    </ul>
  );
}

function dayText(day: Day, language: string): string {
  const options = { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" } as const;
  return new Intl.DateTimeFormat(language, options).format(new Date(`${day}T00:00Z`));
}
