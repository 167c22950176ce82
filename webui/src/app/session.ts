import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext } from "react";
import { type ApiProblem, answered, api, type Schemas } from "../api/client";

export type Session = Schemas["SessionView"];

const KEY = ["session"];

/** Leaves the page with the session, which `ending` ends: what was on it is kept for nobody. */
export const Leaving = createContext<(ending: Promise<unknown>) => void>(() => undefined);

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

/** The same user is logged in again: what the page shows stays, and is looked at anew. */
export function useResume(): (session: Session) => void {
  const queries = useQueryClient();
  return (session) => {
    queries.setQueryData(KEY, session);
    void queries.invalidateQueries({ predicate: (query) => query.queryKey[0] !== KEY[0] });
  };
}
