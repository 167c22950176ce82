/** A month’s calendar, by days as `2026-11-27`: no clock, no time zone. */

export type Day = string;

const MILLISECONDS = 86_400_000;
const WEEKS = 6;

function parsed(day: Day): Date {
  return new Date(`${day}T00:00:00Z`);
}

function written(date: Date): Day {
  return date.toISOString().slice(0, 10);
}

export function addDays(day: Day, days: number): Day {
  return written(new Date(parsed(day).getTime() + days * MILLISECONDS));
}

/** The same day of another month, or its last one where it has fewer. */
export function addMonths(day: Day, months: number): Day {
  const date = parsed(day);
  const first = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1));
  const length = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  return addDays(written(first), Math.min(date.getUTCDate(), length) - 1);
}

export function isSameMonth(one: Day, other: Day): boolean {
  return one.slice(0, 7) === other.slice(0, 7);
}

/** 0 is Monday. */
function weekday(day: Day): number {
  return (parsed(day).getUTCDay() + 6) % 7;
}

/** Six weeks, Monday first, with the days of the neighbouring months that fill them. */
export function weeksOf(day: Day): Day[][] {
  const first = `${day.slice(0, 7)}-01`;
  const monday = addDays(first, -weekday(first));
  return Array.from({ length: WEEKS }, (_, week) =>
    Array.from({ length: 7 }, (_, at) => addDays(monday, week * 7 + at)),
  );
}

/** Where a key leads from a day (WAI-ARIA’s date grid); null for one that leads nowhere. */
export function move(day: Day, key: string): Day | null {
  switch (key) {
    case "ArrowLeft":
      return addDays(day, -1);
    case "ArrowRight":
      return addDays(day, 1);
    case "ArrowUp":
      return addDays(day, -7);
    case "ArrowDown":
      return addDays(day, 7);
    case "Home":
      return addDays(day, -weekday(day));
    case "End":
      return addDays(day, 6 - weekday(day));
    case "PageUp":
      return addMonths(day, -1);
    case "PageDown":
      return addMonths(day, 1);
    default:
      return null;
  }
}
