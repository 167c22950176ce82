import { LABELS } from "../harness/labels.ts";
import { expect, test } from "../harness/test.ts";

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

test("a browser without camera rights is told what to do, and may join to look", async ({ room }) => {
  const claire = await room.organizerInside();
  const anne = await room.guest("Anne Dubois", { camera: false });
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
