import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/controls";
import styles from "../app.module.css";
import { CallRow } from "../CallRow";
import { useCalls, useWeek } from "../calls";
import calls from "../calls.module.css";
import { MeetingForm } from "../MeetingForm";
import { type PermanentMeeting, useAllMeetings } from "../meetings";
import { todayInFrance } from "../moments";
import { AttestationTile } from "./AttestationTile";
import { Calendar } from "./Calendar";
import { Counter } from "./Counter";
import look from "./dashboard.module.css";
import { addDays, weeksOf } from "./month";
import { PermanentTile } from "./PermanentTile";
import { DayTile, ScheduledTile } from "./ScheduledTiles";
import { countsOf, useScheduled } from "./scheduled";
import { Tile } from "./Tile";

/** Calls that the tile shows. */
const LAST = 10;

/** «Tableau de bord» (DASH-01 to DASH-10). */
export function Dashboard() {
  const { t } = useTranslation();
  const [edited, setEdited] = useState<PermanentMeeting | null>(null);
  if (edited) return <MeetingForm meeting={edited} onDone={() => setEdited(null)} />;
  return (
    <>
      <h1>{t("menu.dashboard")}</h1>
      <Counters />
      <Lists onEdit={setEdited} />
    </>
  );
}

function Counters() {
  const { t } = useTranslation();
  const week = useWeek();
  const meetings = useAllMeetings();
  const today = todayInFrance(new Date());
  const scheduled = useScheduled(today, today);
  return (
    <div className={look.counters}>
      <Counter
        title={t("home.week.title")}
        value={week.data && `${week.data.missed}/${week.data.received}`}
        failed={week.isError}
        legend={t("home.week.legend")}
      >
        <span className={styles.act} title={t("home.calls.notYet")}>
          <Button isDisabled aria-label={`${t("home.week.call")} – ${t("home.calls.notYet")}`}>
            {t("home.week.call")}
          </Button>
        </span>
      </Counter>
      <Counter
        title={t("home.scheduled.title")}
        value={scheduled.data?.length}
        failed={scheduled.isError}
        legend={t("home.scheduled.today")}
      >
        <Link to="/reunions-programmees" className={styles.more}>
          {t("home.scheduled.title")}
        </Link>
      </Counter>
      <Counter
        title={t("dashboard.permanent")}
        value={meetings.data?.filter((one) => one.active).length}
        failed={meetings.isError}
        legend={t("dashboard.permanentActive")}
      >
        <Link to="/reunions-permanentes" className={styles.more}>
          {t("dashboard.permanent")}
        </Link>
      </Counter>
    </div>
  );
}

function Lists({ onEdit }: { onEdit(meeting: PermanentMeeting): void }) {
  const { t } = useTranslation();
  const today = todayInFrance(new Date());
  const [day, setDay] = useState(today);
  const weeks = weeksOf(day);
  const first = weeks[0]?.[0] ?? day;
  const month = useScheduled(first, addDays(first, weeks.length * 7 - 1));
  return (
    <div className={look.lists}>
      <div className={look.column}>
        <Calendar
          title={t("home.calendar.title")}
          today={today}
          selected={day}
          meetings={countsOf(month.data ?? [])}
          onSelect={setDay}
        />
        <DayTile day={day} meetings={month.data?.filter(({ date }) => date === day)} query={month} />
      </div>
      <div className={look.column}>
        <ScheduledTile meetings={month.data?.filter(({ date }) => date >= today)} query={month} />
        <PermanentTile onEdit={onEdit} />
        <AttestationTile />
      </div>
      <div className={look.column}>
        <LastCalls />
      </div>
    </div>
  );
}

/** «Derniers appels» (DASH-07). */
function LastCalls() {
  const { t } = useTranslation();
  const found = useCalls({ show: "all", query: "", page: 1 });
  return (
    <Tile title={t("home.calls.last")} count={found.data?.total} query={found}>
      <ul className={calls.list}>
        {found.data?.items.slice(0, LAST).map((call) => (
          <CallRow key={call.id} call={call} />
        ))}
      </ul>
      <Link to="/journal-d-appel" className={look.all}>
        {t("home.calls.title")}
      </Link>
    </Tile>
  );
}
