import { eventually } from "../harness/patience.ts";
import { tone } from "../harness/sound.ts";
import { expect, test } from "../harness/test.ts";

test("a studio killed with -9 is replaced: its room system sees and hears again within 3 s", async ({
  room,
}) => {
  const claire = await room.organizerInside();
  const system = await room.roomSystemInside(claire);
  await expect(system).toSee(claire);
  await expect(system).toHear(claire);
  const before = room.box.studio;
  await room.box.kill("studio");
  const killed = performance.now();
  const left = (): number => 3000 - (performance.now() - killed);
  // What the room system had buffered plays on for a moment: only what is heard half a second later counts, and what
  // is seen after that.
  await eventually("the room system hears again", left(), async () => {
    const { samples, rate } = await system.sound(1.1);
    const later = { samples: samples.subarray(Math.floor(samples.length / 2)), rate };
    return tone(later, claire.persona.tone).heard ? true : undefined;
  });
  await expect(system).toSee(claire, { within: left() });
  expect(left(), "milliseconds left of the three seconds").toBeGreaterThan(0);
  await expect(claire).toSee(system);
  await expect(claire).toHear(system);
  expect(room.box.studio, "another process").not.toBe(before);
});

test("control killed with -9 comes back: forwarding goes on, and the meeting is taken up again", async ({
  room,
}) => {
  const claire = await room.organizerInside();
  const bob = await room.guestInside(claire);
  const system = await room.roomSystemInside(claire);
  await expect(bob).toSee(claire);
  await expect(system).toSee(bob);
  await room.box.without("control", async () => {
    // Nobody decides anything now, and everybody still sees and hears.
    expect(await room.box.isServing(), "control answers").toBe(false);
    await expect(bob).toSee(claire, { within: 1000 });
    await expect(claire).toHear(bob, { within: 2500 });
    await expect(system).toSee(bob, { within: 2500 });
    expect(await room.box.isServing(), "control answers").toBe(false);
  });
  await expect(system).toSee(bob);
  await expect(claire).toSee(system);
  // It rules again: somebody new is let in, and the room system's hanging up is noticed.
  const anne = await room.guestInside(claire, "Anne Dubois");
  await expect(anne).toSee(bob);
  await expect(bob).toSee(anne);
  await system.hangUp();
  await expect(claire.tile(system.name)).toBeHidden();
});

test("control killed with -9 while a room system waits: it is let in afterwards", async ({ room }) => {
  const claire = await room.organizerInside();
  const system = await room.roomSystem();
  await system.dial(room.meeting.number);
  await system.answered();
  await system.press(room.code);
  await expect(await claire.shownRequest(system.name)).toBeVisible();
  await room.box.kill("control");
  await room.box.started("control");
  await expect(system).not.toHear(claire);
  await claire.accept(system.name);
  await expect(system).toSee(claire);
  await expect(claire).toSee(system);
});

test("a switchboard killed with -9 comes back, and the browsers find each other again", async ({ room }) => {
  const claire = await room.organizerInside();
  const bob = await room.guestInside(claire);
  await expect(bob).toSee(claire);
  const told = bob.page.getByRole("alert");
  await room.box.without("media", async () => {
    // As long as it lasts, the user knows why there is neither picture nor sound.
    await expect(told).toBeVisible({ timeout: 20_000 });
  });
  await expect(bob).toSee(claire, { within: 15_000 });
  await expect(claire).toHear(bob, { within: 15_000 });
  await expect(told).toBeHidden();
});
