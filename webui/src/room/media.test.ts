import { beforeEach, describe, expect, it } from "vitest";
import { MediaSession } from "./media";

interface Line {
  kind: string;
  direction: string;
  mid: string | null;
  encodings: RTCRtpEncodingParameters[];
  preferred: string[];
  sender: unknown;
  receiver: { track: { kind: string } };
  setCodecPreferences(codecs: unknown): void;
}

/** What the session asks of an RTCPeerConnection, written down. */
class FakeConnection {
  connectionState = "new";
  onconnectionstatechange: (() => void) | null = null;
  lines: Line[] = [];
  offers: RTCOfferOptions[] = [];
  remote: unknown = null;
  /** What the box has agreed to, in its order. */
  agreed: string[] = [];
  /** Whether an encoding's codec can be set. */
  sets = true;
  /** Whose names were set, and what was offered with them, in order. */
  ways: unknown[] = [];
  setConfiguration({ bundlePolicy, iceServers }: RTCConfiguration) {
    this.ways.push([bundlePolicy, iceServers?.map(({ username }) => username)]);
  }
  addTransceiver(what: string | { kind: string }, init: RTCRtpTransceiverInit) {
    const kind = typeof what === "string" ? what : what.kind;
    const line: Line = {
      kind,
      direction: init.direction ?? "sendrecv",
      mid: null,
      preferred: [],
      encodings: (init.sendEncodings ?? []).map((encoding) => ({ ...encoding, active: true })),
      sender: {
        track: typeof what === "string" ? null : what,
        replaceTrack(this: { track: unknown }, track: unknown) {
          this.track = track;
          return Promise.resolve();
        },
        getParameters: () =>
          structuredClone({
            encodings: line.encodings,
            codecs: this.remote ? this.agreed.map((mimeType) => ({ mimeType })) : [],
          }),
        setParameters: ({ encodings }: { encodings: RTCRtpEncodingParameters[] }) => {
          line.encodings = encodings.map(({ codec, ...others }) =>
            codec && this.sets ? { ...others, codec } : others,
          );
          return Promise.resolve();
        },
      },
      receiver: { track: { kind } },
      setCodecPreferences: (codecs: { mimeType: string }[]) => {
        line.preferred = codecs.map(({ mimeType }) => mimeType);
      },
    };
    this.lines.push(line);
    return line;
  }
  getTransceivers = () => this.lines;
  createOffer(options: RTCOfferOptions) {
    this.offers.push(options);
    this.ways.push(options);
    return Promise.resolve({ type: "offer", sdp: `offer ${this.offers.length}` });
  }
  setLocalDescription() {
    for (const [index, line] of this.lines.entries()) line.mid = String(index);
    return Promise.resolve();
  }
  setRemoteDescription(description: unknown) {
    this.remote = description;
    return Promise.resolve();
  }
  close() {
    this.becomes("closed");
  }
  becomes(state: string) {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }
}

const local = (...kinds: string[]) => sized({ width: 1280, height: 720 }, ...kinds);
const sized = (settings: MediaTrackSettings, ...kinds: string[]) =>
  ({
    getTracks: () => kinds.map((kind) => ({ kind, getSettings: () => settings })),
  }) as unknown as MediaStream;

/** As the box asks for a camera's picture. */
const own = (codec: string) => ["q", "h", "f"].map((rid) => ({ mid: "1", rid, codec }));

beforeEach(() => {
  const codecs = ["video/VP8", "video/rtx", "video/H264"].map((mimeType) => ({ mimeType }));
  const side = { getCapabilities: () => ({ codecs }) };
  Object.assign(globalThis, { RTCRtpSender: side, RTCRtpReceiver: side });
  (globalThis as { MediaStream?: unknown }).MediaStream = class {
    constructor(readonly tracks: unknown[]) {}
  };
});

function session(stream: MediaStream) {
  const fake = new FakeConnection();
  const heard: string[] = [];
  let asked = 0;
  const handlers = {
    iceServers: () =>
      Promise.resolve([{ urls: ["turn:turn.test"], username: `${++asked}`, credential: "c" }]),
    interrupted: () => heard.push("interrupted"),
    failed: () => heard.push("failed"),
    connected: () => heard.push("connected"),
    changed: () => heard.push("changed"),
  };
  const media = new MediaSession(
    stream,
    handlers,
    { after: () => () => {} },
    () => fake as unknown as RTCPeerConnection,
  );
  return { fake, heard, media };
}

