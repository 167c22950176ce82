/** From the drawing of a picture before one's camera until another one's screen shows it. */
import { rmSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { Guest } from "../harness/guest.ts";
import type { Organizer } from "../harness/organizer.ts";
import type { RoomSystem } from "../harness/room-system.ts";
import type { TestRoom } from "../harness/test-room.ts";
import { keep, measure, quantile } from "./bench.ts";
import { fieldsOf, readStamps, Stamps, shiftCamera, stampCamera } from "./stamp.ts";

const SIZE = { width: 1280, height: 720 };
const SECONDS = 20;
/** Of a room system's screen. */
const RUNS = 4;
/** Pictures that are looked at in each. */
const LOOKS = 50;
/** Milliseconds between two of them: while the room system writes one into its file, the next ones wait. */
const APART = 250;

measure("from glass to glass", async ({ room }) => {
  const claire = await room.organizerInside();
  const anne = await stamped(room, claire);
  const bob = await room.guestInside(claire, "Bob Martin", "nothing");
  await leaveThem(claire);
  const { stamps, rows } = await readStamps(bob.page, anne.name, SECONDS);
  const { ages, unreadable } = enough(stamps, SECONDS * 25);
  keep("glass", {
    stamps: ages.length,
    unreadable,
    rows,
    p50_ms: quantile(ages, 0.5),
    p95_ms: quantile(ages, 0.95),
    least_ms: Math.min(...ages),
  });
});

measure("from glass through the mix to a room system's", async ({ room }) => {
  const claire = await room.organizerInside();
  const anne = await stamped(room, claire);
  const system = await room.roomSystemInside(claire);
  await leaveThem(claire);
  const runs = [];
  // Camera and mix have clocks of their own: what a picture waits for the mix is another phase's matter in each run.
  for (let run = 0; run < RUNS; run += 1) {
    await shiftCamera(anne.page, 40 / RUNS);
    const { ages, unreadable } = enough(await onScreen(system), LOOKS);
    runs.push({
      stamps: ages.length,
      unreadable,
      p50_ms: quantile(ages, 0.5),
      p95_ms: quantile(ages, 0.95),
      least_ms: Math.min(...ages),
    });
  }
  keep("glass-sip", {
    p50_ms: Math.max(...runs.map((run) => run.p50_ms)),
    p95_ms: Math.max(...runs.map((run) => run.p95_ms)),
    runs,
  });
});

/** A guest with a stamped camera, inside. */
async function stamped(room: TestRoom, claire: Organizer): Promise<Guest> {
  const anne = await room.guest("Anne Dubois");
  await anne.browser.context.addInitScript(stampCamera, SIZE);
  return await room.letIn(anne, claire);
}

/** One picture is enough of what the machine has to encode: whoever let the others in leaves, and what that changes comes to rest. */
async function leaveThem(claire: Organizer): Promise<void> {
  await claire.hangUp();
  await claire.close();
  await pause(8_000);
}

/** What a room system's screen shows, now and again. */
async function onScreen(system: RoomSystem): Promise<Stamps> {
  const frames = [];
  for (let look = 0; look < LOOKS; look += 1) {
    await pause(APART);
    frames.push(await system.frame());
  }
  // All at once, afterwards: what is looked at takes nothing of the machine meanwhile.
  const fields = await fieldsOf(frames.map(({ file }) => file));
  const stamps = new Stamps();
  for (const [index, { file, at }] of frames.entries()) {
    stamps.add(fields[index] ?? [], at);
    rmSync(file);
  }
  return stamps;
}

/** Stamps that say something. */
function enough(stamps: Stamps, expected: number): Stamps {
  const { ages, unreadable } = stamps;
  if (ages.length < expected * 0.8)
    throw new Error(
      `${ages.length} stamps were read, and ${unreadable} could not be\n  what to do: run it again while nothing else runs`,
    );
  return stamps;
}
