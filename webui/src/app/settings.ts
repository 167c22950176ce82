import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ApiProblem, answered, api, type Schemas } from "../api/client";
import type { SettingsDocument } from "../settings-form/document";

export type BoxSettings = Schemas["SettingsView"];
export type Changed = Schemas["SettingsChanged"];
export type Fault = Schemas["Fault"];
/** The description says of the document only that it is one: its tables and keys are the domain's. */
type Sent = Schemas["NewSettings"]["document"];
/** A change that waits, as it is told to who asked for it. */
export type Ticket = Extract<Changed, { outcome: "pending" }>;

const KEY = ["settings"];

/** The settings. While a change waits, the box is asked again and again: it restarts, and others may decide. */
export function useSettings() {
  return useQuery<BoxSettings, ApiProblem>({
    queryKey: KEY,
    queryFn: () => answered(api.GET("/api/system/settings")),
    // What somebody is changing is not taken from under their hands; that it has changed meanwhile, the box says.
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnReconnect: false,
    refetchOnWindowFocus: false,
    refetchInterval: (query) => (query.state.data?.pending ? 2000 : false),
    refetchIntervalInBackground: true,
    // A box that starts anew is away for a few seconds.
    retry: (count, problem) => count < 15 && problem.status === 0,
    retryDelay: 1000,
  });
}

export const CONFIRMATION_PATH = "/confirmer-les-reglages";

export function useReload(): () => Promise<void> {
  const queries = useQueryClient();
  return async () => {
    await queries.invalidateQueries({ queryKey: KEY });
    // Its office and support are shown around every page.
    void queries.invalidateQueries({ queryKey: ["session"] });
  };
}

export function useChange() {
  return useMutation<Changed, ApiProblem, { version: number; document: SettingsDocument }>({
    mutationFn: ({ version, document }) =>
      answered(api.PUT("/api/system/settings", { body: { version, document: document as Sent } })),
  });
}

export function useTestMail() {
  return useMutation<Schemas["TrialMailSent"], ApiProblem, SettingsDocument>({
    mutationFn: (document) =>
      answered(api.POST("/api/system/settings/test-mail", { body: { document: document as Sent } })),
  });
}

export function useTestSms() {
  return useMutation<Schemas["TrialSmsSent"], ApiProblem, SettingsDocument>({
    mutationFn: (document) =>
      answered(api.POST("/api/system/settings/test-sms", { body: { document: document as Sent } })),
  });
}

/** The page's right to decide on a change: the token, or, without one, the session. */
export interface Right {
  change: number;
  token: string | null;
}

/** A box that still applies the change, or starts anew for it, is asked again until it answers. */
export function useConfirm() {
  return useMutation<unknown, ApiProblem, Right>({
    mutationFn: (body) => answered(api.POST("/api/system/settings/confirmation", { body })),
    retry: (count, problem) => count < 60 && (problem.code === "too_early" || problem.status === 0),
    retryDelay: 1000,
  });
}

export function useAbandon() {
  return useMutation<unknown, ApiProblem, Right>({
    mutationFn: (body) => answered(api.POST("/api/system/settings/abandonment", { body })),
    retry: (count, problem) => count < 10 && problem.status === 0,
    retryDelay: 1000,
  });
}

/** What is wrong, by key. */
export function faultsOf(problem: ApiProblem | null): Record<string, string> {
  const faults = problem?.error?.["faults"] as Fault[] | undefined;
  return Object.fromEntries((faults ?? []).map(({ key, text }) => [key, sentence(text)]));
}

/** As it stands alone; behind its key and a colon, it begins small. */
function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
