import type { Timers } from "./signalling";

/**
 * How long a transport may take until it carries something, in milliseconds from the box's answer: the first one, the next; all others
 * have the last one's time. On a good line it takes a tenth of a second; a line that is slow gets in the end the time that it needs.
 */
const PATIENCE = [5_000, 8_000, 12_000];
const LONGEST = 20_000;

/**
 * Whether the transport comes up that the box has answered. Where no check is answered, Chromium says after 45 s still that it is
 * connecting; where the handshake over a way that was found comes to no end, it always will.
 */
export class Establishment {
  #cancel: (() => void) | null = null;
  #missed = 0;

  /** `late` is told how many in a row, this one among them, did not come up in time. */
  constructor(
    private readonly timers: Timers,
    private readonly late: (missed: number) => void,
  ) {}

  /** The box has answered, and nothing has come since. */
  get underWay(): boolean {
    return this.#cancel !== null;
  }

  /** The box has answered. */
  begin(): void {
    this.stop();
    this.#cancel = this.timers.after(PATIENCE[this.#missed] ?? LONGEST, () => {
      this.#cancel = null;
      this.late(++this.#missed);
    });
  }

  /** Picture and sound flow. */
  succeeds(): void {
    this.stop();
    this.#missed = 0;
  }

  /** The transport is given up for another reason. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
