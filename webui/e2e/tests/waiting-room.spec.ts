import { LABELS, words } from "../harness/labels.ts";
import { OTHER_LETTERS, SAME_LETTERS } from "../harness/notice.ts";
import { ROOM_SYSTEM } from "../harness/people.ts";
import { inWords, share } from "../harness/picture.ts";
import { expect, test } from "../harness/test.ts";

test("[WAIT-01] a guest says who they are, gives the code, and waits", async ({ room }) => {
  const bob = await room.guest("Bob Martin");
  await bob.follow(room.meeting.link);
  await expect(
    bob.page.getByText(words("Vous êtes sur le point d'entrer dans la salle de réunion")),
  ).toBeVisible();
  await expect(bob.page.getByText(room.meeting.name).first()).toBeVisible();
  await expect(bob.page.getByLabel(LABELS.securityCode)).toHaveAttribute("type", "password");
  await bob.ask(room.code, "Maître");
  const claire = await room.organizer();
  await claire.openWaitingRoom(room.meeting.name);
  await expect(claire.request("Maître Bob Martin")).toBeVisible();
});

test("[WAIT-01] a meeting without a code asks for none", async ({ room }) => {
  await room.api.expect("PATCH", `/api/permanent-meetings/${room.meeting.id}`, { code_active: false });
  const bob = await room.guest("Bob Martin");
  await bob.follow(room.meeting.link);
  await expect(bob.page.getByLabel(LABELS.lastName)).toBeVisible();
  await expect(bob.page.getByLabel(LABELS.securityCode)).toHaveCount(0);
  await bob.ask(undefined);
  const claire = await room.organizerInside();
  await claire.accept(bob.name);
  await bob.accepted();
  await bob.join();
  await expect(bob).toSee(claire);
  await expect(claire).toSee(bob);
});

test("[WAIT-02] «Salle d'attente» shows the organizer who waits, before the meeting and in it", async ({
  room,
}) => {
  const claire = await room.organizer();
  await claire.openWaitingRoom(room.meeting.name);
  const heading = claire.page.getByRole("heading", { name: LABELS.waitingRoom });
  const list = claire.page.getByRole("list", { name: LABELS.waitingRoom });
  await expect(heading).toBeVisible();
  const bob = await room.guest("Bob Martin");
  await bob.follow(room.meeting.link);
  await bob.ask(room.code);
  await expect(list.getByRole("listitem")).toContainText(bob.name);
  await claire.join();
  await expect(heading).toBeHidden();
  await claire.page.getByRole("button", { name: LABELS.latecomers }).click();
  await expect(heading).toBeVisible();
  await expect(list.getByRole("listitem")).toContainText(bob.name);
});

test("[WAIT-02] [WAIT-03] the organizer accepts, and the guest is told", async ({ room }) => {
  const claire = await room.organizerInside();
  const bob = await room.guestInside(claire);
  await expect(bob).toSee(claire);
  await expect(claire).toSee(bob);
  await expect(bob).toHear(claire);
  await expect(claire).toHear(bob);
});

test("[WAIT-02] [WAIT-03] the organizer refuses or deletes, and the guest is told which", async ({
  room,
}) => {
  const claire = await room.organizer();
  await claire.openWaitingRoom(room.meeting.name);
  const bob = await room.guest("Bob Martin");
  await bob.follow(room.meeting.link);
  await bob.ask(room.code);
  await claire.refuse(bob.name);
  await expect(bob.page.getByText(LABELS.refused)).toBeVisible();
  await expect(bob.page.getByRole("button", { name: LABELS.joinMeeting })).toBeHidden();

  const anne = await room.guest("Anne Dubois");
  await anne.follow(room.meeting.link);
  await anne.ask(room.code, "Madame");
  await claire.remove(anne.name);
  await expect(anne.page.getByText(LABELS.removed)).toBeVisible();
  await expect(anne.page.getByRole("button", { name: LABELS.joinMeeting })).toBeHidden();
});

test("[WAIT-03] a guest whose page connects only after the refusal is told of it", async ({ room }) => {
  const claire = await room.organizer();
  await claire.openWaitingRoom(room.meeting.name);
  const bob = await room.guest("Bob Martin");
  let connect = () => {};
  const refused = new Promise<void>((resolve) => {
    connect = resolve;
  });
  await bob.page.routeWebSocket(/\/api\/seat$/, async (socket) => {
    await refused;
    socket.connectToServer();
  });
  await bob.follow(room.meeting.link);
  await bob.ask(room.code);
  await claire.refuse(bob.name);
  await expect(claire.request(bob.name)).toBeHidden();
  connect();
  await expect(bob.page.getByText(LABELS.refused)).toBeVisible();
});

test("[WAIT-04] once accepted, and not before, the guest sees who is inside", async ({ room }) => {
  const claire = await room.organizerInside();
  const bob = await room.guest("Bob Martin");
  await bob.follow(room.meeting.link);
  await bob.ask(room.code);
  await expect(
    claire.page.getByRole("button", { name: LABELS.latecomers }).or(claire.request(bob.name)).first(),
  ).toBeVisible();
  await expect(bob.page.getByText(claire.name)).toBeHidden();
  await claire.accept(bob.name);
  await bob.accepted();
  await expect(bob.page.getByText(claire.name).first()).toBeVisible();
});

test("[WAIT-06] a room system gives the code, waits before a picture, and comes in when it is accepted", async ({
  room,
}) => {
  const claire = await room.organizerInside();
  const system = await room.roomSystem();
  await system.dial(room.meeting.number);
  await system.answered();
  await system.keepScreen("code");
  expect(await system.likeness("waiting-room"), "not yet the waiting picture").toBeLessThan(OTHER_LETTERS);
  await system.press("9");
  await system.press("*");
  await system.press(room.code);
  await expect(
    claire.page.getByRole("button", { name: LABELS.latecomers }).or(claire.request(system.name)).first(),
  ).toBeVisible();
  await expect
    .poll(() => system.likeness("waiting-room"), "«Salle d'attente» on the screen")
    .toBeGreaterThan(SAME_LETTERS);
  const waiting = await system.screen();
  await system.keepScreen("waiting");
  for (const someone of [claire, { persona: ROOM_SYSTEM }]) {
    expect(share(waiting, someone.persona), inWords(waiting)).toBeLessThan(0.02);
  }
  await expect(system).not.toHear(claire);
  await claire.accept(system.name);
  await expect(system).toSee(claire);
  await expect(system).toHear(claire);
  await system.keepScreen("inside");
  await expect(claire).toSee(system);
  await expect(claire).toHear(system);
  await expect(system).not.toHear(system);
});

test("[WAIT-07] the organizer's waiting room has no field to fill in, and shows arrivals live", async ({
  room,
}) => {
  const claire = await room.organizer();
  await claire.openWaitingRoom(room.meeting.name);
  const toFillIn = claire.page.locator("input:not([readonly]), select, textarea, [contenteditable]");
  await expect(claire.page.getByLabel(LABELS.securityCode)).not.toBeEditable();
  await expect(toFillIn).toHaveCount(0);
  const bob = await room.guest("Bob Martin");
  await bob.follow(room.meeting.link);
  await bob.ask(room.code);
  await expect(claire.request(bob.name)).toBeVisible();
  await claire.join();
});
