import { beforeEach, expect, it } from "vitest";
import { Live, type Socket, type Topic } from "./live";

class FakeSocket implements Socket {
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  closed = false;
  close(): void {
    this.closed = true;
  }
  says(topic: string): void {
    this.onmessage?.({ data: JSON.stringify({ topic }) });
  }
}

let sockets: FakeSocket[];
let timers: { at: number; run: () => void }[];
let now: number;
let heard: Topic[];
let over: number;
let live: Live;

beforeEach(() => {
  sockets = [];
  timers = [];
  heard = [];
  now = 0;
  over = 0;
  const open = () => {
    const socket = new FakeSocket();
    sockets.push(socket);
    return socket;
  };
  const after = (milliseconds: number, run: () => void) => {
    const timer = { at: now + milliseconds, run };
    timers.push(timer);
    return () => {
      timers = timers.filter((one) => one !== timer);
    };
  };
  live = new Live(
    { open, after, chance: () => 0.5 },
    (topic) => heard.push(topic),
    () => over++,
  );
  live.start();
});

function pass(milliseconds: number): void {
  const until = now + milliseconds;
  for (;;) {
    const next = timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
    if (!next) break;
    timers = timers.filter((one) => one !== next);
    now = next.at;
    next.run();
  }
  now = until;
}

it("hears what has changed, and nothing where only the connection carries", () => {
  sockets[0]?.says("still");
  sockets[0]?.says("calls");
  sockets[0]?.says("still");
  expect(heard).toEqual(["calls"]);
});

it("comes back by itself, and takes it that everything has changed meanwhile", () => {
  sockets[0]?.says("still");
  sockets[0]?.onclose?.({ code: 1006 });
  expect(sockets).toHaveLength(1);
  pass(500);
  expect(sockets).toHaveLength(2);
  sockets[1]?.says("still");
  sockets[1]?.says("still");
  expect(heard).toEqual(["everything"]);
});

it("waits longer from attempt to attempt, and begins anew once it was heard", () => {
  for (const wait of [500, 1_000, 2_000, 5_000, 15_000, 15_000]) {
    const before = sockets.length;
    sockets.at(-1)?.onclose?.({ code: 1006 });
    pass(wait - 1);
    expect(sockets).toHaveLength(before);
    pass(1);
    expect(sockets).toHaveLength(before + 1);
  }
  sockets.at(-1)?.says("still");
  sockets.at(-1)?.onclose?.({ code: 1006 });
  pass(500);
  expect(sockets).toHaveLength(8);
});

it("replaces a connection that says nothing any more, and one whose network has changed", () => {
  sockets[0]?.says("still");
  pass(49_999);
  expect(sockets).toHaveLength(1);
  pass(1);
  expect(sockets).toHaveLength(2);
  expect(sockets[0]?.closed).toBe(true);
  live.again();
  expect(sockets).toHaveLength(3);
  sockets[0]?.says("calls");
  expect(heard).toEqual([]);
});

it("ends with the session, and does not come back", () => {
  sockets[0]?.onclose?.({ code: 4401 });
  pass(100_000);
  live.again();
  expect([over, sockets.length]).toEqual([1, 1]);
});

it("is silent once it was stopped", () => {
  live.stop();
  pass(100_000);
  expect([sockets.length, sockets[0]?.closed, heard]).toEqual([1, true, []]);
});
