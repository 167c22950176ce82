import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { Sound } from "./sound.ts";

/** Length of the head that baresip's `aufile` writes. */
const HEAD = 44;

/**
 * The last `seconds` of a file that is being written: 16 bit, one channel. The lengths in its head are filled in only
 * when it is closed, and are not read.
 */
export function wavTail(file: string, seconds: number, rate: number): Sound {
  const handle = openSync(file, "r");
  try {
    const whole = (fstatSync(handle).size - HEAD) & ~1;
    const wanted = Math.max(0, Math.min(whole, seconds * rate * 2));
    const bytes = Buffer.alloc(wanted);
    readSync(handle, bytes, 0, wanted, HEAD + whole - wanted);
    const samples = new Float32Array(wanted / 2);
    for (let index = 0; index < samples.length; index += 1)
      samples[index] = bytes.readInt16LE(index * 2) / 32768;
    return { samples, rate };
  } finally {
    closeSync(handle);
  }
}

/** How much sound a file being written holds, seconds. */
export function wavLength(file: string, rate: number): number {
  const handle = openSync(file, "r");
  try {
    return Math.max(0, fstatSync(handle).size - HEAD) / 2 / rate;
  } finally {
    closeSync(handle);
  }
}
