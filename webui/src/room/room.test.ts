import { beforeAll, describe, expect, it } from "vitest";
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
  constructor(readonly handlers: MediaHandlers) {}
  restart = () => {
    this.restarts++;
    return Promise.resolve("another offer");
  };
  offer = () => Promise.resolve("the offer");
  answer = (sdp: string) => {
    this.answers.push(sdp);
    return Promise.resolve();
  };
  slot = (mid: string) => ({ mid }) as unknown as MediaStream;
  close() {
    this.closed = true;
  }
}

beforeAll(() => {
  // Node has no media; what the room does with a stream is to hand it on.
  (globalThis as { MediaStream?: unknown }).MediaStream ??= class {
    getTracks = () => [];
    getAudioTracks = () => [];
    getVideoTracks = () => [];
  };
});

const turn = () => new Promise((resolve) => setImmediate(resolve));

async function place(stage: unknown = { name: "waiting" }) {
  const socket = new FakeSocket();
  const media: FakeMedia[] = [];
  const marks: string[] = [];
  const waits: (() => void)[] = [];
  const room = new Room("secret", {
    socket: () => socket,
    timers: {
      after: (_, run) => {
        waits.push(run);
        return () => {};
      },
    },
    devices: () => Promise.resolve({ stream: new MediaStream(), camera: null, microphone: null }),
    media: (_, handlers) => {
      const one = new FakeMedia(handlers);
      media.push(one);
      return one as unknown as MediaSession;
    },
    mark: (name) => marks.push(name),
  });
  socket.onopen?.();
  socket.says({ reply_to: 0, type: "done" });
  socket.says({
    seq: 0,
    type: "welcome",
    me: { seat: 1, name: "Bob", role: "guest" },
    meeting: { name: "Vente", number: "1099053523", office: "Office" },
    stage,
    participants: [],
    queue: [],
    slots: [],
  });
  await turn();
  return { room, socket, media, marks, waits };
}

describe("a place in a meeting", () => {
  it("waits, is accepted, sees who is inside, and joins with an offer made before", async () => {
    const { room, socket, media, marks } = await place();
    expect(media).toHaveLength(1);
    socket.says({ seq: 1, type: "stage", stage: { name: "accepted" } });
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

  it("plays a participant from the slot that carries it", async () => {
    const { room, socket } = await place({ name: "inside" });
    socket.says({ seq: 1, type: "slots", slots: [{ mid: "4", kind: "video", seat: 2 }] });
    expect(room.stream(2, "video")).toEqual({ mid: "4" });
    expect(room.stream(2, "audio")).toBeNull();
    socket.says({ seq: 2, type: "slots", slots: [{ mid: "4", kind: "video", seat: null }] });
    expect(room.stream(2, "video")).toBeNull();
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
    const { socket, media, waits } = await place({ name: "inside" });
    media[0]?.handlers.interrupted();
    for (const run of waits.splice(0)) run();
    await turn();
    expect(socket.sent.at(-1)).toMatchObject({ type: "renegotiate", offer: "another offer" });
    const { id } = socket.sent.at(-1) as { id: number };
    socket.says({ reply_to: id, type: "answer", answer: "another answer" });
    await turn();
    expect(media[0]?.answers).toEqual(["another answer"]);
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
    const { socket, media, waits } = await place({ name: "inside" });
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
