import { describe, expect, it } from "vitest";
import { Refused, Signalling, type Socket } from "./signalling";
import type { SeatEvent } from "./wire";

class FakeSocket implements Socket {
  sent: Record<string, unknown>[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.onclose?.({ code: 1000 });
  }
  says(frame: unknown) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
}

function seat() {
  const sockets: FakeSocket[] = [];
  const waits: { wait: number; run: () => void }[] = [];
  const events: SeatEvent[] = [];
  const told: string[] = [];
  const signalling = new Signalling(
    "secret",
    () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    {
      after(wait, run) {
        const entry = { wait, run };
        waits.push(entry);
        return () => {
          if (waits.includes(entry)) waits.splice(waits.indexOf(entry), 1);
        };
      },
    },
    {
      event: (event) => events.push(event),
      connected: (connected) => told.push(connected ? "connected" : "cut"),
      over: () => told.push("over"),
    },
  );
  const last = () => sockets.at(-1) as FakeSocket;
  const attach = () => {
    last().onopen?.();
    last().says({ reply_to: 0, type: "done" });
  };
  return { signalling, sockets, waits, events, told, last, attach };
}

describe("a seat's signalling", () => {
  it("takes its seat first and sends what was asked meanwhile", async () => {
    const { signalling, last, attach } = seat();
    const reply = signalling.request({ type: "media_state", microphone: true, camera: false });
    expect(last().sent).toEqual([]);
    attach();
    expect(last().sent).toEqual([
      { id: 0, type: "attach", seat_token: "secret", epoch: null, after: null },
      { id: 1, type: "media_state", microphone: true, camera: false },
    ]);
    last().says({ reply_to: 1, type: "done" });
    await expect(reply).resolves.toMatchObject({ type: "done" });
  });

  it("comes back after a cut, names the last event and asks again", () => {
    const { signalling, last, attach, waits, told, sockets } = seat();
    attach();
    last().says({ seq: 40, type: "welcome", epoch: 7 });
    last().says({ seq: 41, type: "queue", queue: [] });
    void signalling.request({ type: "leave" });
    last().onclose?.({ code: 1006 });
    expect(told).toEqual(["connected", "cut"]);
    waits[0]?.run();
    attach();
    expect(sockets).toHaveLength(2);
    expect(last().sent).toEqual([
      { id: 0, type: "attach", seat_token: "secret", epoch: 7, after: 41 },
      { id: 1, type: "leave" },
    ]);
  });

  it("takes over the numbers of the box's new life with its welcome", () => {
    const { last, attach, waits } = seat();
    attach();
    last().says({ seq: 41, type: "welcome", epoch: 7 });
    last().onclose?.({ code: 1006 });
    waits[0]?.run();
    attach();
    last().says({ seq: 0, type: "welcome", epoch: 8 });
    last().onclose?.({ code: 1006 });
    waits[1]?.run();
    attach();
    expect(last().sent[0]).toEqual({ id: 0, type: "attach", seat_token: "secret", epoch: 8, after: 0 });
  });

  it("waits longer and longer", () => {
    const { last, waits } = seat();
    for (let i = 0; i < 6; i++) {
      last().onclose?.({ code: 1006 });
      waits.at(-1)?.run();
    }
    const made = waits.pop()?.wait;
    expect(waits.map((entry) => entry.wait)).toEqual([200, 500, 1_000, 2_000, 4_000, 4_000]);
    expect(made, "how long the last connection may take").toBe(8_000);
  });

  it("does not come back to a seat that is over, taken elsewhere, or unknown", async () => {
    for (const end of [
      { seq: 1, type: "stage", stage: { name: "ended", reason: "refused" } },
      { seq: 1, type: "replaced" },
    ]) {
      const { last, attach, waits, signalling } = seat();
      attach();
      last().says(end);
      last().onclose?.({ code: 1000 });
      expect(waits).toEqual([]);
      await expect(signalling.request({ type: "leave" })).rejects.toBeInstanceOf(Refused);
    }
    const { last, waits, told } = seat();
    last().onclose?.({ code: 4404 });
    expect(waits).toEqual([]);
    expect(told).toEqual(["over"]);
  });

  it("hears how a seat ended that it comes too late to take", () => {
    const { last, events, waits, told } = seat();
    last().onopen?.();
    last().says({ seq: 0, type: "stage", stage: { name: "ended", reason: "refused" } });
    last().onclose?.({ code: 1000 });
    expect(events).toEqual([{ seq: 0, type: "stage", stage: { name: "ended", reason: "refused" } }]);
    expect([waits, told]).toEqual([[], []]);
  });

  it("notices a network that is gone without a word, and says so before it comes back", () => {
    const { last, attach, waits, told, sockets } = seat();
    attach();
    const run = () => waits.shift()?.run();
    run();
    expect(last().sent.at(-1)).toEqual({ id: 1, type: "ping" });
    last().says({ reply_to: 1, type: "done" });
    run();
    expect(last().sent.at(-1)).toEqual({ id: 2, type: "ping" });
    run();
    expect([told, sockets.length]).toEqual([["connected", "cut"], 1]);
    run();
    expect(sockets).toHaveLength(2);
    // Nor does a new connection that never comes to be hold anything up.
    run();
    run();
    expect(sockets).toHaveLength(3);
    attach();
    expect(told).toEqual(["connected", "cut", "cut", "connected"]);
  });

  it("asks at once where there is doubt, and once", () => {
    const { signalling, last, attach, waits } = seat();
    attach();
    signalling.check();
    signalling.check();
    expect(last().sent.filter(({ type }) => type === "ping")).toHaveLength(1);
    expect(waits.map(({ wait }) => wait)).toEqual([4_000]);
  });

  it("hands the box's refusal on", async () => {
    const { signalling, last, attach } = seat();
    attach();
    const reply = signalling.request({ type: "enter", offer: "v=0", microphone: true, camera: true });
    last().says({ reply_to: 1, type: "error", code: "not_accepted", message: "Pas encore." });
    await expect(reply).rejects.toThrow("Pas encore.");
  });
});
