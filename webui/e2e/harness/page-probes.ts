/** Looks at what a page really shows and plays. */
import type { Page } from "@playwright/test";
import type { Heard } from "./perception.ts";
import type { Picture } from "./picture.ts";
import { tone } from "./sound.ts";

/** Two looks at a tile's picture, a moment apart. */
export interface TileLook {
  readonly name: string;
  readonly first: Picture;
  readonly second: Picture;
}

/** What a page shows: the others' tiles, and the own camera's picture in its corner. */
export interface ScreenLook {
  readonly tiles: readonly TileLook[];
  readonly own: TileLook | undefined;
}

/** Size that tiles are looked at in. */
const WIDTH = 64;
const HEIGHT = 36;

/** All tiles of the page that show a picture, each looked at twice, 250 ms apart. */
export async function lookAtScreen(page: Page): Promise<ScreenLook> {
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
      const videos = document.querySelectorAll<HTMLVideoElement>("[data-seat] video, video[data-own]");
      const tiles = [...videos].flatMap((video) => {
        const shown =
          video.videoWidth > 0 && video.checkVisibility({ visibilityProperty: true, opacityProperty: true });
        const name = video.closest<HTMLElement>("[data-seat]")?.dataset["name"];
        return shown ? [{ name, video, first: look(video) }] : [];
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
  const seen = looks.map(({ name, first, second }) => ({
    own: name === undefined,
    name: name ?? "",
    first: picture(first),
    second: picture(second),
  }));
  return { tiles: seen.filter(({ own }) => !own), own: seen.find(({ own }) => own) };
}

/** A tone that each listening adds, as quiet as a whisper: what does not even hear this is deaf. Hz, nobody's own. */
const PILOT = 3700;

/**
 * What the page's loudspeaker plays during the next `seconds`: all media elements that are neither paused nor muted.
 * Alive is an ear that hears the pilot tone, in a page that has such an element.
 */
export async function listen(page: Page, seconds: number): Promise<Heard> {
  const listened = await page.evaluate(
    async ({ length, pilot }) => {
      const context = new AudioContext();
      try {
        const analyser = new AnalyserNode(context, { fftSize: 32768 });
        const whisper = new OscillatorNode(context, { frequency: pilot });
        whisper.connect(new GainNode(context, { gain: 0.01 })).connect(analyser);
        whisper.start();
        let loudspeakers = 0;
        for (const element of document.querySelectorAll<HTMLMediaElement>("audio, video")) {
          const stream = element.srcObject;
          const played = !element.paused && !element.muted && element.volume > 0;
          if (played && stream instanceof MediaStream && stream.getAudioTracks().length > 0) {
            context.createMediaStreamSource(stream).connect(analyser);
            loudspeakers += 1;
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
        return { base64: btoa(bytes), rate: context.sampleRate, loudspeakers };
      } finally {
        await context.close();
      }
    },
    { length: seconds, pilot: PILOT },
  );
  const { base64, rate, loudspeakers } = listened;
  const bytes = Buffer.from(base64, "base64");
  const samples = new Float32Array(bytes.length / 2);
  for (let index = 0; index < samples.length; index += 1)
    samples[index] = bytes.readInt16LE(index * 2) / 32768;
  const alive = loudspeakers > 0 && tone({ samples, rate }, PILOT).heard;
  return { samples, rate, alive };
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
