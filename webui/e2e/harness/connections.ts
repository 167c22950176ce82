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
