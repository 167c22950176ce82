import { expect as base, test as plain } from "@playwright/test";
import { Box } from "./box.ts";
import { artefacts } from "./paths.ts";
import { awaitSight, awaitSound, type Peer, type Witness } from "./perception.ts";
import { TestRoom } from "./test-room.ts";

/**
 * `box`: an appliance, for all tests of a worker. `room`: a meeting of its own for each test. `steady`: in each test,
 * that nothing of the box ends but what the test kills.
 */
export const test = plain.extend<{ room: TestRoom; steady: undefined }, { box: Box }>({
  box: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to know what is needed
    async ({}, use, worker) => {
      const box = await Box.start(`box-${worker.workerIndex}`);
      await use(box);
      const untold = box.deaths.untold;
      await box.stop();
      base(untold, "what ended between two tests").toEqual([]);
    },
    { scope: "worker", timeout: 90_000 },
  ],
  steady: [
    async ({ box }, use) => {
      const { mark } = box.deaths;
      await use(undefined);
      base(box.crashesSince(mark), "programs of the box that ended by themselves").toEqual([]);
    },
    { auto: true },
  ],
  room: async ({ box }, use, info) => {
    const room = await TestRoom.open(box, info.title.replaceAll(/[^\p{L}\d -]/gu, "").slice(0, 60));
    await use(room);
    if (info.status !== info.expectedStatus) await room.screenshots(artefacts("failed", room.meeting.number));
    await room.close();
  },
});

/** `await expect(bob).toSee(claire)`, `await expect(bob).not.toHear(claire)`: by what really arrives. */
export const expect = base.extend({
  async toSee(witness: Witness, other: Peer, options: { within?: number } = {}) {
    return await outcome(awaitSight(witness, other, !this.isNot, options.within), this.isNot);
  },
  async toHear(witness: Witness, other: Peer, options: { within?: number } = {}) {
    return await outcome(awaitSound(witness, other, !this.isNot, options.within), this.isNot);
  },
});

async function outcome(
  wait: Promise<void>,
  isNot: boolean,
): Promise<{ pass: boolean; message: () => string }> {
  try {
    await wait;
    return { pass: !isNot, message: () => "" };
  } catch (problem) {
    return { pass: isNot, message: () => (problem as Error).message };
  }
}
