import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { ApiProblem, answered, api, type ErrorView, type Schemas } from "../api/client";

export type DirectoryEntry = Schemas["DirectoryEntryView"];
export type DirectoryState = Schemas["DirectoryStateView"];
export type Imported = Schemas["DirectoryImported"];

const KEY = "directory";
/** Characters that the box searches for (`domain::directory`). */
export const LONGEST_SEARCH = 100;
/** What the box takes, in bytes (`tabellion_directory::csv`). */
export const LARGEST_FILE = 32 * 2 ** 20;
/** For so long nothing is typed before it is searched for, in milliseconds. */
const PAUSE = 250;

/** What is found. @param page from 1 */
export function useDirectory(query: string, entity: string, page: number) {
  return useQuery<Schemas["DirectoryPageView"], ApiProblem>({
    queryKey: [KEY, "search", query, entity, page],
    queryFn: ({ signal }) =>
      answered(api.GET("/api/directory", { params: { query: { query, entity, page } }, signal })),
    placeholderData: keepPreviousData,
    // What is refused is refused again.
    retry: (count, problem) => problem.status !== 422 && count < 1,
  });
}

/** Origin and age of the copy that is searched, and the entities that it has. */
export function useDirectoryState() {
  return useQuery<DirectoryState, ApiProblem>({
    queryKey: [KEY, "state"],
    queryFn: () => answered(api.GET("/api/directory/state")),
  });
}

/** Puts a CSV file in the place of the directory. */
export function useDirectoryImport() {
  const queries = useQueryClient();
  return useMutation<Imported, ApiProblem, File>({
    mutationFn: send,
    onSettled: () => queries.invalidateQueries({ queryKey: [KEY] }),
  });
}

async function send(file: File): Promise<Imported> {
  const headers = { "X-Tabellion": "1", "Content-Type": "text/csv" };
  let answer: Response;
  try {
    answer = await fetch("/api/directory/import", { method: "POST", headers, body: file });
  } catch {
    throw new ApiProblem(0, null);
  }
  const body = (await answer.json().catch(() => null)) as { error?: ErrorView } | null;
  if (!answer.ok) throw new ApiProblem(answer.status, body?.error ?? null);
  return body as Imported;
}

/** A value that is typed, once nothing more is typed. */
export function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const pause = setTimeout(() => setSettled(value), PAUSE);
    return () => clearTimeout(pause);
  }, [value]);
  return settled;
}
