import type { PermanentMeeting } from "../harness/api.ts";
import { obstacles } from "../harness/axe.ts";
import type { Guest } from "../harness/guest.ts";
import { exactly, LABELS, words } from "../harness/labels.ts";
import type { Organizer } from "../harness/organizer.ts";
import { artefacts } from "../harness/paths.ts";
import { expect, test } from "../harness/test.ts";
import type { TestRoom } from "../harness/test-room.ts";

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

test("[PERM-02] the table has the guide's columns, is sorted by name, and has pages", async ({ room }) => {
  const made = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      room.api.createMeeting({ description: `Étude ${String(n).padStart(2, "0")}`, active: n % 2 === 0 }),
    ),
  );
  const claire = await room.organizer();
  await claire.openMeetings();
  const table = claire.page.getByRole("table");
  await expect(table.getByRole("columnheader")).toHaveText(
    [
      "Nom de la réunion",
      "Numéro de la réunion",
      "Lien de la réunion participants",
      "Réunion active",
      "Code de sécurité actif",
      "Actions",
    ].map((label) => words(label)),
  );
  await claire.page.setViewportSize({ width: 1280, height: 800 });
  const hidden = await table.evaluate((one) => one.scrollWidth - (one.parentElement?.clientWidth ?? 0));
  expect(hidden, "pixels of the table that are seen only when it is moved").toBeLessThanOrEqual(0);
  const name = table.getByRole("columnheader").first();
  await expect(name).toHaveAttribute("aria-sort", "ascending");
  const names = async () => await table.getByRole("row").locator("td:first-child").allInnerTexts();
  await expect.poll(async () => (await names()).length).toBe(20);
  const ascending = await names();
  expect(ascending).toEqual(ascending.toSorted((a, b) => a.localeCompare(b, "fr")));
  await name.getByRole("button").click();
  await expect(name).toHaveAttribute("aria-sort", "descending");
  await expect.poll(async () => (await names())[0]).not.toBe(ascending[0]);
  await name.getByRole("button").click();
  await expect.poll(async () => (await names())[0]).toBe(ascending[0]);
  await claire.page.getByRole("button", { name: exactly("Page suivante") }).click();
  await expect(claire.page.getByText(words("Page 2 sur 2"))).toBeVisible();
  await expect.poll(async () => (await names())[0]).not.toBe(ascending[0]);
  const rest = await names();
  expect([...ascending, ...rest]).toEqual(
    [...ascending, ...rest].toSorted((a, b) => a.localeCompare(b, "fr")),
  );
  await Promise.all(made.map(({ id }) => room.api.expect("DELETE", `/api/permanent-meetings/${id}`)));
});

test("[PERM-04] the meeting is shared by e-mail, and each address shows what has become of its mail", async ({
  room,
}) => {
  const claire = await room.organizer();
  const { page } = claire;
  await claire.openMeetings();
  await claire.row(room.meeting.number).getByRole("button", { name: LABELS.shareByMail }).click();
  const dialog = page.getByRole("dialog");
  await expect(
    dialog.getByRole("heading", {
      name: words(`Envoyer une invitation pour la réunion : ${room.meeting.name}`),
    }),
  ).toBeVisible();
  await dialog.getByLabel(LABELS.yourMessage).fill("Bonjour,\n<b>voici</b> le lien.");
  const address = dialog.getByLabel(LABELS.shareAddress);
  await address.first().fill("bob");
  await dialog.getByRole("button", { name: LABELS.send }).click();
  await expect(dialog.getByText(words("n'est pas une adresse"))).toBeVisible();
  await address.first().fill("bob@example.test");
  await dialog.getByRole("button", { name: LABELS.addAddress }).click();
  await address.nth(1).fill("carole@nulle-part.invalid");
  await page.setViewportSize({ width: 360, height: 740 });
  await page.screenshot({ path: `${artefacts("screenshots")}/partage-360.png` });
  await page.setViewportSize({ width: 1280, height: 800 });
  expect(await obstacles(page)).toEqual([]);
  await dialog.getByRole("button", { name: LABELS.send }).click();

  const state = (email: string) => dialog.getByRole("listitem").filter({ hasText: email });
  await expect(state("bob@example.test")).toContainText(/Envoyé le \d\d-\d\d-\d{4} à \d\dh\d\d/);
  await expect(state("carole@nulle-part.invalid")).toContainText(
    words("Refusé : le relais de messagerie a répondu"),
  );
  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme });
    await page.screenshot({ path: `${artefacts("screenshots")}/partage-${theme}.png` });
    expect(await obstacles(page), theme).toEqual([]);
  }
  const mails = (await room.api.messages()).filter(({ to }) => to === "bob@example.test");
  expect(mails).toHaveLength(1);
  const [mail] = mails;
  // In the name that the demonstration's settings give the service.
  expect(mail?.subject).toMatch(exactly("Visioconférence de démonstration : rejoignez la réunion"));
  for (const part of [room.meeting.link, room.meeting.address, room.code, "<b>voici</b> le lien."])
    expect(mail?.text).toContain(part);

  await state("bob@example.test")
    .getByRole("button", { name: words("Envoyer de nouveau") })
    .click();
  await expect
    .poll(async () => (await room.api.messages()).filter(({ to }) => to === "bob@example.test").length)
    .toBe(2);
  await dialog.getByRole("button", { name: LABELS.close }).click();
  await expect(dialog).toBeHidden();

  // As it lies in Bob's mailbox: its link leads to the meeting, and his text is text.
  const bob = await room.guest("Bob Martin");
  await bob.follow(`${room.box.url}/demonstration/courriels/${mail?.id}`);
  const letter = bob.page.frameLocator("iframe");
  await expect(letter.getByText("<b>voici</b> le lien.")).toBeVisible();
  await bob.page.screenshot({ path: `${artefacts("screenshots")}/courriel-partage.png`, fullPage: true });
  const opened = bob.page.waitForEvent("popup");
  await letter.getByRole("link", { name: exactly("Accès à la réunion") }).click();
  await expect((await opened).getByText(room.meeting.name).first()).toBeVisible();
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

