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

export interface MediaHandlers {
  /** The way to the box is interrupted: an ICE restart may find another one. */
  interrupted(): void;
  /** The transport is lost or could not be made; a new one is needed. */
  failed(): void;
  /** Pictures and sound flow. */
  connected(): void;
}

/**
 * The connection to the box's switchboard. It is made, with its offer, before the user joins: the click then only
 * costs the answer's way back.
 */
export class MediaSession {
  readonly connection: RTCPeerConnection;
  readonly #slots = new Map<string, MediaStream>();
  #offer: Promise<string> | null = null;
  #sending = Promise.resolve();

  constructor(
    local: MediaStream,
    private readonly handlers: MediaHandlers,
    create: () => RTCPeerConnection = () => new RTCPeerConnection({ bundlePolicy: "max-bundle" }),
  ) {
    this.connection = create();
    this.#publish(local);
    this.#receive();
    this.connection.onconnectionstatechange = () => {
      const state = this.connection.connectionState;
      if (state === "disconnected") this.handlers.interrupted();
      if (state === "failed") this.handlers.failed();
      if (state === "connected") this.handlers.connected();
    };
  }

  /** The offer, with its local description set. Made once. */
  offer(): Promise<string> {
    this.#offer ??= this.#makeOffer({});
    return this.#offer;
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

  /** An offer that looks for a new way to the box, after a change of network. */
  restart(): Promise<string> {
    return this.#makeOffer({ iceRestart: true });
  }

  async answer(sdp: string): Promise<void> {
    await this.connection.setRemoteDescription({ type: "answer", sdp });
  }

  /** What a slot shows, by its m-line. The same stream for the life of this session. */
  slot(mid: string): MediaStream | null {
    return this.#slots.get(mid) ?? this.#find(mid);
  }

  /** Sends these encodings of one's own picture, and no others: one change after the other. */
  send(names: readonly string[]): Promise<void> {
    // One that failed was told to whoever asked for it.
    this.#sending = this.#sending.catch(() => {}).then(() => this.#activate(names));
    return this.#sending;
  }

  async #activate(names: readonly string[]): Promise<void> {
    if (this.connection.connectionState === "closed") return;
    const isPicture = (one: RTCRtpTransceiver) => one.sender.track?.kind === "video";
    const sender = this.connection.getTransceivers().find(isPicture)?.sender;
    if (!sender) return;
    const parameters = sender.getParameters();
    for (const encoding of parameters.encodings)
      if (encoding.rid) encoding.active = names.includes(encoding.rid);
    await sender.setParameters(parameters);
  }

  close(): void {
    this.connection.onconnectionstatechange = null;
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
      const transceiver = this.connection.addTransceiver(track, {
        direction: "sendonly",
        streams: [local],
        ...(track.kind === "video" ? { sendEncodings: encodings(track.getSettings()) } : {}),
      });
      if (track.kind === "video") {
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

/** H.264 first: room systems take nothing else, and the box forwards without transcoding. */
function preferH264(transceiver: RTCRtpTransceiver, way: "send" | "receive"): void {
  const side = way === "send" ? globalThis.RTCRtpSender : globalThis.RTCRtpReceiver;
  const codecs = side?.getCapabilities("video")?.codecs;
  if (!codecs) return;
  const rank = (codec: { mimeType: string; sdpFmtpLine?: string }) => {
    if (codec.mimeType !== "video/H264") return 2;
    const line = codec.sdpFmtpLine ?? "";
    return line.includes("packetization-mode=1") && line.includes("42e01f") ? 0 : 1;
  };
  transceiver.setCodecPreferences([...codecs].sort((a, b) => rank(a) - rank(b)));
}
