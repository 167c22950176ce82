/** A line of 4 Mb/s that carries 1 Mb/s for a while: what becomes of the sound, and how soon the pictures have their rate again. */
import { setTimeout as pause } from "node:timers/promises";
import type { Page } from "@playwright/test";
import { arrivals, longestGap, record } from "./arrivals.ts";
import { keep, measure } from "./bench.ts";

const WIDE = 4_000_000;
const NARROW = 1_000_000;
/** Seconds, one way. */
const DELAY = 0.02;
const BEFORE = 15_000;
const DURING = 15_000;
const AFTER = 20_000;
/** The rate is that of so long, milliseconds. */
const SPAN = 1_000;
const SHARE = 0.9;

interface Sample {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Of all pictures. */
  readonly bytes: number;
  /** Of the sound, seconds made up for what did not come, beyond silences. */
  readonly made_up_s: number;
}

measure("a line that is narrow for a while", async ({ room }) => {
  const claire = await room.organizerInside();
  await room.guestInside(claire, "Diane Petit");
  const line = await room.line();
  const ways = (rate: number) => ({ down: { rate, delay: DELAY }, up: { rate, delay: DELAY } });
  await line.set(ways(WIDE));
  // Two pictures are enough of what the machine has to encode.
  const bob = await room.guestInside(claire, "Bob Martin", "nothing", line);
  await record(bob.page);
  const samples: Sample[] = [];
  const until = async (milliseconds: number) => {
    const end = performance.now() + milliseconds;
    while (performance.now() < end) {
      samples.push(await look(bob.page));
      await pause(100);
    }
  };
  const mark = () => performance.timeOrigin + performance.now();
  await until(BEFORE);
  const narrowed = mark();
  await line.set(ways(NARROW));
  await until(DURING);
  const widened = mark();
  await line.set(ways(WIDE));
  await until(AFTER);
  const ended = mark();
  const { sounds } = await arrivals(bob.page);
  const former = rate(samples, narrowed - 5_000, narrowed);
  const back = samples.find(({ at }) => at > widened && rate(samples, at - SPAN, at) >= SHARE * former);
  const [first, last] = [samples.findLast(({ at }) => at < narrowed), samples.at(-1)];
  if (!first || !last) throw new Error("nothing was measured");
  const voices = Object.values(sounds).filter((times) =>
    times.some((at) => at > narrowed - 1_000 && at < narrowed),
  );
  if (voices.length === 0) throw new Error("nobody was heard\n  what to do: look at target/e2e/failed");
  keep("bandwidth", {
    former_kbps: former,
    narrow_kbps: rate(samples, widened - 5_000, widened),
    last_kbps: rate(samples, ended - 5_000, ended),
    back_ms: back ? back.at - widened : null,
    looked_for_ms: AFTER,
    sound: {
      voices: voices.length,
      longest_gap_ms: Math.max(...voices.map((times) => longestGap(times, narrowed, ended))),
      made_up_ms: (last.made_up_s - first.made_up_s) * 1000,
    },
    kbps_each_second: Array.from({ length: Math.floor((ended - narrowed) / 1000) }, (_, second) =>
      Math.round(rate(samples, narrowed + second * 1000, narrowed + (second + 1) * 1000)),
    ),
  });
});

/** kb/s, of the samples nearest to both moments. */
function rate(samples: readonly Sample[], from: number, to: number): number {
  const at = (moment: number) => samples.findLast((one) => one.at <= moment) ?? samples[0];
  const [first, last] = [at(from), at(to)];
  if (!first || !last || last.at <= first.at) return 0;
  return ((last.bytes - first.bytes) * 8) / (last.at - first.at);
}

async function look(page: Page): Promise<Sample> {
  return await page.evaluate(async () => {
    const { connections = [] } = globalThis as { connections?: RTCPeerConnection[] };
    const sum = { at: performance.timeOrigin + performance.now(), bytes: 0, made_up_s: 0 };
    for (const connection of connections) {
      for (const one of (await connection.getStats()).values()) {
        if (one.type !== "inbound-rtp") continue;
        if (one.kind === "video") sum.bytes += one.bytesReceived;
        else sum.made_up_s += (one.concealedSamples - one.silentConcealedSamples) / 48_000;
      }
    }
    return sum;
  });
}
