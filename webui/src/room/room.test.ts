import i18next from "i18next";
import { beforeAll, describe, expect, it } from "vitest";
import fr from "../i18n/fr.json";
import type { Devices } from "./devices";
import type { MediaHandlers, MediaSession } from "./media";
import { Room } from "./room";
import type { Socket } from "./signalling";

class FakeSocket implements Socket {
  sent: Record<string, unknown>[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {}
  says(frame: unknown) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
}

class FakeMedia {
  answers: string[] = [];
  closed = false;
  flows = false;
  restarts = 0;
  offers = 0;
  constructor(readonly handlers: MediaHandlers) {}
  restart = () => {
    this.restarts++;
    return Promise.resolve("another offer");
  };
  offer = () => {
    this.offers++;
    return Promise.resolve("the offer");
  };
  answer = (sdp: string) => {
    this.answers.push(sdp);
    return Promise.resolve();
  };
  limits: (number | null)[] = [];
  limit = (kbps: number | null) => {
    this.limits.push(kbps);
    return Promise.resolve();
  };
  sent: unknown[] = [];
  send = (encodings: unknown) => {
    this.sent.push(encodings);
    return Promise.resolve();
  };
  slides: string[] = [];
  share = () => {
    this.slides = ["14"];
    return Promise.resolve();
  };
  unshare = () => {
    this.slides = [];
    return Promise.resolve();
  };
  reoffer = () => Promise.resolve("a further offer");
  slot = (mid: string) => ({ mid }) as unknown as MediaStream;
  close() {
    this.closed = true;
  }
}

class FakeTrack {
  enabled = true;
  stopped = false;
  constructor(readonly kind: "audio" | "video") {}
  stop() {
    this.stopped = true;
  }
}

beforeAll(() => i18next.init({ lng: "fr", resources: { fr: { translation: fr } } }));

beforeAll(() => {
  // Node has no media; what the room does with a stream is to hand it on, to switch its tracks and to stop them.
  (globalThis as { MediaStream?: unknown }).MediaStream ??= class {
    constructor(readonly tracks: FakeTrack[] = []) {}
    getTracks = () => this.tracks;
    getAudioTracks = () => this.tracks.filter(({ kind }) => kind === "audio");
    getVideoTracks = () => this.tracks.filter(({ kind }) => kind === "video");
  };
});

/** A microphone and a camera, and the permission prompt before them, which the user answers when `allow` is called. */
function prompt() {
  const tracks = [new FakeTrack("audio"), new FakeTrack("video")];
  const stream = new MediaStream(tracks as unknown as MediaStreamTrack[]);
  let allow = () => {};
  const devices = new Promise<Devices>((resolve) => {
    allow = () => resolve({ stream, camera: null, microphone: null });
  });
  return { tracks, devices, allow };
}

/** From here on, milliseconds, waits are the WebSocket's pulse and what a transport may take. */
const LONG = 4_000;

const turn = () => new Promise((resolve) => setImmediate(resolve));

async function place(
  stage: unknown = { name: "waiting" },
  {
    devices = granted(),
    participants = [] as unknown[],
    screen = () => Promise.resolve<MediaStream | null>(null),
    kept = {} as Record<string, string>,
  } = {},
) {
  const socket = new FakeSocket();
  const media: FakeMedia[] = [];
  const marks: string[] = [];
  const waits: (() => void)[] = [];
  let now = 0;
  const timers: { at: number; run(): void }[] = [];
  /** Time passes in a network whose WebSocket answers. */
  const passes = async (milliseconds: number) => {
    for (const end = now + milliseconds; now < end; ) {
      now += 500;
      for (const due of timers.filter(({ at }) => at <= now)) {
        timers.splice(timers.indexOf(due), 1);
        due.run();
      }
      for (const { id } of socket.sent.filter(({ type }) => type === "ping"))
        socket.says({ reply_to: id, type: "done" });
      await turn();
    }
  };
  const room = new Room("secret", {
    socket: () => socket,
    timers: {
      after: (milliseconds, run) => {
        if (milliseconds < LONG) waits.push(run);
        const timer = { at: now + milliseconds, run: milliseconds < LONG ? () => {} : run };
        timers.push(timer);
        return () => {
          if (timers.includes(timer)) timers.splice(timers.indexOf(timer), 1);
        };
      },
    },
    devices: () => devices,
    screen,
    media: (_, handlers) => {
      const one = new FakeMedia(handlers);
      media.push(one);
      return one as unknown as MediaSession;
    },
    mark: (name) => marks.push(name),
    memory: {
      getItem: (key) => kept[key] ?? null,
      setItem: (key, value) => {
        kept[key] = value;
      },
      removeItem: (key) => {
        delete kept[key];
      },
    },
  });
  socket.onopen?.();
  socket.says({ reply_to: 0, type: "done" });
  socket.says({
    seq: 0,
    type: "welcome",
    me: { seat: 1, name: "Bob", role: "guest" },
    meeting: { name: "Vente", number: "1099053523", office: "Office" },
    stage,
    participants,
    queue: [],
    slots: [],
    encodings: [],
  });
  await turn();
  return { room, socket, media, marks, waits, passes };
}

/** Inside, with picture and sound. */
async function joined(options: Parameters<typeof place>[1] = {}) {
  const all = await place({ name: "inside" }, options);
  all.socket.says({ reply_to: last(all.socket, "enter").id, type: "answer", answer: "the answer" });
  await turn();
  return all;
}

function granted(): Promise<Devices> {
  return Promise.resolve({ stream: new MediaStream(), camera: null, microphone: null });
}

/** The last request of this type. */
const last = (socket: FakeSocket, type: string) =>
  socket.sent.filter((message) => message.type === type).at(-1) as {
    id: number;
    microphone: boolean;
    camera: boolean;
  };

describe("a place in a meeting", () => {
  it("has the name that the meeting has now", async () => {
    const { room, socket } = await place({ name: "waiting" });
    const meeting = { name: "Vente MARCHAND", number: "1099053523", office: "Office" };
    socket.says({ seq: 1, type: "meeting", meeting });
    expect(room.state.get().meeting).toEqual(meeting);
  });

  it("waits, is accepted, sees who is inside, and joins with an offer made before", async () => {
    const { room, socket, media, marks } = await place();
    expect(media.map(({ offers }) => offers)).toEqual([0]);
    socket.says({ seq: 1, type: "stage", stage: { name: "accepted" } });
    expect(media.map(({ offers }) => offers)).toEqual([1]);
    socket.says({ seq: 2, type: "participants", participants: [{ seat: 2, name: "Claire" }] });
    expect(room.state.get().participants[0]?.name).toBe("Claire");
    const joined = room.join();
    await turn();
    expect(socket.sent.at(-1)).toMatchObject({ type: "enter", offer: "the offer", microphone: true });
    socket.says({ reply_to: 1, type: "answer", answer: "the answer" });
    await joined;
    expect(media[0]?.answers).toEqual(["the answer"]);
    expect(marks).toEqual(["tabellion:join-click"]);
  });

  it("makes its offer ahead, too, where it may enter from the first", async () => {
    const { media } = await place({ name: "accepted" });
    expect(media.map(({ offers }) => offers)).toEqual([1]);
  });

  it("asks the box who relays each time its media look for ways, and does without where it is not told", async () => {
    const { room, socket, media } = await joined();
    const asked = () => socket.sent.filter(({ type }) => type === "ice_servers").length;
    const servers = (name: string) => [{ urls: ["turn:turn.test"], username: name, credential: "c" }];
    for (const [turn, name] of ["1:a", "2:b"].entries()) {
      const told = media[0]?.handlers.iceServers();
      expect(asked()).toBe(turn + 1);
      socket.says({ reply_to: last(socket, "ice_servers").id, type: "ice_servers", servers: servers(name) });
      expect(await told).toEqual(servers(name));
    }
    const refused = media[0]?.handlers.iceServers();
    socket.says({ reply_to: last(socket, "ice_servers").id, type: "error", code: "x", message: "…" });
    expect(await refused).toEqual([]);
    expect(room.state.get().problem).toBeNull();
  });

  it("plays a participant from the slot that carries it", async () => {
    const { room, socket } = await place({ name: "inside" });
    socket.says({ seq: 1, type: "slots", slots: [{ mid: "4", kind: "video", seat: 2, content: "main" }] });
    expect(room.stream({ seat: 2, content: "main" })).toEqual({ mid: "4" });
    expect(room.stream({ seat: 2, content: "slides" })).toBeNull();
    socket.says({ seq: 2, type: "slots", slots: [{ mid: "4", kind: "video", seat: null, content: "main" }] });
    expect(room.stream({ seat: 2, content: "main" })).toBeNull();
  });

  it("says how large each picture is shown, once it has settled, and again to a new transport", async () => {
    const { room, socket, waits } = await place({ name: "inside" });
    const tiles = () =>
      socket.sent.filter((message) => message.type === "show_tiles").map((message) => message.tiles);
    const settle = () => {
      for (const run of waits.splice(0)) run();
    };
    const shows = (content: string, rows: number) => room.shows({ seat: 2, content }, rows);
    shows("main", 300);
    settle();
    expect(tiles()).toEqual([]);
    socket.says({
      seq: 1,
      type: "slots",
      slots: [
        { mid: "3", kind: "audio", seat: 2, content: "main" },
        { mid: "4", kind: "video", seat: 2, content: "main" },
        { mid: "5", kind: "video", seat: null, content: "main" },
        { mid: "6", kind: "video", seat: 2, content: "slides" },
      ],
    });
    shows("main", 310);
    shows("main", 360);
    settle();
    shows("main", 360);
    settle();
    expect(tiles()).toEqual([[{ mid: "4", rows: 360 }]]);
    shows("slides", 700);
    settle();
    expect(tiles().at(-1)).toEqual([{ mid: "6", rows: 700 }]);
    socket.says({ reply_to: last(socket, "enter").id, type: "answer", answer: "the answer" });
    await turn();
    settle();
    expect(tiles()).toHaveLength(3);
    socket.says({ reply_to: last(socket, "show_tiles").id, type: "error", code: "x", message: "…" });
    await turn();
    settle();
    settle();
    expect(tiles()).toHaveLength(4);
  });

  it("sends its picture in the sizes that are watched", async () => {
    const { socket, media } = await joined();
    const encodings = [{ mid: "1", rid: "q", codec: "vp8" }];
    socket.says({ seq: 1, type: "encodings", encodings });
    expect(media[0]?.sent).toEqual([encodings]);
    media[0]?.handlers.connected();
    media[0]?.handlers.failed();
    await turn();
    socket.says({ reply_to: last(socket, "enter").id, type: "answer", answer: "another answer" });
    await turn();
    expect(media[1]?.sent).toEqual([encodings]);
    socket.says({ seq: 2, type: "encodings", encodings: [] });
    expect(media[1]?.sent).toEqual([encodings]);
  });

  it("offers anew what its picture is sent as, where the browser can change that in no other way", async () => {
    const { socket, media } = await joined();
    media[0]?.handlers.changed();
    await turn();
    expect(last(socket, "renegotiate")).toMatchObject({ offer: "a further offer" });
  });

  it("says why a picture is missing", async () => {
    const { socket, room } = await place({ name: "inside" });
    const slot = (state: object) => ({ mid: "4", kind: "video", seat: 8, content: "main", ...state });
    const missing = (state: object) => {
      socket.says({ seq: 1, type: "slots", slots: [slot(state)] });
      return room.missing({ seat: 8, content: "main" });
    };
    expect(missing({ suspended: false, undecodable: false })).toBeNull();
    expect(missing({ suspended: true, undecodable: false })).toBe("suspended");
    expect(missing({ suspended: false, undecodable: true })).toBe("undecodable");
    expect(room.missing({ seat: 9, content: "main" })).toBeNull();
  });

  it("enters again by itself after a reload and when the box has lost its media", async () => {
    const { socket, media } = await place({ name: "inside" });
    expect(socket.sent.filter((message) => message.type === "enter")).toHaveLength(1);
    socket.says({ seq: 1, type: "media_lost", message: "…" });
    await turn();
    expect(media[0]?.closed).toBe(true);
    expect(media).toHaveLength(2);
    expect(socket.sent.filter((message) => message.type === "enter")).toHaveLength(2);
  });

  it("looks for another way to the box where an interruption lasts", async () => {
    const { socket, media, waits } = await joined();
    media[0]?.handlers.interrupted();
    for (const run of waits.splice(0)) run();
    await turn();
    expect(socket.sent.at(-1)).toMatchObject({ type: "renegotiate", offer: "another offer" });
    const { id } = socket.sent.at(-1) as { id: number };
    socket.says({ reply_to: id, type: "answer", answer: "another answer" });
    await turn();
    expect(media[0]?.answers).toEqual(["the answer", "another answer"]);
  });

  it("says that it is interrupted, and asks whether the box can be reached", async () => {
    const { room, socket, media } = await place({ name: "inside" });
    media[0]?.handlers.interrupted();
    expect(room.state.get().problem).toContain("interrompus");
    expect(socket.sent.at(-1)).toMatchObject({ type: "ping" });
    media[0]?.handlers.connected();
    expect(room.state.get().problem).toBeNull();
  });

  it("shows a screen to all until it is stopped, here or by the browser's own button", async () => {
    const tracks = [new FakeTrack("video"), new FakeTrack("audio")];
    const stream = () => new MediaStream(tracks as unknown as MediaStreamTrack[]);
    const { room, socket } = await joined({ screen: () => Promise.resolve(stream()) });
    const sharing = () => room.state.get().sharing;
    const offered = () =>
      socket.sent.filter(({ type }) => type === "renegotiate").map(({ slides }) => slides);
    const answered = async () => {
      await turn();
      socket.says({ reply_to: last(socket, "renegotiate").id, type: "answer", answer: "an answer" });
      await turn();
    };
    void room.toggleScreen();
    await answered();
    expect([sharing(), offered()]).toEqual([true, [["14"]]]);
    void room.toggleScreen();
    await answered();
    expect([sharing(), offered()]).toEqual([false, [["14"], []]]);
    expect(tracks.every(({ stopped }) => stopped)).toBe(true);
    void room.toggleScreen();
    await answered();
    (tracks[0] as unknown as { onended(): void }).onended();
    await answered();
    expect([sharing(), offered().length]).toEqual([false, 4]);
  });

  it("offers a screen only after the answer to what was offered before, and once however often it is asked", async () => {
    const stream = new MediaStream([new FakeTrack("video")] as unknown as MediaStreamTrack[]);
    let chosen = 0;
    const screen = () => Promise.resolve(++chosen ? stream : null);
    const { room, socket } = await place({ name: "inside" }, { screen });
    const offers = () => socket.sent.filter(({ type }) => type === "renegotiate").length;
    void room.toggleScreen();
    void room.toggleScreen();
    await turn();
    expect([chosen, offers()]).toEqual([1, 0]);
    expect(room.state.get().sharing, "nobody sees it yet").toBe(false);
    socket.says({ reply_to: last(socket, "enter").id, type: "answer", answer: "the answer" });
    await turn();
    expect(offers()).toBe(1);
    socket.says({ reply_to: last(socket, "renegotiate").id, type: "answer", answer: "an answer" });
    await turn();
    expect(room.state.get().sharing).toBe(true);
  });

  it("shares nothing where the user chooses nothing, or where the box refuses", async () => {
    const { room, socket } = await joined();
    await room.toggleScreen();
    expect(room.state.get()).toMatchObject({ sharing: false, problem: null });
    const track = new FakeTrack("video");
    const stream = new MediaStream([track] as unknown as MediaStreamTrack[]);
    const other = await joined({ screen: () => Promise.resolve(stream) });
    void other.room.toggleScreen();
    await turn();
    const { id } = last(other.socket, "renegotiate");
    other.socket.says({ reply_to: id, type: "error", code: "media_unavailable", message: "Indisponible." });
    await turn();
    expect(other.room.state.get()).toMatchObject({ sharing: false });
    expect(track.stopped).toBe(true);
    expect(socket.sent.some(({ type }) => type === "renegotiate")).toBe(false);
  });

  it("leaves an interruption alone that heals by itself", async () => {
    const { media, waits } = await place({ name: "inside" });
    media[0]?.handlers.interrupted();
    if (media[0]) media[0].flows = true;
    for (const run of waits.splice(0)) run();
    await turn();
    expect(media[0]?.restarts).toBe(0);
  });

  it("makes a new transport where the box refuses the restart", async () => {
    const { socket, media, waits } = await joined();
    media[0]?.handlers.interrupted();
    for (const run of waits.splice(0)) run();
    await turn();
    const { id } = socket.sent.at(-1) as { id: number };
    socket.says({ reply_to: id, type: "error", code: "media_unavailable", message: "…" });
    await turn();
    expect(media).toHaveLength(2);
    expect(socket.sent.at(-1)).toMatchObject({ type: "enter" });
  });

  it("hangs up at once while the box cannot be reached", async () => {
    const { room, socket, media } = await place({ name: "inside" });
    socket.onclose?.({ code: 1006 });
    await room.leave();
    expect(media[0]?.closed).toBe(true);
    expect(socket.sent.some((message) => message.type === "leave")).toBe(false);
  });

  it("tells why joining was refused and can be tried again", async () => {
    const { room, socket } = await place({ name: "accepted" });
    const joined = room.join();
    await turn();
    socket.says({ reply_to: 1, type: "error", code: "media_unavailable", message: "Réessayez." });
    await joined;
    expect(room.state.get()).toMatchObject({ problem: "Réessayez.", joining: false });
  });

  it("withdraws while waiting and hangs up inside", async () => {
    for (const [stage, type] of [
      ["waiting", "cancel"],
      ["inside", "leave"],
    ]) {
      const { room, socket } = await place({ name: stage });
      void room.leave();
      expect(socket.sent.at(-1)?.type).toBe(type);
    }
  });
});

describe("the camera and the microphone", () => {
  it("stay off where the user left while the browser still asked for them", async () => {
    const { tracks, devices, allow } = prompt();
    const { room, media } = await place({ name: "waiting" }, { devices });
    void room.leave();
    room.close();
    allow();
    await turn();
    expect(tracks.map(({ stopped }) => stopped)).toEqual([true, true]);
    expect(media).toHaveLength(0);
  });

  it.each([
    { seq: 1, type: "stage", stage: { name: "ended", reason: "refused" } },
    { seq: 1, type: "replaced" },
  ])("are given back at the end: %o", async (end) => {
    const { tracks, devices, allow } = prompt();
    allow();
    const { socket } = await place({ name: "waiting" }, { devices });
    expect(tracks.map(({ stopped }) => stopped)).toEqual([false, false]);
    socket.says(end);
    expect(tracks.map(({ stopped }) => stopped)).toEqual([true, true]);
  });

  it.each(["before", "after"])("stay off over a reload, the prompt answered %s the welcome", async (when) => {
    const { tracks, devices, allow } = prompt();
    if (when === "before") allow();
    const participants = [{ seat: 1, name: "Bob", microphone: false, camera: true }];
    const { room, socket } = await place({ name: "inside" }, { devices, participants });
    allow();
    await turn();
    expect(room.state.get()).toMatchObject({ microphone: false, camera: true });
    expect(last(socket, "enter")).toMatchObject({ microphone: false, camera: true });
    expect(tracks.map(({ enabled }) => enabled)).toEqual([false, true]);
    room.toggleMicrophone();
    expect(last(socket, "media_state")).toMatchObject({ microphone: true, camera: true });
    expect(tracks.map(({ enabled }) => enabled)).toEqual([true, true]);
  });
});

describe("the limit of the bandwidth", () => {
  it("holds here and at the box, is kept on the device, and is told with each new connection", async () => {
    const kept = {};
    const { room, socket, media } = await joined({ kept });
    expect(last(socket, "enter")).toMatchObject({ limit_kbps: null });
    room.limitBandwidth(500);
    expect(room.state.get().bandwidth).toBe(500);
    expect(media[0]?.limits.at(-1)).toBe(500);
    expect(last(socket, "limit_bandwidth")).toMatchObject({ kbps: 500 });
    socket.says({ seq: 1, type: "media_lost", message: "Interrompu." });
    await turn();
    expect(last(socket, "enter")).toMatchObject({ limit_kbps: 500 });
    expect(media[1]?.limits).toEqual([500]);

    const later = await joined({ kept });
    expect(later.room.state.get().bandwidth).toBe(500);
    expect(last(later.socket, "enter")).toMatchObject({ limit_kbps: 500 });
    later.room.limitBandwidth(null);
    expect(last(later.socket, "limit_bandwidth")).toMatchObject({ kbps: null });
    expect(kept).toEqual({});
  });

  it("is not told before one is inside, and a refusal is shown", async () => {
    const { room, socket } = await place({ name: "accepted" });
    room.limitBandwidth(250);
    expect(socket.sent.some(({ type }) => type === "limit_bandwidth")).toBe(false);
    const inside = await joined();
    inside.room.limitBandwidth(250);
    const { id } = last(inside.socket, "limit_bandwidth");
    inside.socket.says({ reply_to: id, type: "error", code: "bad_request", message: "Impossible." });
    await turn();
    expect(inside.room.state.get().problem).toBe("Impossible.");
  });
});

describe("a lost transport", () => {
  it("is told until picture and sound flow again, and is made anew as often as it takes", async () => {
    const { room, socket, media, waits } = await place({ name: "inside" });
    const problem = () => room.state.get().problem;
    const entries = () => socket.sent.filter(({ type }) => type === "enter").length;
    socket.says({ reply_to: last(socket, "enter").id, type: "answer", answer: "the answer" });
    socket.says({ seq: 1, type: "media_lost", message: "Interrompu." });
    await turn();
    expect(problem()).toBe("Interrompu.");
    for (const attempt of [2, 3, 4]) {
      expect(entries()).toBe(attempt);
      const { id } = last(socket, "enter");
      socket.says({ reply_to: id, type: "error", code: "media_unavailable", message: "Indisponible." });
      await turn();
      expect(problem()).toBe("Interrompu.");
      for (const run of waits.splice(0)) run();
      await turn();
    }
    expect(entries()).toBe(5);
    socket.says({ reply_to: last(socket, "enter").id, type: "answer", answer: "another answer" });
    await turn();
    expect(problem(), "an answer is no picture yet").toBe("Interrompu.");
    media.at(-1)?.handlers.connected();
    expect(problem()).toBeNull();
    expect(media.slice(0, -1).every(({ closed }) => closed)).toBe(true);
    expect(media.at(-1)?.closed).toBe(false);
  });

  it("is not made anew by whom the box lets in no more, and says why", async () => {
    const { room, socket, waits } = await place({ name: "inside" });
    socket.says({ seq: 1, type: "media_lost", message: "Interrompu." });
    await turn();
    const { id } = last(socket, "enter");
    socket.says({ reply_to: id, type: "error", code: "not_accepted", message: "Plus admis." });
    await turn();
    expect(room.state.get().problem).toBe("Plus admis.");
    expect(waits).toHaveLength(0);
  });

  it("is tried again at once where the box says that it is ready", async () => {
    const { socket } = await place({ name: "inside" });
    socket.says({ seq: 1, type: "media_lost", message: "…" });
    await turn();
    const refused = last(socket, "enter").id;
    socket.says({ reply_to: refused, type: "error", code: "media_unavailable", message: "…" });
    await turn();
    expect(last(socket, "enter").id).toBe(refused);
    socket.says({ seq: 2, type: "media_lost", message: "…" });
    await turn();
    expect(last(socket, "enter").id).toBeGreaterThan(refused);
  });
});

describe("a transport that does not come up", () => {
  /** The box answers the newest offer, and nothing comes of it. */
  const answered = async (socket: FakeSocket) => {
    socket.says({ reply_to: last(socket, "enter").id, type: "answer", answer: "an answer" });
    await turn();
  };

  it("is replaced after five seconds, the user is told, and the next ones are given more time", async () => {
    const { room, socket, media, passes } = await joined();
    const problem = () => room.state.get().problem ?? "";
    await passes(4_500);
    expect([media.length, problem()]).toEqual([1, ""]);
    await passes(500);
    expect([media.length, media[0]?.closed]).toEqual([2, true]);
    expect(problem()).toContain("tardent à s’établir");
    let made = 2;
    for (const patience of [8_000, 12_000, 20_000, 20_000]) {
      await answered(socket);
      await passes(patience - 500);
      expect(media).toHaveLength(made);
      await passes(500);
      expect(media).toHaveLength(++made);
      expect(problem().includes("un autre réseau"), `before transport ${made}`).toBe(made > 3);
    }
    await answered(socket);
    media.at(-1)?.handlers.connected();
    expect(problem()).toBe("");
    await passes(60_000);
    expect(media).toHaveLength(made);
  });

  it("has its whole time after an offer whose answer took long", async () => {
    const { socket, media, passes } = await place({ name: "inside" });
    await passes(30_000);
    expect(media).toHaveLength(1);
    await answered(socket);
    await passes(4_500);
    expect(media).toHaveLength(1);
    await passes(500);
    expect(media).toHaveLength(2);
  });

  it("is not replaced at once where the browser gives it up at once, as the next one would fail as soon", async () => {
    const { media, passes } = await joined();
    media[0]?.handlers.failed();
    await passes(4_500);
    expect(media).toHaveLength(1);
    await passes(500);
    expect(media).toHaveLength(2);
  });

  it("is replaced at once where it was there and is lost", async () => {
    const { media } = await joined();
    media[0]?.handlers.connected();
    media[0]?.handlers.failed();
    await turn();
    expect(media).toHaveLength(2);
  });

  it("is replaced where an ICE restart does not bring it back", async () => {
    const { socket, media, waits, passes } = await joined();
    media[0]?.handlers.connected();
    media[0]?.handlers.interrupted();
    for (const run of waits.splice(0)) run();
    await turn();
    socket.says({ reply_to: last(socket, "renegotiate").id, type: "answer", answer: "another answer" });
    await turn();
    await passes(5_000);
    expect(media).toHaveLength(2);
    expect(socket.sent.at(-1)).toMatchObject({ type: "enter" });
  });

  it("is nobody's any more once the user has left", async () => {
    const { room, media, passes } = await joined();
    room.close();
    await passes(60_000);
    expect(media).toHaveLength(1);
  });
});
