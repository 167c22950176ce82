import i18next from "i18next";
import { Pulse } from "./pulse";
import type { SeatCommand, SeatEvent, SeatFrame, SeatReply } from "./wire";

/** What the signalling needs of a WebSocket: the real one, or a test's. */
export interface Socket {
  send(text: string): void;
  close(): void;
  onopen: (() => void) | null;
  onmessage: ((message: { data: string }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
}

export interface Timers {
  after(milliseconds: number, run: () => void): () => void;
}

/** A request that the box did not carry out. `message` is French, for the user. */
export class Refused extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** The seat's secret is not known to the box. */
const UNKNOWN_SEAT = 4404;
/** Ended without a word (RFC 6455 §7.4.1). */
const ABNORMAL = 1006;
/** Waits between attempts, in milliseconds; the last one repeats. */
const RETRIES = [200, 500, 1_000, 2_000, 4_000];

interface Pending {
  command: SeatCommand;
  resolve(reply: SeatReply): void;
  reject(error: Error): void;
}

/**
 * A seat's WebSocket. Comes back by itself when it is cut, and names the last event that it saw and the box's life that
 * it is from, so that the box sends what was missed; what was asked and not answered is asked again.
 */
export class Signalling {
  #socket: Socket | null = null;
  #attached = false;
  #over = false;
  #next = 1;
  #seen: number | null = null;
  /** Whose numbers they are: another life of the box counts anew. */
  #epoch: number | null = null;
  #attempt = 0;
  readonly #pending = new Map<number, Pending>();
  readonly #pulse: Pulse;

  constructor(
    private readonly seatToken: string,
    private readonly open: () => Socket,
    private readonly timers: Timers,
    private readonly heard: {
      event(event: SeatEvent): void;
      connected(connected: boolean): void;
      over(): void;
    },
  ) {
    this.#pulse = new Pulse(
      timers,
      () => this.#send(this.#next++, { type: "ping" }),
      () => this.#lost(),
    );
    this.#connect();
  }

  request(command: SeatCommand): Promise<SeatReply> {
    return new Promise((resolve, reject) => {
      if (this.#over) {
        reject(new Refused("meeting_closed", i18next.t("room.over")));
        return;
      }
      const id = this.#next++;
      this.#pending.set(id, { command, resolve, reject });
      if (this.#attached) this.#send(id, command);
    });
  }

  /** Finds out whether the box can still be reached, as something else makes doubt it. */
  check(): void {
    if (this.#attached) this.#pulse.check();
  }

  close(): void {
    this.#over = true;
    this.#pulse.stop();
    this.#socket?.close();
  }

  #connect(): void {
    const socket = this.open();
    this.#socket = socket;
    this.#pulse.begin();
    socket.onopen = () =>
      this.#send(0, {
        type: "attach",
        seat_token: this.seatToken,
        epoch: this.#epoch,
        after: this.#seen,
      } as SeatCommand);
    socket.onmessage = (message) => this.#frame(JSON.parse(message.data) as SeatFrame);
    socket.onclose = (event) => this.#closed(event.code);
  }

  #send(id: number, command: SeatCommand): void {
    this.#socket?.send(JSON.stringify({ id, ...command }));
  }

  #frame(frame: SeatFrame): void {
    if (!this.#over) this.#pulse.beat();
    if ("reply_to" in frame) {
      if (frame.reply_to === 0) this.#isAttached();
      else this.#reply(frame.reply_to, frame as SeatReply);
      return;
    }
    if (frame.type === "welcome") this.#epoch = frame.epoch;
    if (frame.type !== "replaced") this.#seen = frame.seq;
    this.heard.event(frame as SeatEvent);
    if (frame.type === "replaced") this.#end();
    if (frame.type === "stage" && frame.stage.name === "ended") this.#end();
  }

  #isAttached(): void {
    this.#attached = true;
    this.#attempt = 0;
    this.heard.connected(true);
    for (const [id, pending] of this.#pending) this.#send(id, pending.command);
  }

  #reply(id: number, reply: SeatReply): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (reply.type === "error") pending?.reject(new Refused(reply.code, reply.message));
    else pending?.resolve(reply);
  }

  /** Nothing comes any more, and nobody has closed it. */
  #lost(): void {
    const socket = this.#socket;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    this.#closed(ABNORMAL);
  }

  #closed(code: number): void {
    this.#pulse.stop();
    this.#attached = false;
    this.#socket = null;
    if (this.#over) return;
    if (code === UNKNOWN_SEAT) {
      this.#end();
      this.heard.over();
      return;
    }
    this.heard.connected(false);
    const wait = RETRIES[Math.min(this.#attempt++, RETRIES.length - 1)] ?? 4_000;
    this.timers.after(wait, () => {
      if (!this.#over) this.#connect();
    });
  }

  #end(): void {
    this.#over = true;
    this.#pulse.stop();
    for (const pending of this.#pending.values())
      pending.reject(new Refused("meeting_closed", i18next.t("room.over")));
    this.#pending.clear();
  }
}
