import type { Timers } from "./signalling";

/** Between two questions whether the box is still there, in milliseconds. */
const INTERVAL = 5_000;
/** How long its answer may take, in milliseconds: a network that is gone closes nothing. */
const PATIENCE = 4_000;
/** How long a new connection may take until it carries something. */
const BEGINNING = 8_000;

/** Whether a connection still carries something. */
export class Pulse {
  #cancel: (() => void) | null = null;
  #asked = false;

  /** `ask` asks for a sign of life; `lost` is called where none came. */
  constructor(
    private readonly timers: Timers,
    private readonly ask: () => void,
    private readonly lost: () => void,
  ) {}

  /** A connection is being made. */
  begin(): void {
    this.#wait(BEGINNING, this.lost);
  }

  /** Something was heard. */
  beat(): void {
    this.#asked = false;
    this.#wait(INTERVAL, () => this.check());
  }

  /** Asks now, as there is a reason to doubt. */
  check(): void {
    if (this.#asked) return;
    this.#asked = true;
    this.#wait(PATIENCE, this.lost);
    this.ask();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#asked = false;
  }

  #wait(milliseconds: number, then: () => void): void {
    this.#cancel?.();
    this.#cancel = this.timers.after(milliseconds, then);
  }
}
