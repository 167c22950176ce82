/** Finds tones in sound: the proof that a voice was heard is its own frequency, not a count of packets. */

/** Samples from −1 to 1, one channel. */
export interface Sound {
  readonly samples: Float32Array;
  /** Hz. */
  readonly rate: number;
}

/** A tone is heard where it stands this far above what is between the tones, dB. */
const CLEAR = 20;
/** … and is no weaker than this, dB relative to full scale. */
const AUDIBLE = -55;
/** Samples of one look: 85 ms at 48 kHz, short enough to fall into the swelling of a tone. */
const WINDOW = 4096;
/** Frequencies where nobody speaks, and that are not close to anybody's harmonics, Hz. */
const BETWEEN = [620, 755, 1190, 1505, 1900, 2120, 2790, 3250];

/**
 * A tone's level at the loudest of the moments in which it is heard, or of all where it never is, and the level between the tones in
 * that moment; dB relative to full scale.
 */
export interface ToneLevel {
  readonly level: number;
  readonly floor: number;
  readonly heard: boolean;
}

/** Looks for a tone of `frequency` Hz in the sound. */
export function tone(sound: Sound, frequency: number): ToneLevel {
  let best: ToneLevel = { level: -200, floor: -200, heard: false };
  for (let start = 0; start + WINDOW <= sound.samples.length; start += WINDOW / 2) {
    const look = sound.samples.subarray(start, start + WINDOW);
    const level = power(look, sound.rate, frequency);
    // Where two recordings were joined the sound jumps, which is a little of every frequency: no moment to judge by.
    if (best.heard && level <= best.level) continue;
    const floors = BETWEEN.map((other) => power(look, sound.rate, other)).sort((a, b) => a - b);
    const floor = floors[floors.length >> 1] ?? -200;
    const heard = level > AUDIBLE && level - floor > CLEAR;
    if (heard || (!best.heard && level > best.level)) best = { level, floor, heard };
  }
  return best;
}

/** Goertzel's algorithm under a Hann window; a full-scale sine gives 0 dB. */
function power(samples: Float32Array, rate: number, frequency: number): number {
  const step = (2 * Math.PI * frequency) / rate;
  const coefficient = 2 * Math.cos(step);
  const count = samples.length;
  let previous = 0;
  let before = 0;
  for (let index = 0; index < count; index += 1) {
    const hann = 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / count);
    const value = (samples[index] ?? 0) * hann + coefficient * previous - before;
    before = previous;
    previous = value;
  }
  const energy = previous * previous + before * before - coefficient * previous * before;
  // Half the samples' weight is lost to the window, and half of a sine's to its negative frequency.
  return 10 * Math.log10(energy / (count / 4) ** 2 + 1e-20);
}
