import { ADDRESS, HTTPS_PORT, MEDIA_PORT } from "../harness/box.ts";
import { concealed, way } from "../harness/connections.ts";
import type { Guest } from "../harness/guest.ts";
import { words } from "../harness/labels.ts";
import type { Line } from "../harness/line.ts";
import type { Organizer } from "../harness/organizer.ts";
import { settle } from "../harness/settings.ts";
import { expect, test } from "../harness/test.ts";
import type { TestRoom } from "../harness/test-room.ts";
import { TurnServer } from "../harness/turn-server.ts";

/** A guest in the meeting who is not in the office. */
async function bobFarAway(room: TestRoom, claire: Organizer): Promise<{ bob: Guest; line: Line }> {
  const line = await room.line();
  const bob = await room.guestInside(claire, "Bob Martin", "camera and microphone", line);
  return { bob, line };
}

test("on a line that is too narrow the sound goes on, the picture says why it is gone, and it comes back", async ({
  room,
}) => {
  const claire = await room.organizerInside();
  const { bob, line } = await bobFarAway(room, claire);
  await expect(bob).toSee(claire);
  await line.set({ down: { rate: 130_000 } });
  const explained = bob.tile(claire.name).getByText(words("Votre connexion est trop lente pour cette image"));
  await expect(explained).toBeVisible({ timeout: 20_000 });
  await expect(bob).toHear(claire);
  await expect(claire).toSee(bob);
  await line.set({ down: {} });
  await expect(explained).toBeHidden({ timeout: 20_000 });
  await expect(bob).toSee(claire);
});

test("ten seconds without a network, and picture and sound come back by themselves, both ways, in the same seat", async ({
  room,
}) => {
  const claire = await room.organizerInside();
  const { bob, line } = await bobFarAway(room, claire);
  await expect(claire).toSee(bob);
  const seat = await claire.tile(bob.name).getAttribute("data-seat");
  await line.set({ down: { cut: true }, up: { cut: true } });
  await expect(claire).not.toHear(bob);
  const since = performance.now();
  await expect(bob.page.getByText(words("Connexion interrompue"))).toBeVisible({ timeout: 30_000 });
  await bob.page.waitForTimeout(Math.max(0, 10_000 - (performance.now() - since)));
  await line.set({ down: {}, up: {} });
  await expect(bob).toSee(claire);
  await expect(claire).toSee(bob);
  await expect(bob).toHear(claire);
  await expect(claire).toHear(bob);
  expect(await claire.tile(bob.name).getAttribute("data-seat")).toBe(seat);
});

test("a guest whose network changes is seen and heard again from the new address", async ({ room }) => {
  const claire = await room.organizerInside();
  const { bob, line } = await bobFarAway(room, claire);
  await expect(claire).toSee(bob);
  await line.move();
  await expect(claire).toSee(bob, { within: 30_000 });
  await expect(bob).toSee(claire);
  await expect(bob).toHear(claire);
  await expect(claire).toHear(bob);
  await bob.toggleMicrophone();
  await expect(claire).not.toHear(bob);
});

test("on a line that loses one packet in twenty, both ways, a guest joins, sees, and hears nearly every piece", async ({
  room,
}) => {
  const claire = await room.organizerInside();
  const line = await room.line();
  const bad = { loss: 0.05, delay: 0.025 };
  await line.set({ down: bad, up: bad });
  const bob = await room.guestInside(claire, "Bob Martin", "camera and microphone", line);
  await expect(bob).toSee(claire);
  await expect(claire).toSee(bob);
  await expect(bob).toHear(claire);
  await expect(claire).toHear(bob);
  const before = await concealed(bob.page);
  await bob.page.waitForTimeout(15_000);
  const { share } = await concealed(bob.page, before);
  // Of pieces that are sent once, one in twenty is missing.
  expect(share).toBeLessThan(0.02);
});

test("a guest whom the firm's firewall lets out by TCP alone joins, sees and hears", async ({ room }) => {
  const claire = await room.organizerInside();
  const line = await room.line();
  await line.set({ down: { udp: false }, up: { udp: false } });
  const bob = await room.guestInside(claire, "Bob Martin", "camera and microphone", line);
  await expect(bob).toSee(claire);
  await expect(claire).toSee(bob);
  await expect(bob).toHear(claire);
  await expect(claire).toHear(bob);
});

test("a guest whose first transport does not come up has another one within seconds, by itself", async ({
  room,
}) => {
  const claire = await room.organizerInside();
  const line = await room.line();
  const bob = await room.guest("Bob Martin", "camera and microphone", line);
  await bob.follow(room.meeting.link);
  await bob.ask(room.code);
  await claire.accept(bob.name);
  await bob.accepted();
  // All that the first transport sends from; the next one comes five seconds after the answer.
  await line.swallow(MEDIA_PORT, 4);
  await bob.join();
  // Chromium by itself is still connecting after 45 s.
  await expect(bob).toSee(claire, { within: 8_000 });
  await expect(claire).toSee(bob);
  await expect(bob).toHear(claire);
  await expect(claire).toHear(bob);
});

/** A TURN server that the box sends browsers to; and the settings as they were, afterwards. */
const relayed = test.extend<{ turn: TurnServer }>({
  turn: async ({ box, room }, use) => {
    const turn = await TurnServer.start("10.77.0.3");
    const { document } = await room.api.expect("GET", "/api/system/settings");
    await settle(box, room.api, { ...document, turn: turn.settings });
    await use(turn);
    await settle(box, room.api, document);
    await turn.stop();
  },
});

relayed(
  "a guest whom the firm's firewall lets out to the pages and a TURN server alone is relayed, and so after a change of network",
  async ({ room, turn }) => {
    const claire = await room.organizerInside();
    const line = await room.line();
    await line.letOutOnly({ address: ADDRESS, port: HTTPS_PORT }, turn);
    const bob = await room.guestInside(claire, "Bob Martin", "camera and microphone", line);
    await expect(bob).toSee(claire);
    await expect(claire).toSee(bob);
    await expect(bob).toHear(claire);
    await expect(claire).toHear(bob);
    const first = await way(bob.page);
    expect(first).toEqual({ by: "relay", as: expect.stringMatching(/^\d+:/) });
    expect((await way(claire.page)).by, "who reaches the box is not relayed").toBe("host");
    await line.move();
    const anew = { by: "relay", as: expect.not.stringContaining(first.as ?? "") };
    await expect.poll(() => way(bob.page), { timeout: 30_000 }).toEqual(anew);
    await expect(claire).toSee(bob, { within: 30_000 });
    await expect(bob).toSee(claire);
    expect((await way(bob.page)).by).toBe("relay");
  },
);
