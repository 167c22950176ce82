import { divide } from "./bandwidth";
import { type CodecName, offerOnly, preferH264, sendAs } from "./codec";
import { Hold } from "./hold";
import type { Timers } from "./signalling";
import type { Encoding } from "./wire";

/** Receive slots, made once: assigning one needs no signalling, adding one later would. */
const VIDEO_SLOTS = 9;
const AUDIO_SLOTS = 3;
/** Of one's own picture, bit/s. */
const MAX_BITRATE = 1_500_000;
/**
 * One's own picture in several sizes (RFC 8853): the box gives each tile the smallest that fills it, and says which of them
 * nobody watches.
 */
const SIZES: RTCRtpEncodingParameters[] = [
  { rid: "q", scaleResolutionDownBy: 4, maxBitrate: 150_000 },
  { rid: "h", scaleResolutionDownBy: 2, maxBitrate: 500_000 },
  { rid: "f", scaleResolutionDownBy: 1, maxBitrate: MAX_BITRATE },
];

/**
 * For a camera of this size. Of more sizes than it wants for a picture Chromium leaves the largest out (libwebrtc's
 * simulcast formats: three from 960 × 540 on, two from 480 × 270).
 */
function encodings({ width = 1280, height = 720 }: MediaTrackSettings): RTCRtpEncodingParameters[] {
  const pixels = width * height;
  if (pixels >= 960 * 540) return SIZES;
  return pixels >= 480 * 270 ? SIZES.slice(1) : [{ maxBitrate: MAX_BITRATE }];
}

/**
 * A screen that is shown to all: its text has to be sharp, and it seldom moves. The smaller size is for lines that do not carry the
 * larger one.
 */
const SCREEN_SIZES: RTCRtpEncodingParameters[] = [
  { rid: "h", scaleResolutionDownBy: 2, maxBitrate: 500_000, maxFramerate: 15 },
  { rid: "f", scaleResolutionDownBy: 1, maxBitrate: 2_500_000, maxFramerate: 15 },
];

/** What stays as it is when the servers that relay are set again. */
const CONFIGURATION: RTCConfiguration = { bundlePolicy: "max-bundle" };

export interface MediaHandlers {
  /** The servers that relay, with a right to them that is fresh. */
  iceServers(): Promise<RTCIceServer[]>;
  /** The way to the box is interrupted: an ICE restart may find another one. */
  interrupted(): void;
  /** The transport is lost or could not be made; a new one is needed. */
  failed(): void;
  /** Pictures and sound flow. */
  connected(): void;
  /** What is sent changes its form: the box has to be offered it. */
  changed(): void;
}

/**
 * The connection to the box's switchboard. It is made before people join, and its offer as soon as they may: the click then only
 * costs the answer's way back.
 */
export class MediaSession {
  readonly connection: RTCPeerConnection;
  readonly #slots = new Map<string, MediaStream>();
  /** The lines of a shared screen and its sound; they stay when sharing ends, for the next time. */
  readonly #screen: RTCRtpTransceiver[] = [];
  /** The sizes that each of one's own pictures is sent in where there is no limit; its sender forgets what they were. */
  readonly #sizes = new Map<RTCRtpTransceiver, RTCRtpEncodingParameters[]>();
  /** Of each line the names of the sizes that somebody watches; all of a line that is not there. */
  readonly #watched = new Map<string, string[]>();
  /** The most that is sent, kb/s. */
  #limit: number | null = null;
  /** Whether the box has answered: a size that is switched off before would be offered as one that stays so. */
  #agreed = false;
  #offer: Promise<string> | null = null;
  /** What each line is to be sent as. */
  readonly #codecs = new Map<string, CodecName>();
  /** What a line was offered as, where only an offer could change that. */
  readonly #offeredAs = new Map<string, CodecName>();
  #sending = Promise.resolve();
  readonly #hold: Hold;

