/** An ICE restart of a connection that works, begun by the page: what is lost of the pictures, and for how long they stand still. */
import { setTimeout as pause } from "node:timers/promises";
import type { Page } from "@playwright/test";
import { arrivals, framesOf, longestGap, record } from "./arrivals.ts";
import { keep, measure } from "./bench.ts";

const TIMES = 10;
/** Milliseconds before and after a restart in which a gap counts as its own. */
const AROUND = 1_000;

interface Keeper {
  connections?: RTCPeerConnection[];
}

measure("ICE restarts", async ({ room }) => {
  const claire = await room.organizerInside();
  const line = await room.line();
  const bob = await room.guestInside(claire, "Bob Martin", "camera and microphone", line);
  for (const { page } of [claire, bob]) await record(page);
  // Until the larger size is shown, and the smaller ones are no longer sent.
  await pause(8_000);
  const began = performance.timeOrigin + performance.now();
  const before = await Promise.all([underway(claire.page, bob.page), underway(bob.page, claire.page)]);
  const spans: { from: number; to: number }[] = [];
  for (let turn = 0; turn < TIMES; turn += 1) {
    spans.push(await restart(bob.page));
    await pause(2 * AROUND);
  }
  const after = await Promise.all([underway(claire.page, bob.page), underway(bob.page, claire.page)]);
  const ended = performance.timeOrigin + performance.now();
  const [atClaire, atBob] = [await arrivals(claire.page), await arrivals(bob.page)];
  const pictures = [framesOf(atClaire, bob.name), framesOf(atBob, claire.name)];
  const gaps = spans.map(({ from, to }) =>
    Math.max(...pictures.map((times) => longestGap(times, from - AROUND, to + AROUND))),
  );
  keep("restart", {
    restarts: TIMES,
    took_ms: spans.map(({ from, to }) => to - from),
    gaps_ms: gaps,
    frames: pictures.map((times) => times.filter((time) => time > began && time < ended).length),
    frames_lost: after.map((now, way) => now - (before[way] ?? 0)),
  });
});

/**
 * Tells the page that its connection is interrupted, though it is not: it restarts ICE by itself then, as after a change of network.
 * @returns from its offer until the box's answer is in force and the new way is chosen, milliseconds since 1970
 */
async function restart(page: Page): Promise<{ from: number; to: number }> {
  return await page.evaluate(async () => {
    const { connections = [] } = globalThis as Keeper;
    const connection = connections.findLast(({ connectionState }) => connectionState === "connected");
    if (!connection) throw new Error("there is no connection to be restarted");
    const now = () => performance.timeOrigin + performance.now();
    const changed = () => connection.onconnectionstatechange?.(new Event("connectionstatechange"));
    const pair = async () => {
      for (const one of (await connection.getStats()).values()) {
        if (one.type === "transport") return one.selectedCandidatePairId as string;
      }
      return "";
    };
    const former = await pair();
    let from = 0;
    const offered = new Promise<void>((done, fail) => {
      setTimeout(() => fail(new Error("the page does not restart ICE")), 10_000);
      connection.addEventListener("signalingstatechange", () => {
        if (connection.signalingState === "have-local-offer") from = now();
        if (connection.signalingState === "stable" && from > 0) done();
      });
    });
    Object.defineProperty(connection, "connectionState", { configurable: true, get: () => "disconnected" });
    changed();
    await offered;
    // The browser's own word again.
    delete (connection as { connectionState?: unknown }).connectionState;
    const end = now() + 5_000;
    while ((await pair()) === former) {
      if (now() > end) throw new Error("no new way was chosen after the ICE restart");
      await new Promise((done) => setTimeout(done, 10));
    }
    const to = now();
    changed();
    return { from, to };
  });
}

/**
 * Frames of the one's picture that the other one has not decoded, of all that were sent in the size that is shown: the least of several
 * looks, as some are always on their way.
 */
async function underway(receiver: Page, sender: Page): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let look = 0; look < 20; look += 1) {
    const [sent, decoded] = await Promise.all([framesSent(sender), framesDecoded(receiver)]);
    least = Math.min(least, sent - decoded);
    await pause(53);
  }
  return least;
}

async function framesSent(page: Page): Promise<number> {
  return await page.evaluate(async () => {
    const sent: { rows: number; frames: number }[] = [];
    for (const connection of (globalThis as Keeper).connections ?? []) {
      for (const one of (await connection.getStats()).values()) {
        if (one.type === "outbound-rtp" && one.kind === "video" && one.active)
          sent.push({ rows: one.frameHeight ?? 0, frames: one.framesSent });
      }
    }
    return sent.sort((a, b) => b.rows - a.rows)[0]?.frames ?? 0;
  });
}

async function framesDecoded(page: Page): Promise<number> {
  return await page.evaluate(async () => {
    let frames = 0;
    for (const connection of (globalThis as Keeper).connections ?? []) {
      for (const one of (await connection.getStats()).values()) {
        if (one.type === "inbound-rtp" && one.kind === "video") frames += one.framesDecoded;
      }
    }
    return frames;
  });
}
