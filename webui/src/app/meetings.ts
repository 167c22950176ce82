import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ApiProblem, answered, api, type Schemas } from "../api/client";

export type PermanentMeeting = Schemas["PermanentMeetingView"];
export type NewMeeting = Schemas["NewPermanentMeeting"];
export type MeetingChange = Schemas["MeetingChange"];
export type Sort = "name" | "-name";

const KEY = "permanent-meetings";

export function useMeetings(sort: Sort, page: number) {
  return useQuery({
    queryKey: [KEY, sort, page],
    queryFn: () => answered(api.GET("/api/permanent-meetings", { params: { query: { sort, page } } })),
    placeholderData: keepPreviousData,
  });
}

/** All of them, whatever number of pages they fill. */
export function useAllMeetings() {
  return useQuery({
    queryKey: [KEY, "all"],
    queryFn: async () => {
      const all: PermanentMeeting[] = [];
      for (let page = 1; ; page++) {
        const query = { sort: "name" as const, page };
        const { items, total } = await answered(api.GET("/api/permanent-meetings", { params: { query } }));
        all.push(...items);
        if (items.length === 0 || all.length >= total) return all;
      }
    },
  });
}

export function useMeetingActions() {
  const queries = useQueryClient();
  const onSettled = () => queries.invalidateQueries({ queryKey: [KEY] });
  const create = useMutation<PermanentMeeting, ApiProblem, NewMeeting>({
    mutationFn: (body) => answered(api.POST("/api/permanent-meetings", { body })),
    onSettled,
  });
  const change = useMutation<PermanentMeeting, ApiProblem, { id: number; change: MeetingChange }>({
    mutationFn: ({ id, change }) =>
      answered(api.PATCH("/api/permanent-meetings/{id}", { params: { path: { id } }, body: change })),
    onSettled,
  });
  const remove = useMutation<unknown, ApiProblem, number>({
    mutationFn: (id) => answered(api.DELETE("/api/permanent-meetings/{id}", { params: { path: { id } } })),
    onSettled,
  });
  return { create, change, remove };
}
