import type { ChildProcess } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BaresipControl } from "./baresip-control.ts";
import { DOMAIN } from "./demonstration.ts";
import { likeness, type NoticeName } from "./notice.ts";
import { artefacts } from "./paths.ts";
import { eventually } from "./patience.ts";
import type { Persona } from "./people.ts";
import { ROOM_SYSTEM } from "./people.ts";
import type { Heard, Peer, Sight, Witness } from "./perception.ts";
import { difference, inWords, motion, type Picture, share } from "./picture.ts";
import { runToEnd, start, stop } from "./programs.ts";
import { wavLength, wavTail } from "./wav-tail.ts";

/** The least share of a mixed picture that one of its tiles takes. */
const TILE = 0.06;
/** The least share of a person's pixels that change between two looks: the bar's move makes ten times as much. */
const MOVES = 0.02;
/** Mean change of the whole screen between two looks, at least, where somebody moves in it. */
const ALIVE = 0.3;

/** Colours of baresip's output. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: this is what an escape sequence begins with
const ESCAPES = /\x1b\[[0-9;]*m/g;

/** How a room system reaches the box. */
export type Transport = "udp" | "tcp" | "tls";

/** Hz, of what baresip records. */
const RATE = 48_000;
/** Pictures are looked at in this size: a tile of a mix of nine still has 50 pixels. */
const LOOK = { width: 160, height: 90 };

export interface RoomSystemOptions {
  /** Names the folder of its files. */
  readonly label: string;
  readonly box: string;
  readonly ca: string;
  readonly transport?: Transport;
  /** Registers with these; without them it is an equipment that the box does not know. */
  readonly device?: { readonly user: string; readonly password: string; readonly domain: string } | undefined;
  readonly persona?: Persona;
  /** The name that the others are shown, as the box has it. */
  readonly name: string;
}

/** A real SIP room system: baresip, with a coloured camera and a tone, that records what it decodes. */
export class RoomSystem implements Witness {
  readonly persona: Persona;
  readonly name: string;
  private pictures = 0;

  private constructor(
    private readonly process: ChildProcess,
    private readonly control: BaresipControl,
    private readonly folder: string,
    options: RoomSystemOptions,
  ) {
    this.persona = options.persona ?? ROOM_SYSTEM;
    this.name = options.name;
  }

  /** Starts it, and waits for its registration where it has one. */
  static async start(options: RoomSystemOptions): Promise<RoomSystem> {
    const folder = artefacts("room-systems", options.label);
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    const port = await freePort();
    writeFileSync(join(folder, "config"), configuration(options, folder, port));
    writeFileSync(join(folder, "accounts"), account(options));
    writeFileSync(join(folder, "contacts"), "");
    const process = start("baresip", ["-f", folder, "-v"], join(folder, "baresip.log"), { cwd: folder });
    const system = new RoomSystem(process, await BaresipControl.connect(port), folder, options);
    if (options.device) await system.registered();
    return system;
  }

  /** Dials the long number, `number@domain`, as its users do. */
  async dial(number: string): Promise<void> {
    await this.control.command("dial", `sip:${number}@${DOMAIN}`);
  }

  /** Waits until the call is answered. */
  async answered(limit = 10_000): Promise<void> {
    await this.control.event("CALL_ESTABLISHED", limit);
  }

  /** Waits until the call is over; its reason, as baresip tells it (`404 Not Found`). */
  async ended(limit = 10_000): Promise<string> {
    return (await this.control.event("CALL_CLOSED", limit)).param ?? "";
  }

  /** Presses keys, one after the other. */
  async press(keys: string): Promise<void> {
    for (const key of keys) await this.control.command("sndcode", key);
  }

  async hangUp(): Promise<void> {
    await this.control.command("hangup");
  }

  /** What its screen shows now: the next frame that it decodes. */
  async screen(limit = 4000): Promise<Picture> {
    const { width, height } = LOOK;
    const file = await this.snapshot(limit);
    const scale = `scale=${width}:${height}:flags=area`;
    const rgb = await runToEnd(
      "ffmpeg",
      "-v",
      "error",
      "-i",
      file,
      "-vf",
      scale,
      "-f",
      "rawvideo",
      "-pix_fmt",
      "rgb24",
      "-",
    );
    return { rgb: new Uint8Array(rgb), width, height };
  }

  /**
   * The next frame that it decodes, as a file in memory, which is the caller's to remove; and when that frame was ready to be
   * shown, ms since 1970: the file is made as soon as the frame has been converted to RGB, and written afterwards. The kernel's
   * clock of files moves on with its tick, each 4 ms.
   */
  async frame(limit = 4000): Promise<{ readonly file: string; readonly at: number }> {
    const file = await this.snapshot(limit, tmpdir());
    return { file, at: statSync(file).birthtimeMs };
  }

