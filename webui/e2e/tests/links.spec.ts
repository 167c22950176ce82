import { LABELS, words } from "../harness/labels.ts";
import { expect, test } from "../harness/test.ts";

test("a link that nobody gave out is told", async ({ room }) => {
  const bob = await room.guest("Bob Martin");
  await bob.follow(`${room.box.url}/reunion/${"A".repeat(22)}`);
  await expect(bob.page.getByText(/lien/i).first()).toBeVisible();
  await expect(bob.page.getByRole("button", { name: LABELS.enterWaitingRoom })).toBeHidden();
});

test("the link of a meeting that is not active is told", async ({ room }) => {
  await room.api.expect("PATCH", `/api/permanent-meetings/${room.meeting.id}`, { active: false });
  const bob = await room.guest("Bob Martin");
  await bob.follow(room.meeting.link);
  await expect(bob.page.getByText(/active/i).first()).toBeVisible();
  await expect(bob.page.getByRole("button", { name: LABELS.enterWaitingRoom })).toBeHidden();
});

test("a meeting that is switched off ends for those who wait", async ({ room }) => {
  const bob = await room.guest("Bob Martin");
  await bob.follow(room.meeting.link);
  await bob.ask(room.code);
  await expect(bob.page.getByText(words("Votre demande a été transmise"))).toBeVisible();
  await room.api.expect("PATCH", `/api/permanent-meetings/${room.meeting.id}`, { active: false });
  await expect(bob.page.getByText(words("La réunion a été fermée"))).toBeVisible();
});

test("the link of a deleted meeting is told", async ({ room }) => {
  await room.api.expect("DELETE", `/api/permanent-meetings/${room.meeting.id}`);
  const bob = await room.guest("Bob Martin");
  await bob.follow(room.meeting.link);
  await expect(bob.page.getByText(/lien/i).first()).toBeVisible();
  await expect(bob.page.getByRole("button", { name: LABELS.enterWaitingRoom })).toBeHidden();
});

test("a wrong code is refused with what is left, and the right one is taken then", async ({ room }) => {
  const bob = await room.guest("Bob Martin");
  await bob.follow(room.meeting.link);
  await bob.ask("0000");
  await expect(bob.page.getByRole("alert")).toContainText(/code/i);
  await bob.ask(room.code);
  await expect(bob.page.getByRole("button", { name: LABELS.enterWaitingRoom })).toBeHidden();
});
