/** What the box says has changed (`/api/events`). */
export type Topic =
  | "permanent_meetings"
  | "scheduled_meetings"
  | "calls"
  | "waiting"
  | "directory"
  | "deliveries"
  | "everything";

/** What is needed of a WebSocket: the real one, or a test's. */
export interface Socket {
  close(): void;
  onmessage: ((message: { data: string }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
}

export interface Surroundings {
  open(): Socket;
  /** @returns cancels */
  after(milliseconds: number, run: () => void): () => void;
  /** Between 0 and 1: pages that lost the box at the same time do not all come back at the same time. */
  chance(): number;
}

/** The session is over. */
const NO_SESSION = 4401;
/** The box gives a sign of life every 20 s: a network that is gone closes nothing. */
const SILENCE = 50_000;
/** Waits between attempts, in milliseconds; the last one repeats. */
const WAITS = [500, 1_000, 2_000, 5_000];
const LONGEST = 15_000;

/**
 * Hears what has changed, for as long as the session lasts: comes back by itself, and takes it then that everything has changed, as
 * nobody knows what was missed.
 */
export class Live {
  #socket: Socket | null = null;
  #cancel: (() => void) | null = null;
  #attempts = 0;
  #missed = false;
  #stopped = false;

  /** `over` is called where the session has ended; nothing comes after it. */
  constructor(
    private readonly around: Surroundings,
    private readonly changed: (topic: Topic) => void,
    private readonly over: () => void,
  ) {}

  start(): void {
    this.#connect();
  }

  stop(): void {
    this.#stopped = true;
    this.#leave();
  }

  /** The network may be another one: what is connected is made anew. */
  again(): void {
    if (this.#stopped) return;
    this.#attempts = 0;
    this.#missed = true;
    this.#leave();
    this.#connect();
  }

  #connect(): void {
    const socket = this.around.open();
    this.#socket = socket;
    this.#watch();
    socket.onmessage = ({ data }) => this.#hear(data);
    socket.onclose = ({ code }) => this.#closed(code);
  }

  #hear(data: string): void {
    this.#watch();
    this.#attempts = 0;
    const { topic } = JSON.parse(data) as { topic: Topic | "still" };
    if (this.#missed) this.changed("everything");
    else if (topic !== "still") this.changed(topic);
    this.#missed = false;
  }

  #closed(code: number): void {
    this.#leave();
    if (code === NO_SESSION) {
      this.#stopped = true;
      this.over();
      return;
    }
    this.#missed = true;
    const wait = WAITS[this.#attempts++] ?? LONGEST;
    this.#wait(wait * (0.75 + this.around.chance() / 2), () => this.#connect());
  }

  #watch(): void {
    this.#wait(SILENCE, () => this.again());
  }

  #wait(milliseconds: number, then: () => void): void {
    this.#cancel?.();
    this.#cancel = this.around.after(milliseconds, then);
  }

  #leave(): void {
    this.#cancel?.();
    this.#cancel = null;
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
  }
}