  /** How far the letters on its screen are those of a notice of the box, 0 to 1; see {@link SAME_LETTERS}. */
  async likeness(notice: NoticeName): Promise<number> {
    return await likeness(await this.snapshot(4000), notice);
  }

  /** Keeps the picture of its screen among the artefacts. */
  async keepScreen(name: string): Promise<void> {
    copyFileSync(await this.snapshot(4000), join(this.folder, `${name}.png`));
  }

  /** Whether this person's picture is on its screen, and moves: a mix of frames that stand still is none. */
  async sight(other: Peer): Promise<Sight> {
    const first = await this.screen();
    const second = await this.screen();
    const moved = motion(first, second, other.persona);
    const visible = share(second, other.persona) > TILE && moved > MOVES;
    const alive = difference(first, second) > ALIVE;
    return { visible, alive, seen: `${inWords(second)}, ${Math.round(moved * 100)} % of it moved` };
  }

  /** What its loudspeaker plays during the next `seconds`. */
  async sound(seconds: number): Promise<Heard> {
    const file = join(this.folder, "heard.wav");
    const from = existsSync(file) ? wavLength(file, RATE) : 0;
    await eventually("the room system plays sound", seconds * 1000 + 3000, async () =>
      existsSync(file) && wavLength(file, RATE) >= from + seconds ? true : undefined,
    );
    // The recording has grown by all that was asked for: its ear works.
    return { ...wavTail(file, seconds, RATE), alive: true };
  }

  async close(): Promise<void> {
    this.control.close();
    await stop(this.process);
  }

  /** Asks, for the answer may have come before the control connection stood. */
  private async registered(): Promise<void> {
    let last = "";
    const state = await eventually(
      "the room system's registration is answered",
      5000,
      async () => {
        last = (await this.control.command("reginfo")).replaceAll(ESCAPES, "");
        return /\b(OK|ERR)\b/.exec(last)?.[1];
      },
      () => last,
    ).catch((problem: Error) => problem);
    if (state === "OK") return;
    await this.close();
    throw state instanceof Error ? state : new Error(`the box refused the registration: ${last}`);
  }

  private async snapshot(limit: number, folder = this.folder): Promise<string> {
    this.pictures += 1;
    const file = join(folder, `screen-${this.pictures}.png`);
    await this.control.command("snapshot_recv", file);
    await eventually("the room system decodes a picture", limit, async () =>
      this.control.events.some((event) => event.param === `snapshot,wrote,${file}`) ? true : undefined,
    );
    return file;
  }
}

function account({ device, box, transport = "udp" }: RoomSystemOptions): string {
  const port = transport === "tls" ? 5061 : 5060;
  const proxy = `outbound="sip:${box}:${port};transport=${transport}"`;
  const common = `${proxy};audio_codecs=opus/48000/2,PCMA/8000/1;video_codecs=h264;dtmfmode=rtpevent`;
  if (!device) return `<sip:visiteur@autre-office.test;transport=${transport}>;regint=0;${common}\n`;
  const login = `auth_user=${device.user};auth_pass=${device.password}`;
  return `<sip:${device.user}@${device.domain};transport=${transport}>;${login};regint=60;${common}\n`;
}

function configuration(
  { ca, box, persona = ROOM_SYSTEM }: RoomSystemOptions,
  folder: string,
  control: number,
): string {
  const bar = "color=c=white:s=80x720:r=25[b]";
  const camera = `color=c=${persona.colour}:s=1280x720:r=25[a];${bar};[a][b]overlay=x='400*(t-3*floor(t/3))',format=yuv420p`;
  // The accounts are read by the module «account», which wants the codecs before it.
  const modules = ["opus", "g711", "ausine", "aufile", "avcodec", "avformat", "fakevideo", "snapshot"];
  modules.push("account", "menu", "ctrl_tcp");
  return `
poll_method epoll
sip_cafile ${ca}
sip_verify_server yes
call_max_calls 4
audio_path /usr/share/baresip
audio_player aufile,${join(folder, "heard.wav")}
audio_source ausine,${persona.tone}
audio_alert aufile,${join(folder, "alert.wav")}
ausrc_srate ${RATE}
auplay_srate ${RATE}
ausrc_channels 2
auplay_channels 1
video_source avformat,lavfi,${camera}
video_display fakevideo,nil
video_size 1280x720
video_bitrate 1500000
video_fps 25
rtp_stats yes
jitter_buffer_type fixed
jitter_buffer_delay 1-10
avcodec_h264enc libx264
avcodec_h264dec h264
ctrl_tcp_listen 127.0.0.1:${control}
net_interface ${box.startsWith("127.") ? "lo" : "clients"}
module_path /usr/lib/baresip/modules
${modules.map((name) => `module ${name}.so`).join("\n")}
`;
}

async function freePort(): Promise<number> {
  return await new Promise((done, fail) => {
    const server = createServer();
    server.once("error", fail);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address ? done(address.port) : fail(new Error("no port")),
      );
    });
  });
}
