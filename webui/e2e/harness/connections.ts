/** What a page's connections carry, by the browser's own statistics. */
import type { Page } from "@playwright/test";

interface Keeper {
  connections?: RTCPeerConnection[];
}

/** In the page, before its own scripts: keeps the connections that they make. */
export function keepConnections(): void {
  const kept: RTCPeerConnection[] = [];
  (globalThis as Keeper).connections = kept;
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      kept.push(this);
    }
  };
}

/** Rows of the pictures that come, and of each size of one's own that is sent now, by its name. */
export async function pictureRows(page: Page): Promise<{ come: number[]; sent: Record<string, number> }> {
  return await page.evaluate(async () => {
    const come: number[] = [];
    const sent: Record<string, number> = {};
    for (const connection of (globalThis as Keeper).connections ?? []) {
      if (connection.connectionState !== "connected") continue;
      for (const stream of (await connection.getStats()).values()) {
        if (stream.type === "inbound-rtp" && stream.frameHeight) come.push(stream.frameHeight);
        if (stream.type === "outbound-rtp" && stream.rid && stream.active)
          sent[stream.rid] = stream.frameHeight;
      }
    }
    return { come, sent };
  });
}

/** What the page's media send, and what comes, over so many seconds: kb/s, with all that is sent again and filled up. */
export async function traffic(page: Page, seconds: number): Promise<{ sent: number; come: number }> {
  return await page.evaluate(async (seconds) => {
    const count = async () => {
      const sum = { sent: 0, come: 0, at: performance.now() };
      for (const connection of (globalThis as Keeper).connections ?? []) {
        if (connection.connectionState !== "connected") continue;
        for (const { type, bytesSent, bytesReceived } of (await connection.getStats()).values()) {
          if (type !== "transport") continue;
          sum.sent += bytesSent;
          sum.come += bytesReceived;
        }
      }
      return sum;
    };
    const before = await count();
    await new Promise((done) => setTimeout(done, seconds * 1_000));
    const after = await count();
    const rate = (bytes: number) => Math.round((bytes * 8) / (after.at - before.at));
    return { sent: rate(after.sent - before.sent), come: rate(after.come - before.come) };
  }, seconds);
}

/** The share of the voices heard that was made up for what did not come, since the page's beginning or since another such look. */
export async function concealed(page: Page, since = { made: 0, heard: 0 }) {
  const now = await page.evaluate(async () => {
    const sum = { made: 0, heard: 0 };
    for (const connection of (globalThis as Keeper).connections ?? []) {
      for (const stream of (await connection.getStats()).values()) {
        if (stream.type !== "inbound-rtp" || stream.kind !== "audio") continue;
        // What is made up in a silence is none of it.
        sum.made += stream.concealedSamples - stream.silentConcealedSamples;
        sum.heard += stream.totalSamplesReceived;
      }
    }
    return sum;
  });
  return { ...now, share: (now.made - since.made) / Math.max(1, now.heard - since.heard) };
}

/**
 * How the page's media reach the box: `host`, or `relay` where a TURN server is between them; and the name under which it would be
 * asked now.
 */
export async function way(page: Page): Promise<{ by: string | undefined; as: string | undefined }> {
  return await page.evaluate(async () => {
    for (const connection of (globalThis as Keeper).connections ?? []) {
      if (connection.connectionState !== "connected") continue;
      const report = await connection.getStats();
      const [transport] = [...report.values()].filter(({ type }) => type === "transport");
      const pair = report.get(transport?.selectedCandidatePairId);
      const [server] = connection.getConfiguration().iceServers ?? [];
      return { by: report.get(pair?.localCandidateId)?.candidateType, as: server?.username };
    }
    return { by: undefined, as: undefined };
  });
}

/** The streams' directions and codecs, `inbound video/H264`, of all streams that have carried something. */
export async function codecs(page: Page): Promise<string[]> {
  return await page.evaluate(async () => {
    const found = new Set<string>();
    for (const connection of (globalThis as Keeper).connections ?? []) {
      if (connection.connectionState !== "connected") continue;
      const report = await connection.getStats();
      for (const stream of report.values()) {
        const carried =
          stream.framesDecoded ?? stream.framesEncoded ?? stream.packetsReceived ?? stream.packetsSent;
        if (!/^(in|out)bound-rtp$/.test(stream.type) || !carried) continue;
        found.add(`${stream.type.split("-")[0]} ${report.get(stream.codecId)?.mimeType}`);
      }
    }
    return [...found].sort();
  });
}
