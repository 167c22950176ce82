/** «Limitation bande passante» (CALL-10): what a page sends, and wants to get, at most. */

/** What may be chosen, kb/s of each direction. The smallest has room for a voice and one small picture. */
export const LEVELS: readonly number[] = [2_000, 1_000, 500, 250];

/** Bit/s of the own voice with its packets' headers, each piece sent twice: kept free before any picture. */
const VOICE = 96_000;
/** What of the limit is given to voice and pictures, in hundredths: the rest is for headers, and for what is sent again. */
const USABLE = 95;
/** A larger size is not worth sending with less than this part of its usual rate. */
const WORTH = 1 / 3;

/** Bit/s of each of a picture's sizes, smallest first; null: it is not sent. */
export type Rates = (number | null)[];

/**
 * Divides what may be sent among one's pictures, the most important first: each has its smallest size, with less where they do not all
 * fit; then they have larger ones in turn.
 * @param kbps null: no limit
 * @param usual what each size takes without one, bit/s
 */
export function divide(kbps: number | null, usual: readonly (readonly number[])[]): Rates[] {
  if (kbps === null) return usual.map((rates) => [...rates]);
  let left = Math.max(0, kbps * 10 * USABLE - VOICE);
  const smallest = usual.reduce((sum, [rate = 0]) => sum + rate, 0);
  const share = Math.min(1, left / Math.max(1, smallest));
  left -= smallest * share;
  const given = usual.map(
    (rates): Rates => rates.map((rate, at) => (at === 0 ? Math.floor(rate * share) : null)),
  );
  const most = Math.max(0, ...usual.map((rates) => rates.length));
  for (let size = 1; size < most; size++) {
    for (const [picture, rates] of usual.entries()) {
      const rate = rates[size] ?? 0;
      const gets = Math.floor(Math.min(rate, left));
      const mine = given[picture];
      if (!mine || rate === 0 || gets < rate * WORTH) continue;
      mine[size] = gets;
      left -= gets;
    }
  }
  return given;
}

/** Where a device's choices are kept: a browser's storage. */
export type Memory = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const KEY = "tabellion:bandwidth";

/** The limit that was chosen last on this device, kb/s. */
export function remembered(memory: Memory): number | null {
  const kept = Number(memory.getItem(KEY));
  return LEVELS.includes(kept) ? kept : null;
}

export function remember(memory: Memory, kbps: number | null): void {
  if (kbps === null) memory.removeItem(KEY);
  else memory.setItem(KEY, String(kbps));
}
