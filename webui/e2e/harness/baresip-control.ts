import { connect, type Socket } from "node:net";
import { eventually } from "./patience.ts";

/** A line of baresip's own report: a call's change, a registration. */
export interface BaresipEvent {
  readonly type: string;
  readonly class: string;
  readonly param?: string;
}

interface Answer {
  readonly response: true;
  readonly ok: boolean;
  readonly data: string;
  readonly token: string;
}

/** Speaks baresip's control protocol (module `ctrl_tcp`): netstrings of JSON. */
export class BaresipControl {
  /** Everything reported so far, oldest first. */
  readonly events: BaresipEvent[] = [];
  private readonly answers = new Map<string, (answer: Answer) => void>();
  private received = Buffer.alloc(0);
  private last = 0;

  private constructor(private readonly socket: Socket) {
    socket.on("data", (bytes) => this.take(bytes));
    // The end of baresip ends the connection; whoever waits for something runs out of patience and says for what.
    socket.on("error", () => undefined);
  }

  /** Connects as soon as baresip listens. */
  static async connect(port: number): Promise<BaresipControl> {
    return await eventually("baresip opens its control port", 10_000, async () => {
      const socket = connect(port, "127.0.0.1");
      const open = await new Promise<boolean>((done) => {
        socket.once("connect", () => done(true));
        socket.once("error", () => done(false));
      });
      return open ? new BaresipControl(socket) : undefined;
    });
  }

  /** Runs a command of baresip's menu; its output. */
  async command(command: string, params = ""): Promise<string> {
    this.last += 1;
    const token = String(this.last);
    const answered = new Promise<Answer>((done) => this.answers.set(token, done));
    const text = JSON.stringify({ command, params, token });
    this.socket.write(`${Buffer.byteLength(text)}:${text},`);
    const answer = await answered;
    if (!answer.ok) throw new Error(`baresip refused «${command} ${params}»: ${answer.data}`);
    return answer.data;
  }

  /** Waits until an event of this type has been reported, and returns it. */
  async event(type: string, limit: number, from = 0): Promise<BaresipEvent> {
    return await eventually(
      `baresip reports ${type}`,
      limit,
      async () => this.events.slice(from).find((event) => event.type === type),
      () => this.events.map((event) => event.type).join(" "),
    );
  }

  close(): void {
    this.socket.destroy();
  }

  private take(bytes: Buffer): void {
    this.received = Buffer.concat([this.received, bytes]);
    for (;;) {
      const colon = this.received.indexOf(":");
      if (colon < 0) return;
      const length = Number(this.received.subarray(0, colon).toString());
      if (this.received.length < colon + length + 2) return;
      const text = this.received.subarray(colon + 1, colon + 1 + length).toString();
      this.received = this.received.subarray(colon + length + 2);
      this.heed(JSON.parse(text) as Answer | (BaresipEvent & { response?: never }));
    }
  }

  private heed(message: Answer | (BaresipEvent & { response?: never })): void {
    if (message.response === undefined) {
      this.events.push(message);
      return;
    }
    this.answers.get(message.token)?.(message);
    this.answers.delete(message.token);
  }
}
