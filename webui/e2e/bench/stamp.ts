/** A camera whose picture is a clock: black and white fields that any codec carries, with check bits. */
import type { Page } from "@playwright/test";
import { runToEnd } from "../harness/programs.ts";

/**
 * Fields of a picture: 8 across and 8 down. The upper six rows are the stamp, a bit each: the clock's 32 bits first, then 16 check
 * bits. The lower two are grey: a mix writes the name there.
 */
const COLUMNS = 8;
const ROWS = 8;

/**
 * In the page, before its own scripts: a camera of this size, 25 pictures a second, each stamped with when it was drawn. The
 * clock is `Date.now()`, the machine's own (CLOCK_REALTIME), which all its programs share: a page's `performance.now()` is tied to
 * it once, when the page comes, and drifts off where the machine's clock is being set right.
 */
export function stampCamera({ width, height }: { width: number; height: number }): void {
  const devices = navigator.mediaDevices;
  const own = devices.getUserMedia.bind(devices);
  /** CRC-16/CCITT-FALSE. */
  const check = (clock: number): number => {
    let sum = 0xffff;
    for (let bit = 31; bit >= 0; bit -= 1) {
      const differs = ((sum >>> 15) ^ (clock >>> bit)) & 1;
      sum = ((sum << 1) & 0xffff) ^ (differs ? 0x1021 : 0);
    }
    return sum;
  };
  const camera = (): MediaStreamTrack[] => {
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const context = canvas.getContext("2d");
    const [track] = canvas.captureStream(0).getVideoTracks() as CanvasCaptureMediaStreamTrack[];
    if (!context || !track) throw new Error("no canvas to draw a camera on");
    const draw = () => {
      const clock = Date.now() >>> 0;
      const sum = check(clock);
      context.fillStyle = "grey";
      context.fillRect(0, 0, width, height);
      for (let field = 0; field < 48; field += 1) {
        const bit = field < 32 ? clock >>> (31 - field) : sum >>> (47 - field);
        context.fillStyle = bit & 1 ? "white" : "black";
        const [column, row] = [field % 8, Math.floor(field / 8)];
        context.fillRect((column * width) / 8, (row * height) / 8, width / 8, height / 8);
      }
      track.requestFrame();
    };
    let drawing = setInterval(draw, 40);
    addEventListener("shift-camera", ({ detail: wait }: CustomEventInit<number>) => {
      clearInterval(drawing);
      setTimeout(() => {
        draw();
        drawing = setInterval(draw, 40);
      }, wait);
    });
    return [track];
  };
  devices.getUserMedia = async ({ audio = false, video } = {}) => {
    const sound = audio ? (await own({ audio })).getTracks() : [];
    return new MediaStream([...sound, ...(video ? camera() : [])]);
  };
}

/** From now on a stamped camera's pictures come so many milliseconds later within their 40. */
export async function shiftCamera(page: Page, ms: number): Promise<void> {
  await page.evaluate((detail) => dispatchEvent(new CustomEvent("shift-camera", { detail })), 40 + ms);
}

/** Pictures that were shown. */
export class Stamps {
  /** Milliseconds from the drawing of each picture until it was shown. */
  readonly ages: number[] = [];
  /** Pictures whose check bits are wrong. */
  unreadable = 0;

  /** @param luma 0 to 255, of each field; @param at when it was shown, ms since 1970 */
  add(luma: ArrayLike<number>, at: number): void {
    const bits = (from: number, to: number) => {
      let value = 0;
      for (let field = from; field < to; field += 1)
        value = (value << 1) | ((luma[field] ?? 0) > 127 ? 1 : 0);
      return value;
    };
    const clock = bits(0, 32);
    if (checkBits(clock) === bits(32, 48)) this.ages.push((Math.round(at) - clock) | 0);
    else this.unreadable += 1;
  }
}

/** As {@link stampCamera} makes them, which takes nothing with it into the page. */
function checkBits(clock: number): number {
  let sum = 0xffff;
  for (let bit = 31; bit >= 0; bit -= 1) {
    const differs = ((sum >>> 15) ^ (clock >>> bit)) & 1;
    sum = ((sum << 1) & 0xffff) ^ (differs ? 0x1021 : 0);
  }
  return sum;
}

/** Reads the stamps of the picture on somebody's tile for so many seconds; `rows`: of that picture. */
export async function readStamps(
  page: Page,
  name: string,
  seconds: number,
): Promise<{ stamps: Stamps; rows: number }> {
  const { shown, rows } = await page.evaluate(
    async ({ name, seconds, columns, rows }) => {
      const video = document.querySelector<HTMLVideoElement>(`[data-seat][data-name*="${name}"] video`);
      const canvas = new OffscreenCanvas(columns, rows);
      const context = canvas.getContext("2d", { willReadFrequently: true });
      if (!video || !context) throw new Error(`${name} has no tile`);
      const all: { luma: number[]; at: number }[] = [];
      const end = performance.now() + seconds * 1000;
      await new Promise<void>((done) => {
        const take = (_: number, { expectedDisplayTime }: VideoFrameCallbackMetadata) => {
          const at = Date.now() + expectedDisplayTime - performance.now();
          // Each field as one pixel: its middle, by the nearest one.
          context.imageSmoothingEnabled = false;
          context.drawImage(video, 0, 0, columns, rows);
          const { data } = context.getImageData(0, 0, columns, rows);
          all.push({ luma: Array.from({ length: columns * rows }, (_, field) => data[field * 4] ?? 0), at });
          if (performance.now() < end) video.requestVideoFrameCallback(take);
          else done();
        };
        video.requestVideoFrameCallback(take);
      });
      return { shown: all, rows: video.videoHeight };
    },
    { name, seconds, columns: COLUMNS, rows: ROWS },
  );
  const stamps = new Stamps();
  for (const { luma, at } of shown) stamps.add(luma, at);
  return { stamps, rows };
}

/** The luma of each field of pictures that lie in PNG files, of one size. */
export async function fieldsOf(files: readonly string[]): Promise<Uint8Array[]> {
  const input = ["-f", "png_pipe", "-i", `concat:${files.join("|")}`];
  const fields = `scale=${COLUMNS}:${ROWS}:flags=area,format=gray`;
  const raw = await runToEnd("ffmpeg", "-v", "error", ...input, "-vf", fields, "-f", "rawvideo", "-");
  const size = COLUMNS * ROWS;
  if (raw.length !== files.length * size)
    throw new Error(`of ${files.length} pictures FFmpeg reads ${raw.length / size}\n  what to do: report it`);
  return files.map((_, index) => raw.subarray(index * size, (index + 1) * size));
}
