import type { Timers } from "./signalling";

/** Waits between attempts, in milliseconds; the last one repeats. */
const WAITS = [500, 1_000, 2_000];
const LONGEST = 4_000;

/** Something that has to succeed in the end: one attempt after the other, with growing waits. */
export class Retry {
  #run = 0;

  /**
   * @param attempt rejects where it did not succeed
   * @param goesOn is told why, and says whether another attempt makes sense
   */
  constructor(
    private readonly timers: Timers,
    private readonly attempt: () => Promise<void>,
    private readonly goesOn: (error: unknown) => boolean,
  ) {}

  /** Begins with an attempt now, in place of one that is under way or waits for its turn. */
  async run(): Promise<void> {
    const mine = ++this.#run;
    for (let turn = 0; mine === this.#run; turn++) {
      try {
        await this.attempt();
        return;
      } catch (error) {
        if (mine !== this.#run || !this.goesOn(error)) return;
      }
      await new Promise<void>((resolve) => this.timers.after(WAITS[turn] ?? LONGEST, resolve));
    }
  }
}
