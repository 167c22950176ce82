/** Finds people's colours in pictures. */
import { PERSONAS, type Persona } from "./people.ts";

/** Pixels, red green blue, row by row. */
export interface Picture {
  readonly rgb: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** A pixel belongs to a person whose hue is this near, degrees. */
const NEAR = 22;

/** The share of the picture that has this person's colour, 0 to 1. */
export function share(picture: Picture, persona: Persona): number {
  let count = 0;
  const { rgb } = picture;
  for (let at = 0; at + 2 < rgb.length; at += 3) {
    if (hasHue(rgb[at] ?? 0, rgb[at + 1] ?? 0, rgb[at + 2] ?? 0, persona.hue)) count += 1;
  }
  return count / (rgb.length / 3);
}

/** Each person's share, for messages: `claire 48 %, bob 0 %, …`. */
export function inWords(picture: Picture): string {
  const parts = PERSONAS.map((persona) => `${persona.key} ${Math.round(share(picture, persona) * 100)} %`);
  return `${picture.width}×${picture.height}: ${parts.join(", ")}`;
}

/** Mean difference of two pictures, 0 to 255: a picture that lives differs from the one before. */
export function difference(one: Picture, other: Picture): number {
  if (one.rgb.length !== other.rgb.length) return 255;
  let sum = 0;
  for (let at = 0; at < one.rgb.length; at += 1) sum += Math.abs((one.rgb[at] ?? 0) - (other.rgb[at] ?? 0));
  return sum / one.rgb.length;
}

/**
 * How much of this person's picture changed between two looks, 0 to 1: of the pixels that had the person's colour in
 * either look, those that had it in one only. What moves elsewhere in the picture does not count.
 */
export function motion(one: Picture, other: Picture, persona: Persona): number {
  if (one.rgb.length !== other.rgb.length) return 0;
  const has = ({ rgb }: Picture, at: number): boolean =>
    hasHue(rgb[at] ?? 0, rgb[at + 1] ?? 0, rgb[at + 2] ?? 0, persona.hue);
  let either = 0;
  let changed = 0;
  for (let at = 0; at + 2 < one.rgb.length; at += 3) {
    const [before, after] = [has(one, at), has(other, at)];
    if (before || after) either += 1;
    if (before !== after) changed += 1;
  }
  return either === 0 ? 0 : changed / either;
}

/** Vivid pixels only: dark backgrounds and the white bar have no hue worth the name. */
function hasHue(red: number, green: number, blue: number, hue: number): boolean {
  const high = Math.max(red, green, blue);
  const chroma = high - Math.min(red, green, blue);
  if (high < 110 || chroma < 0.45 * high) return false;
  const sixth =
    high === red
      ? (green - blue) / chroma
      : high === green
        ? 2 + (blue - red) / chroma
        : 4 + (red - green) / chroma;
  const distance = Math.abs(((sixth * 60 - hue + 540) % 360) - 180);
  return distance <= NEAR;
}
