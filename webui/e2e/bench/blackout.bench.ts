/** Ten seconds without a network: how soon pictures and sound are back, both ways. */
import { setTimeout as pause } from "node:timers/promises";
import { Guest } from "../harness/guest.ts";
import type { Line } from "../harness/line.ts";
import { ANNE, BOB, DIANE, type Persona } from "../harness/people.ts";
import { type Arrivals, after, arrivals, framesOf, record } from "./arrivals.ts";
import { keep, measure } from "./bench.ts";

const BLACKOUT = 10_000;
/** From the return on; what has not come by then is lost. */
const PATIENCE = 5_000;
/** From one blackout's beginning to the next one's: whoever came back is as every day again. */
const PERIOD = BLACKOUT + PATIENCE + 1_500;
/** Cameras without grain: four browsers that encode are enough for a machine that carries the box as well. */
const GUESTS: Record<string, Persona> = {
  "Bob Martin": BOB,
  "Anne Dubois": ANNE,
  "Diane Petit": { key: "diane-plain", hue: DIANE.hue, colour: DIANE.colour, tone: DIANE.tone },
};
const TIMES = 20;
/** A stream that begins again stood still for so long, milliseconds: others' go on meanwhile. */
const STOOD_STILL = 3_000;

interface Return {
  readonly guest: Guest;
  readonly at: number;
}

measure("back after ten seconds without a network", async ({ room, box }) => {
  const claire = await room.organizerInside();
  const guests: { guest: Guest; line: Line }[] = [];
  for (const [name, persona] of Object.entries(GUESTS)) {
    const line = await room.line();
    const guest = await Guest.open(box, persona, name, "camera and microphone", line);
    guests.push({ guest: await room.letIn(guest, claire), line });
  }
  for (const { page } of [claire, ...guests.map(({ guest }) => guest)]) await record(page);
  await pause(3_000);
  const returns: Return[] = [];
  // One after the other returns, while the others are dark or well: each of them by itself.
  await Promise.all(
    guests.map(async ({ guest, line }, index) => {
      await pause((index * PERIOD) / guests.length);
      for (let turn = index; turn < TIMES; turn += guests.length) {
        await line.set({ down: { cut: true }, up: { cut: true } });
        await pause(BLACKOUT);
        const at = performance.timeOrigin + performance.now();
        await line.set({ down: {}, up: {} });
        returns.push({ guest, at });
        await pause(PERIOD - BLACKOUT);
      }
    }),
  );
  const atClaire = await arrivals(claire.page);
  const back: object[] = [];
  for (const { guest, at } of returns) {
    const there = await arrivals(guest.page);
    back.push({
      guest: guest.name,
      sees: within(after(framesOf(there, claire.name), at)),
      hears: within(beginsAgain(there, at)),
      is_seen: within(after(framesOf(atClaire, guest.name), at)),
      is_heard: within(beginsAgain(atClaire, at)),
    });
  }
  await Promise.all(guests.map(({ guest }) => guest.close()));
  keep("blackout", { blackout_ms: BLACKOUT, back });
});

function within(ms: number | null): number | null {
  return ms !== null && ms <= PATIENCE ? ms : null;
}

/** How long after a moment some sound was heard on a line on which there had been none, milliseconds. */
function beginsAgain({ sounds }: Arrivals, moment: number): number | null {
  const firsts = Object.values(sounds).flatMap((times) => {
    const next = times.find((time) => time > moment);
    const before = times.findLast((time) => time <= moment) ?? 0;
    return next !== undefined && moment - before > STOOD_STILL ? [next - moment] : [];
  });
  return firsts.length === 0 ? null : Math.min(...firsts);
}
