import createClient from "openapi-fetch";
import { isAttended } from "./attendance";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
export type ErrorView = Schemas["ErrorView"];

/** The box's refusal, or its silence. `message` is French, for the user; null where the box did not answer. */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly error: ErrorView | null,
  ) {
    super(error?.message ?? "");
  }

  get code(): string {
    return this.error?.code ?? "unreachable";
  }
}

/** X-Tabellion: what a foreign page cannot send. */
export const api = createClient<paths>({ headers: { "X-Tabellion": "1" } });
api.use({
  onRequest({ request }) {
    // What a page asks by itself, since something has changed, keeps nobody logged in.
    if (!isAttended()) request.headers.set("X-Tabellion-Unattended", "1");
    return request;
  },
});

const listeners = new Set<() => void>();

/** Calls `run` whenever the box refuses something because nobody is logged in any more. @returns stops it */
export function onLoggedOut(run: () => void): () => void {
  listeners.add(run);
  return () => void listeners.delete(run);
}

/** The box has said so to something that did not go by {@link api}. */
export function loggedOut(): void {
  for (const run of listeners) run();
}

api.use({
  onResponse({ request, response }) {
    // What is asked under this address is the login itself.
    const isLogin = new URL(request.url).pathname.startsWith("/api/session");
    if (response.status === 401 && !isLogin) loggedOut();
  },
});

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The answer's data. @throws ApiProblem */
export async function answered<T>(request: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await request;
  } catch {
    throw new ApiProblem(0, null);
  }
  if (answer.response.ok) return answer.data as T;
  const body = answer.error as { error?: ErrorView } | undefined;
  throw new ApiProblem(answer.response.status, body?.error ?? null);
}
