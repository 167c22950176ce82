import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ApiProblem, answered, api, type Schemas } from "../api/client";

export type Share = Schemas["ShareView"];
type NewShare = Schemas["NewShare"];

const keyOf = (meeting: number) => ["deliveries", "permanent-meeting", meeting];

/** What has become of the mails about a permanent meeting. */
export function useShares(meeting: number) {
  return useQuery<Share[], ApiProblem>({
    queryKey: keyOf(meeting),
    queryFn: async () => {
      const params = { path: { id: meeting } };
      return (await answered(api.GET("/api/permanent-meetings/{id}/shares", { params }))).items;
    },
  });
}

/** Sends its link and number by mail (PERM-04). */
export function useShare(meeting: number) {
  const queries = useQueryClient();
  return useMutation<Schemas["Shares"], ApiProblem, NewShare>({
    mutationFn: (body) =>
      answered(api.POST("/api/permanent-meetings/{id}/shares", { params: { path: { id: meeting } }, body })),
    onSettled: () => queries.invalidateQueries({ queryKey: keyOf(meeting) }),
  });
}
