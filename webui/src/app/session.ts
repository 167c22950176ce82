import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ApiProblem, answered, api, type Schemas } from "../api/client";

export type Session = Schemas["SessionView"];

const KEY = ["session"];

/** Who is logged in; null where nobody is. */
export function useSession() {
  return useQuery({
    queryKey: KEY,
    queryFn: () =>
      answered(api.GET("/api/session")).catch((error: ApiProblem): Session | null => {
        if (error.status === 401) return null;
        throw error;
      }),
    staleTime: 60_000,
  });
}

export function useSetSession(): (session: Session | null) => void {
  const queries = useQueryClient();
  return (session) => {
    // What one user saw is nothing for the next.
    queries.removeQueries({ predicate: (query) => query.queryKey[0] !== KEY[0] });
    queries.setQueryData(KEY, session);
  };
}
