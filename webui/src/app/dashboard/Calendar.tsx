import { type KeyboardEvent, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/controls";
import { ChevronLeft, ChevronRight } from "../../ui/icons";
import look from "./dashboard.module.css";
import { addDays, addMonths, type Day, isSameMonth, move, weeksOf } from "./month";

interface Props {
  /** What it is for. */
  title: string;
  today: Day;
  selected: Day;
  /** How many meetings a day has. */
  meetings: ReadonlyMap<Day, number>;
  onSelect(day: Day): void;
}

/** A Monday: what days of the week are called. */
const MONDAY = "2025-01-06";

/** The month’s calendar (DASH-04): a day with a meeting has a coloured ground, and says so to whoever does not see it. */
export function Calendar({ title, today, selected, meetings, onSelect }: Props) {
  const { t, i18n } = useTranslation();
  const table = useRef<HTMLTableElement>(null);
  // The key that led to another day takes the focus there; a click keeps it by itself.
  const follows = useRef(false);
  useEffect(() => {
    if (follows.current) table.current?.querySelector<HTMLElement>(`[data-day="${selected}"]`)?.focus();
    follows.current = false;
  }, [selected]);

  const write = (day: Day, options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(i18n.language, { ...options, timeZone: "UTC" }).format(new Date(`${day}T00:00Z`));
  const press = (event: KeyboardEvent) => {
    const to = move(selected, event.key);
    if (!to) return;
    event.preventDefault();
    follows.current = to !== selected;
    onSelect(to);
  };

  return (
    <div className={look.calendar}>
      <div className={look.month}>
        <Button
          look="quiet"
          aria-label={t("home.calendar.previous")}
          onPress={() => onSelect(addMonths(selected, -1))}
        >
          <ChevronLeft />
        </Button>
        <h2 aria-live="polite">{write(selected, { day: "numeric", month: "long", year: "numeric" })}</h2>
        <Button
          look="quiet"
          aria-label={t("home.calendar.next")}
          onPress={() => onSelect(addMonths(selected, 1))}
        >
          <ChevronRight />
        </Button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table whose cells are reached by arrows is a grid */}
      <table ref={table} role="grid" aria-label={title} onKeyDown={press}>
        <thead>
          <tr>
            {Array.from({ length: 7 }, (_, at) => addDays(MONDAY, at)).map((day) => (
              <th key={day} scope="col" abbr={write(day, { weekday: "long" })}>
                {write(day, { weekday: "short" })}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeksOf(selected).map((week) => (
            <tr key={week[0]}>
              {week.map((day) => {
                const count = meetings.get(day) ?? 0;
                const long = write(day, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
                const classes = [
                  look.day,
                  isSameMonth(day, selected) ? "" : look.neighbour,
                  count > 0 ? look.busy : "",
                ];
                return (
                  // biome-ignore lint/a11y/useAriaPropsSupportedByRole: a grid's cell, as the table is a grid
                  <td key={day} aria-selected={day === selected}>
                    <button
                      type="button"
                      data-day={day}
                      className={classes.filter(Boolean).join(" ")}
                      tabIndex={day === selected ? 0 : -1}
                      aria-label={count > 0 ? `${long}, ${t("home.calendar.meetings", { count })}` : long}
                      aria-current={day === today ? "date" : undefined}
                      onClick={() => onSelect(day)}
                    >
                      {Number(day.slice(8))}
                    </button>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
