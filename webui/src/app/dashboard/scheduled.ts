import { useQuery } from "@tanstack/react-query";
import { between, type Summary } from "../scheduled/scheduled";
import type { Day } from "./month";

/** The meetings of these days, the first and the last one among them. */
export function useScheduled(from: Day, to: Day) {
  return useQuery({
    queryKey: ["scheduled-meetings", "between", from, to],
    queryFn: () => between(from, to),
  });
}

/** How many there are a day. */
export function countsOf(meetings: readonly Summary[]): ReadonlyMap<Day, number> {
  const counts = new Map<Day, number>();
  for (const { date } of meetings) counts.set(date, (counts.get(date) ?? 0) + 1);
  return counts;
}
