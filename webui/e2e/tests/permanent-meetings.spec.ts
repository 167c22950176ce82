import type { PermanentMeeting } from "../harness/api.ts";
import { LABELS, words } from "../harness/labels.ts";
import type { Organizer } from "../harness/organizer.ts";
import { expect, test } from "../harness/test.ts";

test("[PERM-01] a meeting is created with description, activation and code", async ({ room }) => {
  const claire = await room.organizer();
  await describe(claire, "Succession LEFÈVRE");
  await claire.turn(LABELS.activate, true);
  await claire.turn(LABELS.securityCode, true);
  const field = claire.page
    .getByLabel(LABELS.securityCode)
    .and(claire.page.locator("input:not([type=checkbox])"));
  await expect(field).toHaveAttribute("type", "password");
  await field.fill("7351");
  await claire.page.getByRole("button", { name: LABELS.save }).click();
  const row = claire.row("Succession LEFÈVRE");
  await expect(row).toContainText(/1099\d{6}@/);
  await expect(row).toContainText(/https:\/\/.*\/reunion\//);

  const created = await meetingCalled(room.api, "Succession LEFÈVRE");
  expect(created).toMatchObject({ active: true, code_active: true, code: "7351" });
});

test("[PERM-01] a meeting that is created inactive opens to nobody before it is activated", async ({
  room,
}) => {
  const claire = await room.organizer();
  await describe(claire, "Partage ROUSSEL");
  await claire.turn(LABELS.activate, false);
  await claire.page.getByRole("button", { name: LABELS.save }).click();
  const row = claire.row("Partage ROUSSEL");
  const active = row.getByRole("switch", { name: LABELS.isActive });
  await expect(active).not.toBeChecked();
  const link = await row.getByRole("link", { name: /\/reunion\// }).getAttribute("href");

  const bob = await room.guest("Bob Martin");
  await bob.follow(link ?? "");
  await expect(bob.page.getByRole("alert")).toHaveText(words("Cette réunion n'est pas ouverte."));
  await expect(bob.page.getByLabel(LABELS.lastName)).toBeHidden();
  await claire.turn(LABELS.isActive, true, row);
  await bob.follow(link ?? "");
  await expect(bob.page.getByRole("button", { name: LABELS.enterWaitingRoom })).toBeVisible();
});

test("[PERM-03] number and link are copied from an icon", async ({ room }) => {
  const claire = await room.organizer();
  await claire.browser.context.grantPermissions(["clipboard-read", "clipboard-write"], {
    origin: room.box.url,
  });
  await claire.openMeetings();
  const row = claire.row(room.meeting.number);
  for (const [label, copied] of [
    [LABELS.copyNumber, room.meeting.address],
    [LABELS.copyLink, room.meeting.link],
  ] as const) {
    await row.getByRole("button", { name: label }).click();
    await expect.poll(() => claire.page.evaluate(() => navigator.clipboard.readText())).toBe(copied);
  }
});

test("[PERM-06] the organizer joins from the table, the code already filled in", async ({ room }) => {
  const claire = await room.organizer();
  await claire.openWaitingRoom(room.meeting.name);
  const code = claire.page.getByLabel(LABELS.securityCode);
  await expect(code).toHaveValue(room.code);
  await claire.join();
});

test("[PERM-07] participants join by link and by number", async ({ room }) => {
  const claire = await room.organizerInside();
  const system = await room.roomSystemInside(claire);
  const bob = await room.guestInside(claire);
  await expect(bob).toSee(claire);
  await expect(bob).toSee(system);
  await expect(system).toSee(bob);
  await expect(system).toHear(bob);
  await expect(bob).toHear(system);
});

/** The form of a new meeting, with its description. */
async function describe(claire: Organizer, description: string): Promise<void> {
  await claire.openMeetings();
  await claire.page.getByRole("button", { name: LABELS.createMeeting }).click();
  await claire.page.getByLabel(LABELS.description).fill(description);
}

async function meetingCalled(
  api: { expect: (method: string, path: string) => Promise<{ items: PermanentMeeting[] }> },
  name: string,
) {
  const { items } = await api.expect("GET", "/api/permanent-meetings?sort=name&page=1");
  return items.find((meeting) => meeting.name === name);
}
