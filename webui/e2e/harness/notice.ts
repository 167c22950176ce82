/** Reads a notice on a room system's screen: by its letters, which stand where a picture of the same notice has them. */
import { join } from "node:path";
import { runToEnd } from "./programs.ts";

/**
 * Notices of which e2e/notices has a picture, as a room system decoded it once:
 * `ffmpeg -i target/e2e/room-systems/…/waiting.png -vf scale=640:360:flags=area,format=gray …/waiting-room.png`.
 */
export type NoticeName = "waiting-room" | "enter-code";

/** The size that letters are compared in: their strokes still have two pixels. */
const SIZE = "640:360";
/** Letters are bright, the ground behind them is dark; 0 to 255. */
const BRIGHT = 128;
/** What a codec leaves of the same letters has more than this in common … */
export const SAME_LETTERS = 0.8;
/** … and other letters less than this. */
export const OTHER_LETTERS = 0.4;

/** How far a screen's letters are those of the notice: their common pixels as a share of all of either, 0 to 1. */
export async function likeness(screen: string, notice: NoticeName): Promise<number> {
  const [seen, known] = await Promise.all([
    letters(screen),
    letters(join(import.meta.dirname, "../notices", `${notice}.png`)),
  ]);
  let both = 0;
  let either = 0;
  for (let at = 0; at < known.length; at += 1) {
    const [one, other] = [(seen[at] ?? 0) > BRIGHT, (known[at] ?? 0) > BRIGHT];
    if (one && other) both += 1;
    if (one || other) either += 1;
  }
  return either === 0 ? 0 : both / either;
}

async function letters(file: string): Promise<Buffer> {
  const grey = ["-vf", `scale=${SIZE}:flags=area`, "-f", "rawvideo", "-pix_fmt", "gray"];
  return await runToEnd("ffmpeg", "-v", "error", "-i", file, ...grey, "-");
}
