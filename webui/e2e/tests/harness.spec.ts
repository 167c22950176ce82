/** The tests' own eyes, ears and books: what they must not let pass. No box is needed. */
import { test } from "@playwright/test";
import { Deaths } from "../harness/deaths.ts";
import { BOB, CLAIRE } from "../harness/people.ts";
import type { Heard, Peer, Sight, Witness } from "../harness/perception.ts";
import { motion, type Picture } from "../harness/picture.ts";
import { expect } from "../harness/test.ts";

const claire: Peer = { persona: CLAIRE, name: "Claire" };
const QUIET: Sight = { visible: false, alive: true, seen: "nobody" };
const SEEN: Sight = { visible: true, alive: true, seen: "Claire" };

/** Bob, who sees these things one after the other, and the last one from then on. */
function bob(...sights: (Sight | Error)[]): Witness {
  let turn = 0;
  const sight = async (): Promise<Sight> => {
    const one = sights[Math.min(turn++, sights.length - 1)];
    if (one instanceof Error || !one) throw one;
    return one;
  };
  const deaf: Heard = { samples: new Float32Array(48_000), rate: 48_000, alive: false };
  return { persona: BOB, name: "Bob", sight, sound: async () => deaf };
}

/** The message of an assertion that fails. */
async function fault(assertion: Promise<void>): Promise<string> {
  return await assertion.then(
    () => "it passed",
    (problem: Error) => problem.message,
  );
}

test("not to see somebody takes an eye that works, for a while", async () => {
  const crashed = new Error("the page has crashed");
  expect(await fault(expect(bob(crashed)).not.toSee(claire))).toContain("has crashed");
  expect(await fault(expect(bob(crashed)).toSee(claire))).toContain("has crashed");
  const blind = bob({ ...QUIET, alive: false });
  expect(await fault(expect(blind).not.toSee(claire, { within: 100 }))).toContain("no sign of life");
  const flickers = bob(QUIET, QUIET, SEEN);
  expect(await fault(expect(flickers).not.toSee(claire, { within: 100 }))).toContain("seen last: Claire");
  await expect(bob(SEEN, QUIET)).not.toSee(claire);
});

test("not to hear somebody takes an ear that works", async () => {
  expect(await fault(expect(bob(QUIET)).not.toHear(claire, { within: 100 }))).toContain("no sign of life");
});

test("a person who stands still in a picture that moves does not move", () => {
  const [red, green, white] = [
    [220, 30, 30],
    [30, 200, 60],
    [255, 255, 255],
  ];
  const picture = (...pixels: (number[] | undefined)[]): Picture => ({
    rgb: new Uint8Array(pixels.flatMap((pixel) => pixel ?? [])),
    width: pixels.length,
    height: 1,
  });
  const one = picture(red, white, red, green, white, green);
  const other = picture(red, white, red, white, green, green);
  expect(motion(one, other, CLAIRE)).toBe(0);
  expect(motion(one, other, BOB)).toBeCloseTo(2 / 3);
  expect(motion(picture(white), picture(white), BOB)).toBe(0);
});

test("what ended by itself counts once, and not what a test has killed", () => {
  const deaths = new Deaths();
  deaths.expect(1);
  deaths.of("control", 1);
  deaths.of("studio", 2);
  const mark = deaths.mark;
  deaths.of("studio", 2);
  // The same program that was killed before ends by itself later.
  deaths.of("control", 3);
  expect(deaths.since(0)).toHaveLength(2);
  expect(deaths.since(mark)).toEqual(["control (process 3) ended by itself"]);
  expect(deaths.untold).toEqual([]);
  deaths.of("media", 4);
  expect(deaths.untold).toEqual(["media (process 4) ended by itself"]);
});
