/** From the drawing of a picture before one's camera until another one's screen shows it. */
import { setTimeout as pause } from "node:timers/promises";
import { keep, measure, quantile } from "./bench.ts";
import { readStamps, stampCamera } from "./stamp.ts";

const SIZE = { width: 1280, height: 720 };
const SECONDS = 20;

measure("from glass to glass", async ({ room }) => {
  const claire = await room.organizerInside();
  const anne = await room.guest("Anne Dubois");
  await anne.browser.context.addInitScript(stampCamera, SIZE);
  await room.letIn(anne, claire);
  const bob = await room.guestInside(claire, "Bob Martin", "nothing");
  // One picture is enough of what the machine has to encode.
  await claire.hangUp();
  await claire.close();
  await pause(8_000);
  const { ages, unreadable, rows } = await readStamps(bob.page, anne.name, SECONDS);
  const expected = SECONDS * 25 * 0.8;
  if (ages.length < expected)
    throw new Error(
      `${ages.length} stamps were read, and ${unreadable} could not be\n  what to do: run it again while nothing else runs`,
    );
  keep("glass", {
    stamps: ages.length,
    unreadable,
    rows,
    p50_ms: quantile(ages, 0.5),
    p95_ms: quantile(ages, 0.95),
    least_ms: Math.min(...ages),
  });
});
