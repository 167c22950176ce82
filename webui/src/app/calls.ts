import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type ApiProblem, answered, api, type Schemas } from "../api/client";

export type Call = Schemas["CallView"];
export type CallPage = Schemas["CallPageView"];
export type Week = Schemas["WeekView"];

const KEY = "calls";
/** Characters that the box searches for. */
export const LONGEST_SEARCH = 100;

/** What of the log is shown. */
export interface CallFilter {
  show: "all" | "received" | "made" | "missed";
  query: string;
  /** From 1. */
  page: number;
}

/** The user's own calls, the last one first. */
export function useCalls({ show, query, page }: CallFilter) {
  return useQuery<CallPage, ApiProblem>({
    queryKey: [KEY, show, query, page],
    queryFn: () => {
      const direction = show === "received" || show === "made" ? { direction: show } : {};
      const missed = show === "missed" ? { missed: true } : {};
      return answered(api.GET("/api/calls", { params: { query: { ...direction, ...missed, query, page } } }));
    },
    placeholderData: keepPreviousData,
  });
}

/** «Appels reçus cette semaine» (DASH-01). */
export function useWeek() {
  return useQuery<Week, ApiProblem>({
    queryKey: [KEY, "week"],
    queryFn: () => answered(api.GET("/api/calls/week")),
  });
}
