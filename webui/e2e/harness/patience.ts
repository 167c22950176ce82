import { setTimeout as pause } from "node:timers/promises";

/** What is waited for did not happen; the message says what was seen instead. */
export class RanOutOfPatience extends Error {}

/**
 * Asks `attempt` until it gives something else than `undefined`.
 *
 * @param what what is awaited, for the error
 * @param limit milliseconds
 * @param seen what was seen last, for the error
 */
export async function eventually<T>(
  what: string,
  limit: number,
  attempt: () => Promise<T | undefined>,
  seen: () => string = () => "",
): Promise<T> {
  const end = performance.now() + limit;
  for (;;) {
    const outcome = await attempt();
    if (outcome !== undefined) return outcome;
    if (performance.now() > end) {
      const last = seen();
      throw new RanOutOfPatience(`not within ${limit} ms: ${what}${last && `; seen last: ${last}`}`);
    }
    await pause(20);
  }
}
