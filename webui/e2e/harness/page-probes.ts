/** Looks at what a page really shows and plays. */
import type { Page } from "@playwright/test";
import type { Picture } from "./picture.ts";
import type { Sound } from "./sound.ts";

/** Two looks at a tile's picture, a moment apart. */
export interface TileLook {
  readonly name: string;
  readonly first: Picture;
  readonly second: Picture;
}

/** Size that tiles are looked at in. */
const WIDTH = 64;
const HEIGHT = 36;

/** All tiles of the page that show a picture, each looked at twice, 250 ms apart. */
export async function lookAtTiles(page: Page): Promise<TileLook[]> {
  const looks = await page.evaluate(
    async ({ width, height }) => {
      const look = (video: HTMLVideoElement): string => {
        const canvas = new OffscreenCanvas(width, height);
        const context = canvas.getContext("2d", { willReadFrequently: true });
        if (!context) throw new Error("no 2D canvas");
        context.drawImage(video, 0, 0, width, height);
        const { data } = context.getImageData(0, 0, width, height);
        let rgb = "";
        for (let at = 0; at < data.length; at += 4)
          rgb += String.fromCharCode(data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0);
        return btoa(rgb);
      };
      const tiles = [...document.querySelectorAll<HTMLElement>("[data-seat]")].flatMap((tile) => {
        const video = tile.querySelector("video");
        const shown =
          video &&
          video.videoWidth > 0 &&
          video.checkVisibility({ visibilityProperty: true, opacityProperty: true });
        return shown ? [{ name: tile.dataset["name"] ?? "", video, first: look(video) }] : [];
      });
      await new Promise((done) => setTimeout(done, 250));
      return tiles.map(({ name, video, first }) => ({ name, first, second: look(video) }));
    },
    { width: WIDTH, height: HEIGHT },
  );
  const picture = (base64: string): Picture => ({
    rgb: new Uint8Array(Buffer.from(base64, "base64")),
    width: WIDTH,
    height: HEIGHT,
  });
  return looks.map(({ name, first, second }) => ({ name, first: picture(first), second: picture(second) }));
}

/** What the page's loudspeaker plays during the next `seconds`: all media elements that are neither paused nor muted. */
export async function listen(page: Page, seconds: number): Promise<Sound> {
  const { base64, rate } = await page.evaluate(async (length) => {
    const context = new AudioContext();
    try {
      const analyser = new AnalyserNode(context, { fftSize: 32768 });
      for (const element of document.querySelectorAll<HTMLMediaElement>("audio, video")) {
        const stream = element.srcObject;
        const played = !element.paused && !element.muted && element.volume > 0;
        if (played && stream instanceof MediaStream && stream.getAudioTracks().length > 0) {
          context.createMediaStreamSource(stream).connect(analyser);
        }
      }
      // The analyser gives the last 0.68 s of sound: several of them, one after the other, make the whole.
      const chunk = analyser.fftSize / context.sampleRate;
      let bytes = "";
      for (let heard = 0; heard < length; heard += chunk) {
        await new Promise((done) => setTimeout(done, chunk * 1000));
        const samples = new Float32Array(analyser.fftSize);
        analyser.getFloatTimeDomainData(samples);
        for (const sample of samples) {
          const level = Math.max(-32768, Math.min(32767, Math.round(sample * 32767))) & 0xffff;
          bytes += String.fromCharCode(level & 0xff, level >> 8);
        }
      }
      return { base64: btoa(bytes), rate: context.sampleRate };
    } finally {
      await context.close();
    }
  }, seconds);
  const bytes = Buffer.from(base64, "base64");
  const samples = new Float32Array(bytes.length / 2);
  for (let index = 0; index < samples.length; index += 1)
    samples[index] = bytes.readInt16LE(index * 2) / 32768;
  return { samples, rate };
}

/** Milliseconds from the last click on «Rejoindre la réunion» to the first remote picture after it; undefined before. */
export async function joinTime(page: Page): Promise<number | undefined> {
  return await page.evaluate(() => {
    const click = performance.getEntriesByName("tabellion:join-click").at(-1);
    const frame = performance.getEntriesByName("tabellion:first-remote-frame").at(-1);
    return click && frame && frame.startTime > click.startTime
      ? frame.startTime - click.startTime
      : undefined;
  });
}