test("[PERM-09] another name is read at once, also in the waiting room", async ({ room }) => {
  const [claire, bob] = await waiting(room);
  await claire.row(room.meeting.number).getByRole("button", { name: LABELS.editMeeting }).click();
  await claire.page.getByLabel(LABELS.description).fill("Vente MARCHAND");
  await claire.page.getByRole("button", { name: LABELS.save }).click();
  await expect(claire.row("Vente MARCHAND")).toBeVisible();
  await expect(bob.page.getByRole("heading", { name: /Vente MARCHAND/ })).toBeVisible();
});

test("[PERM-09] a code that is changed or switched on counts at once, also for who waits", async ({
  room,
}) => {
  await room.api.expect("PATCH", `/api/permanent-meetings/${room.meeting.id}`, { code_active: false });
  const [claire, bob] = await waiting(room, null);
  const row = claire.row(room.meeting.number);
  await claire.turn(LABELS.codeIsActive, true, row);
  await expect(bob.page.getByText(words("Le code de sécurité de la réunion a changé"))).toBeVisible();
  await bob.page.getByRole("button", { name: words("Réinitialiser le formulaire") }).click();
  await bob.ask(room.code);
  await expect(bob.page.getByText(words("Votre demande a été transmise"))).toBeVisible();

  await row.getByRole("button", { name: LABELS.editMeeting }).click();
  const field = claire.page
    .getByLabel(LABELS.securityCode)
    .and(claire.page.locator("input:not([type=checkbox])"));
  await field.fill("97531");
  await claire.page.getByRole("button", { name: LABELS.save }).click();
  await expect(bob.page.getByText(words("Le code de sécurité de la réunion a changé"))).toBeVisible();
  await bob.page.getByRole("button", { name: words("Réinitialiser le formulaire") }).click();
  await bob.ask(room.code);
  await expect(bob.page.getByRole("alert")).toContainText(words("Ce code de sécurité n'est pas le bon"));
  await bob.ask("97531");
  await expect(bob.page.getByText(words("Votre demande a été transmise"))).toBeVisible();

  await claire.turn(LABELS.codeIsActive, false, row);
  const diane = await room.guest("Diane Petit");
  await diane.follow(room.meeting.link);
  await expect(diane.page.getByLabel(LABELS.lastName)).toBeVisible();
  await expect(diane.page.getByLabel(LABELS.securityCode)).toHaveCount(0);
  await expect(bob.page.getByText(words("Votre demande a été transmise"))).toBeVisible();
});

test("[PERM-09] a meeting that is switched off ends for who waits, and opens again", async ({ room }) => {
  const [claire, bob] = await waiting(room);
  const row = claire.row(room.meeting.number);
  await claire.turn(LABELS.isActive, false, row);
  await expect(bob.page.getByText(words("La réunion a été fermée"))).toBeVisible();
  await bob.startAgain();
  await expect(bob.page.getByText(words("Cette réunion n'est pas ouverte"))).toBeVisible();
  await claire.turn(LABELS.isActive, true, row);
  await bob.page.getByRole("button", { name: exactly("Réessayer") }).click();
  await bob.ask(room.code);
  await expect(bob.page.getByText(words("Votre demande a été transmise"))).toBeVisible();
});

test("[PERM-09] a meeting that is deleted is gone at once, with its link and its number", async ({
  room,
}) => {
  const [claire, bob] = await waiting(room);
  await claire.row(room.meeting.number).getByRole("button", { name: LABELS.delete }).click();
  await claire.page.getByRole("alertdialog").getByRole("button", { name: LABELS.delete }).click();
  await expect(claire.row(room.meeting.number)).toHaveCount(0);
  await expect(bob.page.getByText(words("La réunion a été fermée"))).toBeVisible();
  const diane = await room.guest("Diane Petit");
  await diane.follow(room.meeting.link);
  await expect(diane.page.getByText(words("Ce lien ne mène à aucune réunion"))).toBeVisible();
  const system = await room.roomSystem();
  await system.dial(room.meeting.number);
  expect(await system.ended()).toContain("404");
});

/** The organizer at the table, and Bob in front of the meeting. */
async function waiting(room: TestRoom, code: string | null = room.code): Promise<[Organizer, Guest]> {
  const bob = await room.guest("Bob Martin");
  await bob.follow(room.meeting.link);
  await bob.ask(code ?? undefined);
  await expect(bob.page.getByText(words("Votre demande a été transmise"))).toBeVisible();
  const claire = await room.organizer();
  await claire.openMeetings();
  return [claire, bob];
}

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
