import type { Locator } from "@playwright/test";
import { codecs, concealed, pictureRows, traffic } from "../harness/connections.ts";
import { LABELS, words } from "../harness/labels.ts";
import { BOB } from "../harness/people.ts";
import { type Picture, share } from "../harness/picture.ts";
import { expect, test } from "../harness/test.ts";

/** What a video shows now, small. */
async function lookAtVideo(video: Locator): Promise<Picture> {
  const [width, height] = [64, 36];
  const rgba = await video.evaluate(
    (element: HTMLVideoElement, [width, height]) => {
      const context = new OffscreenCanvas(width, height).getContext("2d");
      context?.drawImage(element, 0, 0, width, height);
      return [...(context?.getImageData(0, 0, width, height).data ?? [])];
    },
    [width, height] as const,
  );
  return { rgb: new Uint8Array(rgba.filter((_, at) => at % 4 !== 3)), width, height };
}

test("[ROOM-01] «Raccrocher» leaves, and the others see it", async ({ room }) => {
  const claire = await room.organizerInside();
  const bob = await room.guestInside(claire);
  await expect(claire).toSee(bob);
  await bob.hangUp();
  await expect(claire.tile(bob.name)).toBeHidden();
  await expect(claire).not.toHear(bob);
});

test("[ROOM-02] the microphone is switched off and on", async ({ room }) => {
  const claire = await room.organizerInside();
  const bob = await room.guestInside(claire);
  await expect(claire).toHear(bob);
  await bob.toggleMicrophone();
  await expect(claire).not.toHear(bob);
  await expect(claire).toSee(bob);
  await bob.toggleMicrophone();
  await expect(claire).toHear(bob);
});

test("[ROOM-02] the camera is switched off and on", async ({ room }) => {
  const claire = await room.organizerInside();
  const bob = await room.guestInside(claire);
  await expect(claire).toSee(bob);
  await bob.toggleCamera();
  await expect(claire).not.toSee(bob);
  await expect(claire).toHear(bob);
  await bob.toggleCamera();
  await expect(claire).toSee(bob);
});

test("[ROOM-02] browsers send and receive H.264 and Opus, and nothing else", async ({ room }) => {
  const claire = await room.organizerInside();
  const bob = await room.guestInside(claire);
  for (const [one, other] of [
    [claire, bob],
    [bob, claire],
  ] as const) {
    await expect(one).toSee(other);
    await expect(one).toHear(other);
    expect(await codecs(one.page)).toEqual([
      "inbound audio/opus",
      "inbound video/H264",
      "outbound audio/opus",
      "outbound video/H264",
    ]);
  }
});

test("a picture comes in the size in which it is shown, and sizes that nobody sees are not sent", async ({
  room,
}) => {
  const claire = await room.organizerInside();
  const bob = await room.guestInside(claire);
  await expect(claire).toSee(bob);
  // The camera's own size, and half of that.
  await expect.poll(async () => (await pictureRows(claire.page)).come).toEqual([360]);
  await claire.page.setViewportSize({ width: 420, height: 300 });
  await expect.poll(async () => (await pictureRows(claire.page)).come).toEqual([180]);
  await expect.poll(async () => Object.keys((await pictureRows(bob.page)).sent)).toEqual(["h"]);
  await expect(claire).toSee(bob);
  await claire.page.setViewportSize({ width: 1280, height: 720 });
  await expect.poll(async () => (await pictureRows(claire.page)).come).toEqual([360]);
  await expect(claire).toSee(bob);
});

test("[ROOM-05] a screen is shown to all, large, beside its owner's camera, and goes again", async ({
  room,
}) => {
  const claire = await room.organizerInside();
  const anne = await room.guestInside(claire, "Anne Dubois");
  const system = await room.roomSystemInside(claire);
  await expect(system).toSee(anne);
  const toggle = (label: string) => anne.page.getByRole("button", { name: words(label) }).click();
  const screen = claire.page.locator("[data-slides] video");
  // Twice: the second time over lines that are there already.
  for (const _ of [1, 2]) {
    await toggle("Lancer un partage d'écran");
    await expect(screen).toBeVisible();
    // Chromium's fake screen is green, as is nobody here.
    await expect.poll(async () => share(await lookAtVideo(screen), BOB)).toBeGreaterThan(0.6);
    await expect.poll(async () => share(await system.screen(), BOB)).toBeGreaterThan(0.4);
    const large = await screen.boundingBox();
    const camera = await claire.tile(anne.name).boundingBox();
    expect(large?.width).toBeGreaterThan((camera?.width ?? 0) * 3);
    await expect(claire).toSee(anne);
    await expect(claire).toHear(anne);
    await expect(anne.page.getByText(words("Tous les participants voient votre écran."))).toBeVisible();
    await toggle("Couper le partage d'écran");
    await expect(screen).toBeHidden();
  }
  await expect(claire).toSee(anne);
  await expect(system).toSee(anne);
});

