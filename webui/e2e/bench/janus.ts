import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ADDRESS } from "../harness/box.ts";
import { artefacts } from "../harness/paths.ts";
import { eventually } from "../harness/patience.ts";
import { start, stop } from "../harness/programs.ts";

/** An SDP (RFC 8829). */
export interface Description {
  readonly type: "offer" | "answer";
  readonly sdp: string;
}

interface Message {
  readonly janus: string;
  readonly transaction?: string;
  readonly data?: { readonly id: number };
  // biome-ignore lint/suspicious/noExplicitAny: each request of the video room is answered differently
  readonly plugindata?: { readonly data: any };
  readonly jsep?: Description;
  readonly error?: { readonly reason: string };
  readonly version_string?: string;
}

const PORT = 8088;
const ROOM = 1;
/** Its sockets are bound to devices: who comes by a line is met at the line's own end (harness/line.ts). */
const LINES = "10.78.";
const FOLDER = "/mnt";
const LIBRARIES = "/usr/lib/x86_64-linux-gnu/janus";

/**
 * Janus, the peer, in the box's side of the network: as `hw-tests/load` runs it, but with its API over HTTP
 * (<https://janus.conf.meetecho.com/docs/rest.html>), which Node speaks by itself. One room, one publisher.
 */
export class Janus {
  private transactions = 0;
  private session = "";
  private publisher = 0;
  /** As Janus says it. */
  version = "";

  private constructor(
    private readonly process: ChildProcess,
    private readonly folder: string,
  ) {}

  static async start(): Promise<Janus> {
    // Of both that the roots have, the one that Debian 12 packages (image/root/make-peer-root).
    const roots = process.env["TABELLION_PEER_ROOT"];
    if (!roots) throw new Error("the peer is not there to be measured\n  what to do: run “make bench”");
    const folder = mkdtempSync(join(tmpdir(), "janus-"));
    writeFileSync(join(folder, "janus.jcfg"), SETTINGS);
    writeFileSync(join(folder, "janus.transport.http.jcfg"), HTTP_SETTINGS);
    const enter = `mount --bind "$1" "$2${FOLDER}"; exec chroot "$2" janus --configs-folder=${FOLDER}`;
    const inBox = ["--net=/run/netns/box", "unshare", "--mount", "--propagation", "private"];
    const log = join(artefacts("bench"), "janus.log");
    const janus = new Janus(
      start("nsenter", [...inBox, "sh", "-euc", enter, "sh", folder, join(roots, "bookworm")], log),
      folder,
    );
    try {
      await eventually(
        "Janus listens",
        10_000,
        () => janus.listens(),
        () => `its log: ${log}`,
      );
      janus.session = `/${(await janus.ask("", { janus: "create" })).data?.id}`;
      const handle = await janus.attach();
      await janus.tell(handle, {
        request: "create",
        room: ROOM,
        publishers: 10,
        videocodec: "h264",
        audiocodec: "opus",
      });
    } catch (problem) {
      await janus.stop();
      throw problem;
    }
    return janus;
  }

  private async listens(): Promise<true | undefined> {
    if (this.process.exitCode !== null) throw new Error(`Janus has ended with ${this.process.exitCode}`);
    const answer = await fetch(`http://${ADDRESS}:${PORT}/janus/info`).catch(() => undefined);
    if (!answer) return undefined;
    this.version = ((await answer.json()) as Message).version_string ?? "";
    return true;
  }

  /** Takes a publisher's offer; its answer. */
  async publish(offer: Description): Promise<Description> {
    const handle = await this.attach();
    const joined = await this.tell(
      handle,
      { request: "joinandconfigure", ptype: "publisher", room: ROOM },
      offer,
    );
    this.publisher = joined.plugindata?.data.id;
    return description(joined);
  }

  /** Offers what is published; takes the answer that `answer` makes. */
  async watch(answer: (offer: Description) => Promise<Description>): Promise<void> {
    const handle = await this.attach();
    const streams = [{ feed: this.publisher }];
    const offered = await this.tell(handle, { request: "join", ptype: "subscriber", room: ROOM, streams });
    await this.tell(handle, { request: "start" }, await answer(description(offered)));
  }

  async stop(): Promise<void> {
    await stop(this.process);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async attach(): Promise<string> {
    return `/${(await this.ask(this.session, { janus: "attach", plugin: "janus.plugin.videoroom" })).data?.id}`;
  }

  /** Tells the video room something; what it says to that, at once or, after an «ack», as an event. */
  private async tell(handle: string, body: object, jsep?: Description): Promise<Message> {
    const said = await this.ask(this.session + handle, {
      janus: "message",
      body,
      ...(jsep ? { jsep: { ...jsep, trickle: false } } : {}),
    });
    let message = said;
    while (message.janus === "ack" || message.transaction !== said.transaction) {
      message = await this.call(`${this.session}?maxev=1`);
    }
    const problem = message.plugindata?.data.error;
    if (problem) throw new Error(`Janus's video room refuses: ${problem}`);
    return message;
  }

  private async ask(path: string, request: object): Promise<Message> {
    this.transactions += 1;
    return await this.call(path, { ...request, transaction: `${this.transactions}` });
  }

  private async call(path: string, request?: object): Promise<Message> {
    const asked = request ? { method: "POST", body: JSON.stringify(request) } : {};
    const answer = await fetch(`http://${ADDRESS}:${PORT}/janus${path}`, {
      ...asked,
      signal: AbortSignal.timeout(10_000),
    });
    const message = (await answer.json()) as Message;
    if (message.error) throw new Error(`Janus refuses: ${message.error.reason}`);
    return message;
  }
}

function description(message: Message): Description {
  if (!message.jsep) throw new Error(`Janus gives no SDP: ${JSON.stringify(message)}`);
  return message.jsep;
}

/** As packaged, with the video room alone of its plug-ins, and less in its log. */
const SETTINGS = `
general: {
  plugins_folder = "${LIBRARIES}/plugins"
  transports_folder = "${LIBRARIES}/transports"
  debug_level = 2
  session_timeout = 0
}
nat: { ice_enforce_list = "${ADDRESS},${LINES}" }
plugins: { disable = "${["audiobridge", "duktape", "echotest", "lua", "nosip", "recordplay", "sip", "streaming", "textroom", "videocall", "voicemail"].map((name) => `libjanus_${name}.so`).join(",")}" }
transports: { disable = "${["mqtt", "nanomsg", "pfunix", "rabbitmq", "websockets"].map((name) => `libjanus_${name}.so`).join(",")}" }
`;

const HTTP_SETTINGS = `
general: { json = "compact", base_path = "/janus", http = true, ip = "${ADDRESS}", port = ${PORT}, https = false }
admin: { admin_http = false, admin_https = false }
`;