  constructor(
    local: MediaStream,
    private readonly handlers: MediaHandlers,
    timers: Timers,
    create: () => RTCPeerConnection = () => new RTCPeerConnection(CONFIGURATION),
  ) {
    this.connection = create();
    this.#hold = new Hold(this.connection, timers);
    this.#publish(local);
    this.#receive();
    this.connection.onconnectionstatechange = () => {
      const state = this.connection.connectionState;
      if (state === "disconnected") this.handlers.interrupted();
      if (state === "failed") this.handlers.failed();
      if (state === "connected") {
        this.#hold.begin();
        this.handlers.connected();
      }
    };
  }

  /** The offer, with its local description set: ways to the box are looked for from then on. Made once. */
  offer(): Promise<string> {
    this.#offer ??= this.#lookForWays({});
    return this.#offer;
  }

  /** The browser asks the servers that its connection has by then, and no others later (RFC 9429, setConfiguration). */
  async #lookForWays(options: RTCOfferOptions): Promise<string> {
    const iceServers = await this.handlers.iceServers();
    this.connection.setConfiguration({ ...CONFIGURATION, iceServers });
    return await this.#makeOffer(options);
  }

  async #makeOffer(options: RTCOfferOptions): Promise<string> {
    const offer = await this.connection.createOffer(options);
    await this.connection.setLocalDescription(offer);
    return offer.sdp ?? "";
  }

  /** Whether pictures and sound flow, as far as the transport knows. */
  get flows(): boolean {
    return this.connection.connectionState === "connected";
  }

  /** A further offer, after a change of what is sent. */
  reoffer(): Promise<string> {
    return this.#makeOffer({});
  }

  /** An offer that looks for a new way to the box, after a change of network. */
  restart(): Promise<string> {
    return this.#lookForWays({ iceRestart: true });
  }

  async answer(sdp: string): Promise<void> {
    await this.connection.setRemoteDescription({ type: "answer", sdp });
    this.#agreed = true;
    await this.#adjusted();
  }

  /** What a slot shows, by its m-line. The same stream for the life of this session. */
  slot(mid: string): MediaStream | null {
    return this.#slots.get(mid) ?? this.#find(mid);
  }

  /**
   * Sends these encodings of one's own pictures, and no others of their lines, as what they are to be sent: one change after the other.
   * Lines that are not named stay as they are. Of what is sent as nothing is agreed before the box's answer.
   */
  send(encodings: readonly Encoding[]): Promise<void> {
    for (const mid of new Set(encodings.map((one) => one.mid))) {
      const wanted = encodings.filter((one) => one.mid === mid);
      this.#watched.set(
        mid,
        wanted.flatMap(({ rid }) => rid ?? []),
      );
      for (const { codec } of wanted) this.#codecs.set(mid, codec as CodecName);
    }
    return this.#adjusted();
  }

  /** Sends no more than so many kb/s from now on, the sound first; null: as much as the line carries. */
  limit(kbps: number | null): Promise<void> {
    this.#limit = kbps;
    return this.#adjusted();
  }

  #adjusted(): Promise<void> {
    // One that failed was told to whoever asked for it.
    this.#sending = this.#sending.catch(() => {}).then(() => this.#adjust());
    return this.#sending;
  }

  /** Gives each size of one's own pictures its rate, or switches it off. A screen is more important than its owner's face. */
  async #adjust(): Promise<void> {
    const screen = (line: RTCRtpTransceiver) => Number(this.#screen.includes(line));
    const pictures = [...this.#sizes]
      .filter(([line]) => line.sender.track)
      .sort(([a], [b]) => screen(b) - screen(a))
      .map(([line, sizes]) => ({ line, sizes: sizes.filter(({ rid }) => this.#isWatched(line, rid)) }));
    const usual = pictures.map(({ sizes }) => sizes.map(({ maxBitrate = 0 }) => maxBitrate));
    const rates = divide(this.#agreed ? this.#limit : null, usual);
    for (const [at, { line, sizes }] of pictures.entries()) {
      if (this.connection.connectionState === "closed") return;
      const rate = new Map(sizes.map(({ rid }, size) => [rid, rates[at]?.[size] ?? null]));
      await changeRates(line.sender, rate);
      await this.#changeOver(line);
    }
  }

  /** Sends a picture as what all can show, by a further offer where that needs one. */
  async #changeOver(line: RTCRtpTransceiver): Promise<void> {
    const { mid, sender } = line;
    const codec = this.#codecs.get(mid ?? "");
    if (!mid || !codec || (await sendAs(sender, codec)) || this.#offeredAs.get(mid) === codec) return;
    this.#offeredAs.set(mid, codec);
    offerOnly(line, codec);
    this.handlers.changed();
  }

  #isWatched({ mid }: RTCRtpTransceiver, rid: string | undefined): boolean {
    const watched = this.#watched.get(mid ?? "");
    return !watched || rid === undefined || watched.includes(rid);
  }

  /** Sends a screen and its sound; the box has to be offered it, and told of {@link slides}. */
  async share(screen: MediaStream): Promise<void> {
    for (const track of screen.getTracks()) {
      if (track.kind === "video") track.contentHint = "detail";
      const free = this.#screen.find((one) => !one.sender.track && one.receiver.track.kind === track.kind);
      if (free) {
        free.direction = "sendonly";
        await free.sender.replaceTrack(track);
        continue;
      }
      const video = track.kind === "video";
      const line = this.connection.addTransceiver(track, {
        direction: "sendonly",
        streams: [screen],
        ...(video ? { sendEncodings: SCREEN_SIZES } : {}),
      });
      if (video) {
        preferH264(line, "send");
        this.#sizes.set(line, SCREEN_SIZES);
      }
      this.#screen.push(line);
    }
  }

  /** Sends no screen any more; the box has to be offered that. */
  async unshare(): Promise<void> {
    for (const line of this.#screen) {
      line.direction = "inactive";
      await line.sender.replaceTrack(null);
    }
  }

  /** The lines that carry a screen and its sound, as far as they were offered. */
  get slides(): string[] {
    return this.#screen.filter(({ sender }) => sender.track).flatMap(({ mid }) => mid ?? []);
  }

  close(): void {
    this.connection.onconnectionstatechange = null;
    this.#hold.end();
    this.connection.close();
  }

  #find(mid: string): MediaStream | null {
    const transceiver = this.connection.getTransceivers().find((one) => one.mid === mid);
    if (!transceiver) return null;
    const stream = new MediaStream([transceiver.receiver.track]);
    this.#slots.set(mid, stream);
    return stream;
  }

  #publish(local: MediaStream): void {
    for (const track of local.getTracks()) {
      const sizes = track.kind === "video" ? encodings(track.getSettings()) : null;
      const transceiver = this.connection.addTransceiver(track, {
        direction: "sendonly",
        streams: [local],
        ...(sizes ? { sendEncodings: sizes } : {}),
      });
      if (sizes) {
        this.#sizes.set(transceiver, sizes);
        track.contentHint = "motion";
        preferH264(transceiver, "send");
      }
    }
  }

  #receive(): void {
    for (let i = 0; i < AUDIO_SLOTS; i++) this.connection.addTransceiver("audio", { direction: "recvonly" });
    for (let i = 0; i < VIDEO_SLOTS; i++) {
      preferH264(this.connection.addTransceiver("video", { direction: "recvonly" }), "receive");
    }
  }
}

/** @param rates bit/s of each size by its name; null, or not named: it is not sent */
async function changeRates(
  sender: RTCRtpSender,
  rates: ReadonlyMap<string | undefined, number | null>,
): Promise<void> {
  const parameters = sender.getParameters();
  let changed = false;
  for (const encoding of parameters.encodings) {
    const rate = rates.get(encoding.rid) ?? null;
    const { active, maxBitrate } = encoding;
    encoding.active = rate !== null;
    if (rate !== null) encoding.maxBitrate = rate;
    changed ||= encoding.active !== active || encoding.maxBitrate !== maxBitrate;
  }
  if (changed) await sender.setParameters(parameters);
}