test("[CALL-10] «Limitation bande passante» holds for what is sent and for what comes, and the sound goes on", async ({
  room,
}) => {
  const claire = await room.organizerInside();
  const diane = await room.guestInside(claire, "Diane Petit");
  await expect(claire).toSee(diane);
  const most = 250 * 1.15;
  const plenty = 600;
  const few = 0.005;
  const carries = async () => {
    const [claires, dianes] = await Promise.all([traffic(claire.page, 5), traffic(diane.page, 5)]);
    return { claireGets: claires.come, dianeSends: dianes.sent };
  };
  /** The share of the voice that Claire hears made up meanwhile. */
  const gaps = async (meanwhile: () => Promise<unknown>) => {
    const since = await concealed(claire.page);
    await meanwhile();
    return (await concealed(claire.page, since)).share;
  };
  await expect.poll(async () => (await carries()).claireGets, { timeout: 40_000 }).toBeGreaterThan(plenty);

  // Claire's, of what comes: Diane sends on for others.
  await claire.limitBandwidth(/^250/);
  await claire.page.waitForTimeout(3_000);
  const gapsOfClaire = await gaps(async () => {
    expect((await carries()).claireGets).toBeLessThan(most);
    await expect(claire).toSee(diane);
  });
  expect(gapsOfClaire).toBeLessThan(few);
  // A reload keeps it.
  await claire.page.reload();
  await expect(claire).toSee(diane);
  expect((await carries()).claireGets).toBeLessThan(most);
  await claire.limitBandwidth(LABELS.noLimit);
  await expect.poll(async () => (await carries()).claireGets, { timeout: 40_000 }).toBeGreaterThan(plenty);

  // Diane's, of what she sends, and of what comes to her.
  await diane.limitBandwidth(/^250/);
  await diane.page.waitForTimeout(3_000);
  const gapsOfDiane = await gaps(async () => {
    const both = await traffic(diane.page, 5);
    expect(both.sent).toBeLessThan(most);
    expect(both.come).toBeLessThan(most);
    await expect(claire).toSee(diane);
  });
  expect(gapsOfDiane).toBeLessThan(few);
  await diane.limitBandwidth(LABELS.noLimit);
  await expect.poll(async () => (await carries()).dianeSends, { timeout: 40_000 }).toBeGreaterThan(plenty);
});

test("who speaks is marked, until somebody else does", async ({ room }) => {
  const claire = await room.organizerInside();
  const bob = await room.guestInside(claire);
  const anne = await room.guestInside(claire, "Anne Dubois");
  await bob.toggleMicrophone();
  await claire.toggleMicrophone();
  const speaks = (name: string) => bob.tile(name).and(bob.page.locator("[data-speaks]"));
  await expect(speaks(anne.name)).toBeVisible();
  await expect(speaks(claire.name)).toBeHidden();
  await anne.toggleMicrophone();
  await claire.toggleMicrophone();
  await expect(speaks(claire.name)).toBeVisible();
  await expect(speaks(anne.name)).toBeHidden();
});

test("a browser without camera rights is told what to do, and may join to look", async ({ room }) => {
  const claire = await room.organizerInside();
  const anne = await room.guest("Anne Dubois", "nothing");
  await anne.follow(room.meeting.link);
  await anne.ask(room.code, "Madame");
  await expect(anne.page.getByRole("alert")).toContainText(/autorisez la caméra et le microphone/i);
  await claire.accept(anne.name);
  await anne.accepted();
  await anne.join();
  await expect(anne).toSee(claire);
  await expect(anne).toHear(claire);
  await expect(anne.page.getByRole("button", { name: LABELS.hangUp })).toBeVisible();
});

test("who refuses the camera alone is told what to do to be seen, and is heard", async ({ room }) => {
  const claire = await room.organizerInside();
  const anne = await room.guest("Anne Dubois", "microphone");
  await anne.follow(room.meeting.link);
  await anne.ask(room.code, "Madame");
  await expect(anne.page.getByRole("alert")).toContainText(
    words("n'a pas le droit d'utiliser votre caméra."),
  );
  await expect(anne.page.getByRole("alert")).toContainText(/autorisez la caméra, puis/i);
  await claire.accept(anne.name);
  await anne.accepted();
  await anne.join();
  await expect(claire).toHear(anne);
  await expect(anne).toSee(claire);
});

test("what was switched off stays off over a reload of the page", async ({ room }) => {
  const claire = await room.organizerInside();
  const bob = await room.guestInside(claire);
  await bob.toggleMicrophone();
  await bob.page.reload();
  await expect(claire).toSee(bob);
  await expect(bob).toHear(claire);
  await expect(claire).not.toHear(bob);
  await expect(bob.page.getByRole("button", { name: words("Allumer le microphone") })).toBeVisible();
  await bob.toggleMicrophone();
  await expect(claire).toHear(bob);
});
