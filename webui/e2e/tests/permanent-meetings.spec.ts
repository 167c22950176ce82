import type { PermanentMeeting } from "../harness/api.ts";
import { LABELS } from "../harness/labels.ts";
import { expect, test } from "../harness/test.ts";

test("[PERM-01] a meeting is created with description, activation and code", async ({ room }) => {
  const claire = await room.organizer();
  await claire.openMeetings();
  await claire.page.getByRole("button", { name: LABELS.createMeeting }).click();
  await claire.page.getByLabel(LABELS.description).fill("Succession LEFÈVRE");
  await claire.turnOn(LABELS.activate);
  await claire.turnOn(LABELS.securityCode);
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

async function meetingCalled(
  api: { expect: (method: string, path: string) => Promise<{ items: PermanentMeeting[] }> },
  name: string,
) {
  const { items } = await api.expect("GET", "/api/permanent-meetings?sort=name&page=1");
  return items.find((meeting) => meeting.name === name);
}
