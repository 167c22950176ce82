import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ADDRESS } from "../harness/box.ts";
import { eventually } from "../harness/patience.ts";
import { stop } from "../harness/programs.ts";

/** A box's is another one. */
const PORT = 7901;

interface Message {
  say: string;
  id: number;
  result: { Ok?: { answer?: string }; Err?: unknown };
}

/** A switchboard without a box, in the box's network; it is told who joins as the box's control process does it. */
export class Switchboard {
  private come: Buffer = Buffer.alloc(0);
  private asked = 0;
  private readonly waiting = new Map<number, (message: Message) => void>();

  private constructor(
    private readonly process: ChildProcess,
    private readonly folder: string,
    private readonly socket: Socket,
  ) {
    socket.on("data", (bytes) => this.take(bytes));
  }

  static async start(program: string): Promise<Switchboard> {
    const folder = mkdtempSync(join(tmpdir(), "switchboard-"));
    const parameters = ["--net=/run/netns/box", program, "--runtime", folder];
    parameters.push("--address", ADDRESS, "--port", String(PORT));
    const process = spawn("nsenter", parameters, { stdio: ["ignore", "ignore", "inherit"] });
    const connect = () => connected(join(folder, "media.sock"));
    return new Switchboard(process, folder, await eventually("a switchboard listens", 10_000, connect));
  }

  /** @returns its answer to the offer of somebody in a room of that number */
  async join(seat: number, offer: string): Promise<string> {
    const publish = { audio: true, video: true, slides: true };
    const who = { room: seat, seat, name: `browser ${seat}`, slides: [], publish, muted: false };
    const { answer } = await this.ask({ ask: "join_browser", ...who, limit_kbps: null, offer });
    if (answer === undefined) throw new Error("the switchboard answers an offer with something else");
    return answer;
  }

  async leave(seat: number): Promise<void> {
    await this.ask({ ask: "leave", seat });
  }

  async stop(): Promise<void> {
    this.socket.destroy();
    await stop(this.process);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async ask(request: object): Promise<{ answer?: string }> {
    this.asked += 1;
    const id = this.asked;
    const text = Buffer.from(JSON.stringify({ id, request }));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(text.length);
    const answered = new Promise<Message>((done) => this.waiting.set(id, done));
    this.socket.write(Buffer.concat([length, text]));
    const { Ok, Err } = (await answered).result;
    if (!Ok) throw new Error(`the switchboard refuses: ${JSON.stringify(Err)}`);
    return Ok;
  }

  /** Length-prefixed JSON (`media-pipeline/protocol`). */
  private take(bytes: Buffer): void {
    this.come = Buffer.concat([this.come, bytes]);
    while (this.come.length >= 4 && this.come.length >= 4 + this.come.readUInt32BE()) {
      const end = 4 + this.come.readUInt32BE();
      const message: Message = JSON.parse(this.come.subarray(4, end).toString());
      this.come = this.come.subarray(end);
      if (message.say === "answer") this.waiting.get(message.id)?.(message);
    }
  }
}

/** undefined: nobody listens yet. */
async function connected(path: string): Promise<Socket | undefined> {
  return await new Promise((done) => {
    const socket = createConnection(path);
    socket.once("connect", () => done(socket));
    socket.once("error", () => done(undefined));
  });
}
