import { cpus } from "node:os";
import { expect, test } from "../harness/test.ts";

/** Threads beyond the cores: the main one, and room for a helper. */
const CONSTANT = 4;

test("the switchboard has no thread for a participant", async ({ room }) => {
  const claire = await room.organizerInside();
  const alone = room.box.threads("media");
  const bob = await room.guestInside(claire);
  await expect(bob).toSee(claire);
  expect(room.box.threads("media")).toBe(alone);
  expect(alone).toBeLessThanOrEqual(cpus().length + CONSTANT);
});
