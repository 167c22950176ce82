/** How the only picture that a page gets arrives, by the browser's own statistics. */
import type { Page } from "@playwright/test";

/** Sums since the page's beginning; seconds, bytes, frames. */
export interface Reception {
  readonly at: number;
  readonly frozen: number;
  readonly freezes: number;
  /** Between all pairs of frames that were shown one after the other. */
  readonly shown: number;
  readonly frames: number;
  /** That frames waited in the jitter buffer, all together. */
  readonly waited: number;
  readonly bytes: number;
  readonly lost: number;
  readonly nacks: number;
  readonly plis: number;
  readonly rows: number;
}

interface Keeper {
  connections?: RTCPeerConnection[];
}

export async function reception(page: Page): Promise<Reception> {
  const stream = await page.evaluate(async () => {
    let stream: Reception | undefined;
    let latest = 0;
    for (const connection of (globalThis as Keeper).connections ?? []) {
      if (connection.connectionState !== "connected") continue;
      for (const one of (await connection.getStats()).values()) {
        if (one.type !== "inbound-rtp" || one.kind !== "video" || !one.framesDecoded) continue;
        // Of those who have left, none comes any more.
        if (one.lastPacketReceivedTimestamp < latest) continue;
        latest = one.lastPacketReceivedTimestamp;
        stream = {
          at: one.timestamp / 1000,
          frozen: one.totalFreezesDuration,
          freezes: one.freezeCount,
          shown: one.totalInterFrameDelay,
          frames: one.framesDecoded,
          waited: one.jitterBufferDelay,
          bytes: one.bytesReceived,
          lost: one.packetsLost,
          nacks: one.nackCount,
          plis: one.pliCount,
          rows: one.frameHeight,
        };
      }
    }
    return stream;
  });
  if (!stream)
    throw new Error(
      `no picture comes to ${page.url()}\n  what to do: look at the pages in target/e2e/failed`,
    );
  return stream;
}

/** Between two looks. */
export interface Freezing {
  /** Seconds that were looked at. */
  seconds: number;
  /** Seconds that a picture stood still: what the browser counts, and what it has not yet counted at the end. */
  frozen_s: number;
  freezes: number;
  frames: number;
  /** Of a frame in the jitter buffer. */
  held_ms: number;
  lost_packets: number;
  nacks: number;
  plis: number;
  kbps: number;
  rows: number;
}

/** Longer without a frame at the end than this, seconds, is a freeze that goes on (a browser counts it when it is over). */
const STANDS_STILL = 0.5;

export function between(before: Reception, after: Reception): Freezing {
  const seconds = after.at - before.at;
  const untold = seconds - (after.shown - before.shown);
  return {
    seconds,
    frozen_s: after.frozen - before.frozen + (untold > STANDS_STILL ? untold : 0),
    freezes: after.freezes - before.freezes + (untold > STANDS_STILL ? 1 : 0),
    frames: after.frames - before.frames,
    held_ms: ((after.waited - before.waited) / (after.frames - before.frames)) * 1000,
    lost_packets: after.lost - before.lost,
    nacks: after.nacks - before.nacks,
    plis: after.plis - before.plis,
    kbps: ((after.bytes - before.bytes) * 8) / seconds / 1000,
    rows: after.rows,
  };
}