describe("the media session", () => {
  it("offers what is published first, then three audio and nine video slots", () => {
    const { fake } = session(local("audio", "video"));
    const lines = fake.lines.map(({ kind, direction }) => `${direction} ${kind}`);
    expect(lines.slice(0, 2)).toEqual(["sendonly audio", "sendonly video"]);
    expect(lines.filter((line) => line === "recvonly audio")).toHaveLength(3);
    expect(lines.filter((line) => line === "recvonly video")).toHaveLength(9);
    const sizes = fake.lines[1]?.encodings.map((one) => [one.rid, one.scaleResolutionDownBy, one.maxBitrate]);
    expect(sizes).toEqual([
      ["q", 4, 150_000],
      ["h", 2, 500_000],
      ["f", 1, 1_500_000],
    ]);
  });

  it("publishes a small picture in as many sizes as the browser sends of it", () => {
    const names = (width: number, height: number) =>
      session(sized({ width, height }, "video")).fake.lines[0]?.encodings.map(({ rid }) => rid);
    expect(names(960, 540)).toEqual(["q", "h", "f"]);
    expect(names(640, 360)).toEqual(["h", "f"]);
    expect(names(320, 240)).toEqual([undefined]);
  });

  it("sends the sizes that are asked for, and no others", async () => {
    const { fake, media } = session(local("audio", "video"));
    const sent = () => fake.lines[1]?.encodings.filter(({ active }) => active).map(({ rid }) => rid);
    await media.offer();
    const own = (...rids: string[]) => rids.map((rid) => ({ mid: "1", rid, codec: "h264" }));
    await media.send(own("q", "h"));
    expect(sent()).toEqual(["q", "h"]);
    await media.send(own("q", "f"));
    expect(sent()).toEqual(["q", "f"]);
    await media.send([{ mid: "9", rid: "q", codec: "h264" }]);
    expect(sent()).toEqual(["q", "f"]);
    await session(local()).media.send(own("q"));
  });

  it("sends its picture as what all can show, from the box's answer on", async () => {
    const { fake, heard, media } = session(local("audio", "video"));
    const codecs = () => fake.lines[1]?.encodings.map(({ codec }) => codec?.mimeType);
    fake.agreed = ["video/H264", "video/rtx", "video/VP8"];
    await media.offer();
    await media.send(own("vp8"));
    expect(codecs()).toEqual([undefined, undefined, undefined]);
    await media.answer("the answer");
    await media.send(own("vp8"));
    expect(codecs()).toEqual(["video/VP8", "video/VP8", "video/VP8"]);
    await media.send(own("h264"));
    expect(codecs()).toEqual(["video/H264", "video/H264", "video/H264"]);
    expect(heard).toEqual([]);
  });

  it("leaves alone what is sent as it should be", async () => {
    const { fake, heard, media } = session(local("audio", "video"));
    fake.agreed = ["video/VP8"];
    await media.offer();
    await media.answer("the answer");
    await media.send(own("vp8"));
    expect(fake.lines[1]?.encodings.map(({ codec }) => codec)).toEqual([undefined, undefined, undefined]);
    expect(heard).toEqual([]);
  });

  it("offers another codec, once, where the browser cannot change over without", async () => {
    const { fake, heard, media } = session(local("audio", "video"));
    Object.assign(fake, { agreed: ["video/H264", "video/VP8"], sets: false });
    await media.offer();
    await media.answer("the answer");
    await media.send(own("vp8"));
    expect(fake.lines[1]?.preferred).toEqual(["video/VP8", "video/rtx"]);
    await media.send(own("vp8"));
    expect(heard).toEqual(["changed"]);
    fake.agreed = ["video/VP8"];
    await media.send(own("vp8"));
    await media.send(own("h264"));
    expect(fake.lines[1]?.preferred).toEqual(["video/H264", "video/rtx"]);
    expect(heard).toEqual(["changed", "changed"]);
  });

  it("sends no more than the limit, both pictures together, from the box's answer on", async () => {
    const { fake, media } = session(local("audio", "video"));
    const rates = (line: number) =>
      fake.lines[line]?.encodings.map(({ active, maxBitrate }) => (active ? maxBitrate : null));
    await media.limit(500);
    await media.offer();
    expect(rates(1)).toEqual([150_000, 500_000, 1_500_000]);
    await media.answer("answer");
    expect(rates(1)).toEqual([150_000, 229_000, null]);
    await media.send(["q", "f"].map((rid) => ({ mid: "1", rid, codec: "h264" })));
    expect(rates(1)).toEqual([150_000, null, null]);
    await media.share(local("video"));
    await media.answer(await media.reoffer());
    expect(rates(14)).toEqual([291_538, null]);
    expect(rates(1)).toEqual([87_461, null, null]);
    await media.limit(null);
    expect(rates(14)).toEqual([500_000, 2_500_000]);
    expect(rates(1)).toEqual([150_000, null, 1_500_000]);
  });

  it("limits a small picture in one size, too", async () => {
    const { fake, media } = session(sized({ width: 320, height: 240 }, "video"));
    await media.offer();
    await media.answer("answer");
    await media.limit(250);
    expect(fake.lines[0]?.encodings).toEqual([{ active: true, maxBitrate: 141_500 }]);
  });

  it("shows a screen with its sound on lines of their own, which it uses again", async () => {
    const { fake, media } = session(local("audio", "video"));
    await media.offer();
    expect(media.slides).toEqual([]);
    await media.share(local("video", "audio"));
    await media.reoffer();
    expect(media.slides).toEqual(["14", "15"]);
    expect(fake.lines[14]?.encodings.map(({ rid, maxFramerate }) => [rid, maxFramerate])).toEqual([
      ["h", 15],
      ["f", 15],
    ]);
    // The camera's sizes are not the screen's.
    await media.send([{ mid: "14", rid: "f", codec: "h264" }]);
    const active = (line: number) => fake.lines[line]?.encodings.map((one) => one.active);
    expect([active(1), active(14)]).toEqual([
      [true, true, true],
      [false, true],
    ]);
    await media.unshare();
    expect(media.slides).toEqual([]);
    expect(fake.lines.slice(14).map(({ direction }) => direction)).toEqual(["inactive", "inactive"]);
    await media.share(local("video"));
    expect(fake.lines).toHaveLength(16);
    expect(media.slides).toEqual(["14"]);
  });

  it("looks and listens without a camera or a microphone", () => {
    const { fake } = session(local());
    expect(fake.lines.every(({ direction }) => direction === "recvonly")).toBe(true);
    expect(fake.lines).toHaveLength(12);
  });

  it("makes its offer once, and another one to restart", async () => {
    const { fake, media } = session(local());
    expect(await media.offer()).toBe("offer 1");
    expect(await media.offer()).toBe("offer 1");
    expect(await media.restart()).toBe("offer 2");
    expect(fake.offers[1]).toEqual({ iceRestart: true });
  });

  it("has another right to the servers that relay before each look for ways, and none in between", async () => {
    const { fake, media } = session(local());
    await media.offer();
    await media.offer();
    await media.reoffer();
    await media.restart();
    expect(fake.ways).toEqual([["max-bundle", ["1"]], {}, {}, ["max-bundle", ["2"]], { iceRestart: true }]);
  });

  it("finds a slot by its m-line, always the same stream", async () => {
    const { media } = session(local());
    expect(media.slot("4")).toBeNull();
    await media.offer();
    expect(media.slot("4")).toMatchObject({ tracks: [{ kind: "video" }] });
    expect(media.slot("4")).toBe(media.slot("4"));
    expect(media.slot("99")).toBeNull();
  });

  it("tells an interruption from a loss, and nothing after it is closed", () => {
    const { fake, heard, media } = session(local());
    fake.becomes("connected");
    expect(media.flows).toBe(true);
    fake.becomes("disconnected");
    fake.becomes("failed");
    media.close();
    expect(heard).toEqual(["connected", "interrupted", "failed"]);
  });
});
