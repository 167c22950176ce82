import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { Persona } from "./people.ts";
import { runToEnd } from "./programs.ts";

/** Files that Chromium takes for a camera and a microphone. */
export interface FakeDevices {
  readonly camera: string;
  readonly microphone: string;
}

/** Length of the camera's loop, seconds: the bar crosses the picture once. */
const LOOP = 2;

/**
 * The camera: one colour, before which a white bar wanders, so that a picture that stands still is told from one
 * that lives. The microphone: a tone that swells and ebbs twice a second, for a browser takes a steady tone for noise
 * and removes it.
 */
export async function fakeDevices(persona: Persona, folder: string): Promise<FakeDevices> {
  mkdirSync(folder, { recursive: true });
  const camera = join(folder, `${persona.key}.y4m`);
  const microphone = join(folder, `${persona.key}.wav`);
  if (!existsSync(camera)) {
    const [width, height] = persona.grainy === true ? [960, 540] : [640, 360];
    const grain = persona.grainy ? ",noise=c0s=24:c0f=t" : "";
    await ffmpeg(
      camera,
      ...["-f", "lavfi", "-i", `color=c=${persona.colour}:s=${width}x${height}:r=25`],
      ...["-f", "lavfi", "-i", `color=c=white:s=40x${height}:r=25`],
      ...["-filter_complex", `overlay=x=t*${(width - 40) / LOOP},format=yuv420p${grain}`],
      ...["-t", String(LOOP), "-pix_fmt", "yuv420p"],
    );
  }
  if (!existsSync(microphone)) {
    const wave = `0.4*sin(2*PI*${persona.tone}*t)*(0.5-0.5*cos(2*PI*2*t))`;
    await ffmpeg(microphone, "-f", "lavfi", "-i", `aevalsrc=${wave}:s=48000:d=10`, "-ac", "1");
  }
  return { camera, microphone };
}

/** Writes beside and renames: a file that exists is whole. */
async function ffmpeg(output: string, ...parameters: string[]): Promise<void> {
  const part = output.replace(/(\.\w+)$/, ".part$1");
  await runToEnd("ffmpeg", "-v", "error", "-nostdin", "-y", ...parameters, part);
  renameSync(part, output);
}
