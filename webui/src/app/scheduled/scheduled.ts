import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ApiProblem, answered, api, type Schemas } from "../../api/client";
import type { Day } from "../dashboard/month";

export type Scheduled = Schemas["ScheduledMeetingView"];
export type Summary = Schemas["ScheduledSummary"];
export type Participant = Schemas["InviteeView"];
export type Fields = Schemas["ScheduledFields"];
export type People = Schemas["People"];
export type ParticipantFields = Schemas["ParticipantFields"];

/** Everything of scheduled meetings: one word of the box makes all of it stale. */
const KEY = "scheduled-meetings";

/** A page of those of today and of the days to come. */
export function useComing(page: number) {
  return useQuery<Schemas["ScheduledMeetings"], ApiProblem>({
    queryKey: [KEY, "page", page],
    queryFn: () => answered(api.GET("/api/scheduled-meetings", { params: { query: { page } } })),
    placeholderData: keepPreviousData,
  });
}

/** All of these days, the first and the last one among them, whatever number of pages they fill. */
export async function between(from: Day, to: Day): Promise<Summary[]> {
  const all: Summary[] = [];
  for (let page = 1; ; page++) {
    const query = { from, to, page };
    const { items, total } = await answered(api.GET("/api/scheduled-meetings", { params: { query } }));
    all.push(...items);
    if (items.length === 0 || all.length >= total) return all;
  }
}

export function useScheduledMeeting(id: number) {
  return useQuery<Scheduled, ApiProblem>({
    queryKey: [KEY, "one", id],
    queryFn: () => answered(api.GET("/api/scheduled-meetings/{id}", { params: { path: { id } } })),
  });
}

/** Whom to propose where participants are filled in. */
export function usePeople() {
  return useQuery<People, ApiProblem>({
    queryKey: [KEY, "people"],
    queryFn: () => answered(api.GET("/api/scheduled-meetings/people")),
  });
}

export function useScheduledActions() {
  const queries = useQueryClient();
  const onSettled = () => queries.invalidateQueries({ queryKey: [KEY] });
  const path = (id: number) => ({ params: { path: { id } } });
  const create = useMutation<Scheduled, ApiProblem, Fields>({
    mutationFn: (body) => answered(api.POST("/api/scheduled-meetings", { body })),
    onSettled,
  });
  const change = useMutation<Scheduled, ApiProblem, { id: number; body: Schemas["ScheduledChange"] }>({
    mutationFn: ({ id, body }) => answered(api.PATCH("/api/scheduled-meetings/{id}", { ...path(id), body })),
    onSettled,
  });
  const revise = useMutation<Scheduled, ApiProblem, { id: number; body: Schemas["ParticipantList"] }>({
    mutationFn: ({ id, body }) =>
      answered(api.PUT("/api/scheduled-meetings/{id}/participants", { ...path(id), body })),
    onSettled,
  });
  const validate = useMutation<Scheduled, ApiProblem, { id: number; body: Schemas["Validation"] }>({
    mutationFn: ({ id, body }) =>
      answered(api.POST("/api/scheduled-meetings/{id}/validation", { ...path(id), body })),
    onSettled,
  });
  const send = useMutation<Scheduled, ApiProblem, { id: number; participants?: number[] }>({
    mutationFn: ({ id, participants = null }) =>
      answered(api.POST("/api/scheduled-meetings/{id}/invitations", { ...path(id), body: { participants } })),
    onSettled,
  });
  const link = useMutation<Schemas["PersonalLink"], ApiProblem, { id: number; participant: number }>({
    mutationFn: ({ id, participant }) =>
      answered(
        api.POST("/api/scheduled-meetings/{id}/participants/{participant}/link", {
          params: { path: { id, participant } },
        }),
      ),
  });
  const remove = useMutation<unknown, ApiProblem, number>({
    mutationFn: (id) => answered(api.DELETE("/api/scheduled-meetings/{id}", path(id))),
    onSettled,
  });
  return { create, change, revise, validate, send, link, remove };
}
