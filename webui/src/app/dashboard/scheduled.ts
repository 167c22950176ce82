import { useQuery } from "@tanstack/react-query";
import type { Day } from "./month";

/** A scheduled meeting, as the dashboard shows it. */
export interface ScheduledMeeting {
  readonly id: number;
  readonly date: Day;
  /** `16h00` */
  readonly time: string;
  readonly name: string;
  readonly organizer: string;
  readonly state: string;
  readonly participants: number;
}

interface Source {
  /** The meetings of these days, the first and the last one among them. */
  between(from: Day, to: Day): Promise<ScheduledMeeting[]>;
  /** The page of all of them. */
  readonly page: string;
}

/** Where they come from; none while the box has no scheduled meetings: then there are none to be shown. */
export const SOURCE = null as Source | null;

export function scheduledBetween(from: Day, to: Day): Promise<ScheduledMeeting[]> {
  return SOURCE ? SOURCE.between(from, to) : Promise.resolve([]);
}

export function useScheduled(from: Day, to: Day) {
  return useQuery({
    queryKey: ["scheduled-meetings", "between", from, to],
    queryFn: () => scheduledBetween(from, to),
  });
}

/** How many there are a day. */
export function countsOf(meetings: readonly ScheduledMeeting[]): ReadonlyMap<Day, number> {
  const counts = new Map<Day, number>();
  for (const { date } of meetings) counts.set(date, (counts.get(date) ?? 0) + 1);
  return counts;
}
