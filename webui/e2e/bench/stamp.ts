/** A camera whose picture is a clock: black and white fields that any codec carries, with check bits. */
import type { Page } from "@playwright/test";

/** Fields of the stamp, a bit each: 8 across and 6 down, the clock's 32 bits first, then 16 check bits. */
const COLUMNS = 8;
const ROWS = 6;

/** In the page, before its own scripts: a camera of this size, 25 pictures a second, each stamped with when it was drawn. */
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
    setInterval(() => {
      const clock = Math.round(performance.timeOrigin + performance.now()) >>> 0;
      const sum = check(clock);
      for (let field = 0; field < 48; field += 1) {
        const bit = field < 32 ? clock >>> (31 - field) : sum >>> (47 - field);
        context.fillStyle = bit & 1 ? "white" : "black";
        const [column, row] = [field % 8, Math.floor(field / 8)];
        context.fillRect((column * width) / 8, (row * height) / 6, width / 8, height / 6);
      }
      track.requestFrame();
    }, 40);
    return [track];
  };
  devices.getUserMedia = async ({ audio = false, video } = {}) => {
    const sound = audio ? (await own({ audio })).getTracks() : [];
    return new MediaStream([...sound, ...(video ? camera() : [])]);
  };
}

export interface Stamps {
  /** Milliseconds from the drawing of each picture until it was shown. */
  readonly ages: number[];
  /** Pictures whose check bits are wrong. */
  readonly unreadable: number;
  readonly rows: number;
}

/** Reads the stamps of the picture on somebody's tile for so many seconds. */
export async function readStamps(page: Page, name: string, seconds: number): Promise<Stamps> {
  return await page.evaluate(
    async ({ name, seconds, columns, rows }) => {
      const video = document.querySelector<HTMLVideoElement>(`[data-seat][data-name*="${name}"] video`);
      const canvas = new OffscreenCanvas(columns, rows);
      const context = canvas.getContext("2d", { willReadFrequently: true });
      if (!video || !context) throw new Error(`${name} has no tile`);
      const check = (clock: number): number => {
        let sum = 0xffff;
        for (let bit = 31; bit >= 0; bit -= 1) {
          const differs = ((sum >>> 15) ^ (clock >>> bit)) & 1;
          sum = ((sum << 1) & 0xffff) ^ (differs ? 0x1021 : 0);
        }
        return sum;
      };
      const ages: number[] = [];
      let unreadable = 0;
      const end = performance.now() + seconds * 1000;
      await new Promise<void>((done) => {
        const shown = (_: number, { expectedDisplayTime }: VideoFrameCallbackMetadata) => {
          // Each field as one pixel: its middle, by the nearest one.
          context.imageSmoothingEnabled = false;
          context.drawImage(video, 0, 0, columns, rows);
          const { data } = context.getImageData(0, 0, columns, rows);
          let clock = 0;
          let sum = 0;
          for (let field = 0; field < columns * rows; field += 1) {
            const bit = (data[field * 4] ?? 0) > 127 ? 1 : 0;
            if (field < 32) clock = (clock << 1) | bit;
            else sum = (sum << 1) | bit;
          }
          const at = Math.round(performance.timeOrigin + expectedDisplayTime) >>> 0;
          if (check(clock) === sum) ages.push((at - (clock >>> 0)) | 0);
          else unreadable += 1;
          if (performance.now() < end) video.requestVideoFrameCallback(shown);
          else done();
        };
        video.requestVideoFrameCallback(shown);
      });
      return { ages, unreadable, rows: video.videoHeight };
    },
    { name, seconds, columns: COLUMNS, rows: ROWS },
  );
}
