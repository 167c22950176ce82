/** When each picture and each piece of sound reached the page: written down in the page, while everything goes on. */
import type { Page } from "@playwright/test";

/** Milliseconds since 1970 of what came, oldest first. */
export interface Arrivals {
  /** Frames shown, by the name on their tile. */
  readonly frames: Readonly<Record<string, readonly number[]>>;
  /** Sound that was heard, nothing that was made up, by its m-line. Looked at every 10 ms. */
  readonly sounds: Readonly<Record<string, readonly number[]>>;
}

interface Recorder {
  connections?: RTCPeerConnection[];
  arrivals?: { frames: Record<string, number[]>; sounds: Record<string, number[]> };
}

/** Begins to write down. */
export async function record(page: Page): Promise<void> {
  await page.evaluate(() => {
    const arrivals: NonNullable<Recorder["arrivals"]> = { frames: {}, sounds: {} };
    (globalThis as Recorder).arrivals = arrivals;
    const now = () => performance.timeOrigin + performance.now();
    const watched = new WeakSet<HTMLVideoElement>();
    const watch = (video: HTMLVideoElement, name: string) => {
      watched.add(video);
      const shown = () => {
        arrivals.frames[name] ??= [];
        arrivals.frames[name].push(now());
        video.requestVideoFrameCallback(shown);
      };
      video.requestVideoFrameCallback(shown);
    };
    const look = () => {
      for (const video of document.querySelectorAll<HTMLVideoElement>("[data-seat] video")) {
        const name = video.closest<HTMLElement>("[data-seat]")?.dataset["name"];
        if (name && !watched.has(video)) watch(video, name);
      }
    };
    look();
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
    const last = new Map<string, number>();
    setInterval(() => {
      for (const connection of (globalThis as Recorder).connections ?? []) {
        if (connection.connectionState === "closed") continue;
        for (const { mid, receiver } of connection.getTransceivers()) {
          if (receiver.track.kind !== "audio" || mid === null) continue;
          const [source] = receiver.getSynchronizationSources();
          if (!source || last.get(mid) === source.rtpTimestamp) continue;
          last.set(mid, source.rtpTimestamp);
          arrivals.sounds[mid] ??= [];
          arrivals.sounds[mid].push(now());
        }
      }
    }, 10);
  });
}

/** What has come since {@link record}, or since the last such look. */
export async function arrivals(page: Page): Promise<Arrivals> {
  return await page.evaluate(() => {
    const recorder = globalThis as Recorder;
    const { frames = {}, sounds = {} } = recorder.arrivals ?? {};
    return { frames, sounds };
  });
}

/** The frames of whoever has this in the name on the tile. */
export function framesOf({ frames }: Arrivals, name: string): readonly number[] {
  const found = Object.entries(frames).find(([shown]) => shown.includes(name));
  if (!found)
    throw new Error(
      `no picture of ${name} was ever shown\n  what to do: look at the pages in target/e2e/failed`,
    );
  return found[1];
}

/** The first after a moment, milliseconds after it; null where there was none. */
export function after(times: readonly number[], moment: number): number | null {
  const first = times.find((time) => time > moment);
  return first === undefined ? null : first - moment;
}

/** The longest time between two that follow one another, of those from one moment to another one, milliseconds. */
export function longestGap(times: readonly number[], from: number, to: number): number {
  const inside = [from, ...times.filter((time) => time > from && time < to), to];
  return Math.max(...inside.slice(1).map((time, index) => time - (inside[index] ?? time)));
}
