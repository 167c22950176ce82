import { join } from "node:path";
import type { Page } from "@playwright/test";
import { mailTo } from "../harness/accounts.ts";
import { obstacles } from "../harness/axe.ts";
import { exactly, LABELS, words } from "../harness/labels.ts";
import { artefacts } from "../harness/paths.ts";
import { eventually } from "../harness/patience.ts";
import { runToEnd } from "../harness/programs.ts";
import {
  add,
  day,
  draft,
  fillIn,
  linkOf,
  openScheduled,
  person,
  reference,
  row,
  save,
  scheduled,
  written,
} from "../harness/scheduled.ts";
import { expect, test } from "../harness/test.ts";

const NOT_VALIDATED = words("à ce stade la réunion n'a pas encore été validée");

async function picture(page: Page, name: string): Promise<void> {
  expect(await obstacles(page)).toEqual([]);
  await page.screenshot({ path: `${artefacts("scheduled")}/${name}.png`, fullPage: true });
}

test("[SCHED-01] a meeting is created with its reference, its date and its hour", async ({ room }) => {
  const { page } = await room.organizer();
  await openScheduled(page, room.box);
  await page.getByRole("link", { name: LABELS.createMeeting }).click();
  await expect(page.getByRole("definition").first()).toHaveText(words("Claire Moreau"));
  await expect(page.getByText(exactly("Créé par"))).toBeVisible();
  await expect(page.getByText(exactly("Date de création"))).toBeVisible();
  await expect(
    page.getByText(words("Cette description ne sera utilisée que dans l'espace VisioConférence")),
  ).toBeVisible();

  await fillIn(page, { reference: " ", date: "18-06-2024", time: "midi" });
  await save(page);
  for (const [field, fault] of [
    ["Référence du dossier", "Ce champ est à remplir."],
    ["Heure", "Écrivez l'heure sous la forme 14h00."],
  ] as const)
    await expect(page.getByRole("textbox", { name: exactly(field) })).toHaveAccessibleDescription(
      words(fault),
    );
  await fillIn(page, { reference: "<b>x</b>", date: "18-06-2024", time: "14h00" });
  await save(page);
  const date = page.getByRole("textbox", { name: exactly("Date") });
  await expect(date).toHaveAccessibleDescription(words("Cette date est passée."));
  await picture(page, "form");

  const [name, tomorrow] = [reference("售房 <Żółć> & fils"), written(day(1))];
  await fillIn(page, { reference: name, date: tomorrow, time: "14h00" });
  await save(page);
  await expect(
    page.getByRole("heading", { level: 1, name: exactly(`Inviter des participants – ${name}`) }),
  ).toBeVisible();
  await openScheduled(page, room.box);
  await expect(row(page, name)).toContainText(`${tomorrow} à 14h00`);
});

test("[SCHED-01] the date is chosen in a calendar, too", async ({ room }) => {
  const { page } = await room.organizer();
  await page.goto(`${room.box.url}/reunions-programmees/nouvelle`);
  await page.getByRole("button", { name: words("Choisir la date dans un calendrier") }).click();
  const grid = page.getByRole("dialog").getByRole("grid");
  await grid.locator("[aria-current=date]").click();
  await page.keyboard.press("ArrowRight");
  await picture(page, "calendar");
  await page.getByRole("button", { name: words(`Choisir le ${written(day(1))}`) }).click();
  await expect(page.getByRole("textbox", { name: exactly("Date") })).toHaveValue(written(day(1)));
});

test("[SCHED-02] a box and a masked field protect a meeting with a code", async ({ room }) => {
  const claire = await room.organizer();
  const { page } = claire;
  await page.goto(`${room.box.url}/reunions-programmees/nouvelle`);
  const name = reference();
  await fillIn(page, { reference: name, date: written(day(1)), time: "14h00" });
  const field = page.getByLabel(LABELS.securityCode).and(page.locator("input:not([type=checkbox])"));
  await expect(field).toBeHidden();
  await claire.turn(LABELS.securityCode, true);
  await expect(field).toHaveAttribute("type", "password");
  await save(page);
  await expect(field).toHaveAccessibleDescription(words("Saisissez un code de sécurité"));
  await field.fill("12a4");
  await save(page);
  await expect(field).toHaveAccessibleDescription(words("de 4 à 8 chiffres"));
  await field.fill("7351");
  await expect(page.getByRole("button", { name: exactly("Retour") })).toBeVisible();
  await save(page);
  await expect(page.getByRole("heading", { name: words("Inviter des participants") })).toBeVisible();
  const { items } = await room.api.expect("GET", "/api/scheduled-meetings");
  const { id } = items.find((one: { name: string }) => one.name === name);
  expect(await room.api.expect("GET", `/api/scheduled-meetings/${id}`)).toMatchObject({ code: "7351" });
});

test("[SCHED-03] participants are filled in, and users of the espace client are proposed", async ({
  room,
}) => {
  const { page } = await room.organizer();
  const { id } = await draft(room.api, { reference: reference() });
  await page.goto(`${room.box.url}/reunions-programmees/${id}/participants`);
  const name = page.getByRole("combobox", { name: exactly("Nom prénom") });
  const email = page.getByRole("textbox", { name: exactly("E-mail") });
  await name.pressSequentially("jul");
  await page.getByRole("option", { name: words("Julien Petit") }).click();
  await expect(name).toHaveValue("Julien Petit");
  await expect(email).toHaveValue("julien.petit@visio.tabellion.test");
  await page.getByLabel(exactly("Rôle")).selectOption({ label: "Organisateur" });
  await page.getByRole("button", { name: exactly("Ajouter") }).click();
  await expect(row(page, "julien.petit@")).toContainText("Organisateur");
  await expect(name).toHaveValue("");

  for (const one of [person("Stéphanie Pellerin", "guest", "Madame"), person("山田 太郎", "spectator")])
    await add(page, one);
  await expect(row(page, "Madame Stéphanie Pellerin")).toContainText("Invité");
  await expect(row(page, "山田 太郎")).toContainText("Spectateur");

  await page.getByRole("button", { name: exactly("Ajouter") }).click();
  await expect(name).toHaveAccessibleDescription(words("Ce champ est à remplir."));
  await name.fill("stephanie pellerin");
  await email.fill((await row(page, "Stéphanie").getByRole("cell").nth(1).innerText()).toUpperCase());
  await page.getByRole("button", { name: exactly("Ajouter") }).click();
  await expect(email).toHaveAccessibleDescription(words("figure déjà dans la liste"));
  await name.fill("<script>alert(1)</script>");
  await page.getByRole("button", { name: exactly("Ajouter") }).click();
  await save(page);
  await expect(row(page, "<script>")).toContainText(words("les signes < et > ne sont pas acceptés"));
  await picture(page, "participants");
  await row(page, "<script>")
    .getByRole("button", { name: words("Supprimer") })
    .click();
  await save(page);
  await expect(page.getByRole("status")).toContainText(NOT_VALIDATED);
});

test("[SCHED-04] the table sorts by name, and has «Supprimer» and «Envoyer ?» in each row", async ({
  room,
}) => {
  const { page } = await room.organizer();
  const people = [
    person("Zoé Bernard", "guest"),
    person("Élise Roy", "organizer"),
    person("Denise Beausoleil", "guest"),
  ];
  const { id } = await draft(room.api, { reference: reference(), people });
  await page.goto(`${room.box.url}/reunions-programmees/${id}/participants`);
  await expect(page.getByRole("columnheader")).toHaveText([
    /^Nom/,
    "E-mail",
    "Rôle",
    "Supprimer",
    words("Envoyer ?"),
  ]);
  const names = () => page.getByRole("row").locator("td:first-child").allInnerTexts();
  expect(await names()).toEqual(["Denise Beausoleil", "Élise Roy", "Zoé Bernard"]);
  await page
    .getByRole("columnheader")
    .getByRole("button", { name: words("Nom") })
    .click();
  expect(await names()).toEqual(["Zoé Bernard", "Élise Roy", "Denise Beausoleil"]);

  await row(page, "Zoé")
    .getByRole("button", { name: words("Supprimer") })
    .click();
  await expect(row(page, "Zoé")).toBeHidden();
  const tick = row(page, "Denise").getByRole("checkbox", { name: words("Envoyer à Denise Beausoleil") });
  await expect(tick).toBeChecked();
  await tick.locator("xpath=ancestor::label").click();
  await save(page);
  await expect(page.getByRole("status")).toContainText(NOT_VALIDATED);
  const { participants } = await room.api.expect("GET", `/api/scheduled-meetings/${id}`);
  expect(participants.map(({ name, send }: { name: string; send: boolean }) => [name, send])).toEqual([
    ["Denise Beausoleil", false],
    ["Élise Roy", true],
  ]);
});

test("[SCHED-05] former participants are imported", async ({ room }) => {
  const { page } = await room.organizer();
  const former = person("Aurélie Vasseur", "spectator", "Madame");
  await draft(room.api, { reference: reference(), people: [former] });
  const { id } = await draft(room.api, { reference: reference() });
  await page.goto(`${room.box.url}/reunions-programmees/${id}/participants`);
  await page.getByRole("button", { name: words("Importer d'anciens participants") }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(exactly("Rechercher")).fill(`aurelie ${former.email}`);
  await dialog.getByRole("checkbox").locator("xpath=ancestor::label").click();
  await picture(page, "import");
  await dialog.getByRole("button", { name: words("Importer 1 participant") }).click();
  await expect(row(page, former.email)).toContainText("Spectateur");
  await save(page);
  await expect(page.getByRole("status")).toContainText(NOT_VALIDATED);
  const { participants } = await room.api.expect("GET", `/api/scheduled-meetings/${id}`);
  expect(participants).toMatchObject([{ name: "Aurélie Vasseur", civility: "Madame", role: "spectator" }]);
});

test("[SCHED-06] before the validation all of it can be edited, and the meeting says that it is not validated", async ({
  room,
}) => {
  const { page } = await room.organizer();
  const name = reference("Bail ROUX");
  const made = await draft(room.api, { reference: name, people: [person("Anne Dubois", "guest")] });
  await openScheduled(page, room.box);
  await expect(row(page, name)).toContainText(words("Non validée"));
  await row(page, name)
    .getByRole("button", { name: words("Modifier") })
    .click();
  await expect(page.getByRole("status")).toContainText(NOT_VALIDATED);
  await fillIn(page, { reference: `${name} bis`, date: written(day(2)), time: "9h15" });
  await save(page);
  await expect(row(page, `${name} bis`)).toContainText(`${written(day(2))} à 09h15`);

  await row(page, name)
    .getByRole("button", { name: words("Participants") })
    .click();
  await row(page, "Anne Dubois")
    .getByRole("button", { name: words("Modifier") })
    .click();
  await page.getByLabel(exactly("Rôle")).selectOption({ label: "Organisateur" });
  await page.getByRole("button", { name: words("Modifier le participant") }).click();
  await expect(row(page, "Anne Dubois")).toContainText("Organisateur");
  await save(page);
  await expect(page.getByRole("status")).toContainText(NOT_VALIDATED);
  await picture(page, "list");
  const now = await room.api.expect("GET", `/api/scheduled-meetings/${made.id}`);
  expect(now).toMatchObject({ state: "draft", participants: [{ role: "organizer" }] });
});

test("of two people who edit one meeting the second is told, and loses nothing", async ({ room }) => {
  const { page } = await room.organizer();
  const name = reference();
  const { id } = await draft(room.api, { reference: name, people: [person("Anne Dubois", "organizer")] });
  await page.goto(`${room.box.url}/reunions-programmees/${id}/participants`);
  await add(page, person("Bob Martin", "guest"));
  const other = await room.api.expect("GET", `/api/scheduled-meetings/${id}`);
  const participants = [
    ...other.participants.map(({ delivery: _, ...one }: { delivery: unknown }) => one),
    person("Diane Petit", "guest"),
  ];
  await room.api.expect("PUT", `/api/scheduled-meetings/${id}/participants`, {
    version: other.version,
    participants,
  });
  await save(page);
  await expect(page.getByRole("alert")).toContainText(words("Quelqu'un d'autre a modifié cette réunion"));
  await page
    .getByRole("button", { name: words("Reprendre la réunion telle qu'elle est maintenant") })
    .click();
  await expect(row(page, "Diane Petit")).toBeVisible();
  await expect(row(page, "Bob Martin")).toBeVisible();
  await save(page);
  await expect(page.getByRole("status")).toContainText(NOT_VALIDATED);
  const now = await room.api.expect("GET", `/api/scheduled-meetings/${id}`);
  expect(now.participants).toHaveLength(3);
});

test("[SCHED-07] the validation shows the meeting, its public name, and a message that names those present", async ({
  room,
}) => {
  const { page } = await room.organizer();
  const name = reference();
  const people = [person("Pierre Dupont", "organizer", "Maître"), person("Denise Beausoleil", "spectator")];
  await draft(room.api, { reference: name, people });
  await openScheduled(page, room.box);
  await row(page, name)
    .getByRole("button", { name: exactly(`Valider : ${name}`) })
    .click();
  await expect(
    page.getByRole("heading", { level: 1, name: exactly(`Valider et envoyer – ${name}`) }),
  ).toBeVisible();
  const field = page.getByRole("textbox", { name: exactly("Nom de la réunion") });
  await expect(field).toHaveAccessibleDescription(
    words("Ce nom sera envoyé à tous les participants de la réunion de VisioConférence."),
  );
  await expect(page.getByRole("term")).toHaveText(["Créé par", "Référence du dossier", "Date", "Heure"]);
  await expect(page.getByRole("definition")).toHaveText([/Claire Moreau/, name, written(day(1)), "16h00"]);
  const message = page.getByRole("textbox", { name: exactly("Message") });
  await expect(message).toHaveValue(
    "Seront présents lors de cette réunion\u00a0:\nDenise Beausoleil\nMaître Pierre Dupont\n\nVous remerciant par avance,",
  );
  await field.fill("");
  await page.getByRole("button", { name: exactly("Valider et envoyer") }).click();
  await expect(field).toHaveAccessibleDescription(words("Ce champ est à remplir."));
  await picture(page, "validation");
  await field.fill("Réunion DUPONT");
  await page.getByRole("button", { name: exactly("Valider et envoyer") }).click();
  await expect(page.getByRole("status")).toContainText(words("est validée"));
  await expect(row(page, name)).toContainText(words("Invitations envoyées"));
});

test("[SCHED-07] a meeting without an organizer is not validated, and its page says what to do", async ({
  room,
}) => {
  const { page } = await room.organizer();
  const { id } = await draft(room.api, { reference: reference(), people: [person("Anne Dubois", "guest")] });
  await page.goto(`${room.box.url}/reunions-programmees/${id}/validation`);
  await page.getByRole("button", { name: exactly("Valider et envoyer") }).click();
  await expect(page.getByRole("alert")).toContainText(words("le rôle « Organisateur »"));
  await page.getByRole("button", { name: exactly("Participants") }).click();
  await expect(page.getByRole("heading", { name: words("Inviter des participants") })).toBeVisible();
});

test("[SCHED-08] each who is invited gets a mail with all that is needed, and a link that is the person's own", async ({
  room,
}) => {
  const { page } = await room.organizer();
  const [name, code] = [reference(), "7351"];
  const people = [
    person("Anne Dubois", "organizer", "Maître"),
    person("Bob Martin", "guest", "Monsieur"),
    { ...person("Denise Beausoleil", "spectator"), send: false },
  ] as const;
  const { id, address } = await draft(room.api, { reference: name, code, people });
  await page.goto(`${room.box.url}/reunions-programmees/${id}/validation`);
  await page.getByRole("textbox", { name: exactly("Nom de la réunion") }).fill(`Réunion ${name}`);
  await page.getByRole("button", { name: exactly("Valider et envoyer") }).click();
  await expect(page.getByRole("status")).toContainText(words("est validée"));

  const links = new Set<string>();
  for (const one of people.slice(0, 2)) {
    const mail = await mailTo(room.api, one.email, words(`Réunion ${name}`));
    for (const said of [
      "Cher Maître, Madame, Monsieur",
      `${written(day(1))} à 16h00`,
      "rejoignez la réunion au numéro suivant",
      address,
      "avec le code suivant",
      code,
      "Seront présents lors de cette réunion",
      "Maître Anne Dubois",
      "Denise Beausoleil",
      "Cordialement",
    ])
      expect(mail).toMatch(words(said));
    links.add(await linkOf(room.api, one.email, words(`Réunion ${name}`)));
  }
  expect(links.size).toBe(2);
  const messages = await room.api.messages();
  expect(messages.filter(({ to }) => to === people[2].email)).toEqual([]);

  await row(page, name)
    .getByRole("button", { name: words("Participants") })
    .click();
  await expect(row(page, "Bob Martin")).toContainText(words("Envoyé le"));
  await expect(row(page, "Denise")).toContainText(words("Aucun mail envoyé"));
  await picture(page, "sent");

  // The organizer's link is enough; the guest gives the code, and nothing else.
  const [organizers = "", guests = ""] = [...links];
  const anne = await room.guest("Anne Dubois");
  await anne.follow(organizers);
  await expect(anne.page.getByRole("heading", { name: LABELS.waitingRoom })).toBeVisible();
  await anne.join();
  const bob = await room.guest("Bob Martin");
  await bob.follow(guests);
  await expect(bob.page.getByLabel(LABELS.lastName)).toBeHidden();
  await bob.page.getByLabel(LABELS.securityCode).fill(code);
  await bob.page.getByRole("button", { name: LABELS.joinMeeting }).click();
  await expect(bob.page.getByRole("button", { name: LABELS.hangUp })).toBeHidden();
  await bob.join();
  await expect(bob).toSee(anne);
  await expect(anne).toSee(bob);
});

test("[SCHED-13] date, name and code are changed; those who were invited are told", async ({ room }) => {
  const claire = await room.organizer();
  const { page } = claire;
  const [name, anne] = [reference(), person("Anne Dubois", "organizer")];
  await scheduled(room.api, { reference: name, name: "Réunion ROUX", people: [anne] });
  const before = await linkOf(room.api, anne.email, words("Réunion ROUX"));
  await openScheduled(page, room.box);
  await row(page, name)
    .getByRole("button", { name: words("Modifier") })
    .click();
  await page.getByRole("textbox", { name: exactly("Nom de la réunion") }).fill("Réunion LEROUX");
  await fillIn(page, { reference: name, date: written(day(3)), time: "11h30" });
  await claire.turn(LABELS.securityCode, true);
  await page.getByLabel(LABELS.securityCode).and(page.locator("input:not([type=checkbox])")).fill("8642");
  await save(page);
  await expect(row(page, name)).toContainText(`${written(day(3))} à 11h30`);
  const mail = await mailTo(room.api, anne.email, words("a été modifiée"));
  for (const said of ["Réunion LEROUX", `${written(day(3))} à 11h30`, "8642"])
    expect(mail).toMatch(words(said));
  const guest = await room.guest("Anne Dubois");
  await guest.follow(before);
  await expect(guest.page.getByRole("heading", { level: 1 })).toContainText("Réunion LEROUX");
});

test("[SCHED-13] participants come and go; who is removed is out at once, and both are told", async ({
  room,
}) => {
  const { page } = await room.organizer();
  const [bob, anne] = [person("Bob Martin", "guest"), person("Anne Dubois", "organizer")];
  const name = reference();
  const { id } = await scheduled(room.api, { reference: name, name: `Réunion ${name}`, people: [bob, anne] });
  const link = await linkOf(room.api, bob.email, words(name));
  const inside = await room.guest("Bob Martin");
  await inside.follow(link);
  await inside.join();

  await page.goto(`${room.box.url}/reunions-programmees/${id}/participants`);
  await row(page, "Bob Martin")
    .getByRole("button", { name: words("Supprimer") })
    .click();
  const diane = person("Diane Petit", "guest");
  await add(page, diane);
  await save(page);
  await expect(page.getByRole("status")).toContainText(words("sont enregistrés"));
  await expect(inside.page.getByText(words("Votre invitation a été modifiée ou annulée"))).toBeVisible();
  await inside.follow(link);
  await expect(inside.page.getByRole("alert")).toContainText(words("Ce lien ne mène à aucune réunion"));
  expect(await mailTo(room.api, bob.email, words("est annulée"))).toMatch(words(name));
  expect(await linkOf(room.api, diane.email, words(name))).not.toBe(link);
});

test("[SCHED-13] the invitation is sent again, to all and to one", async ({ room }) => {
  const { page } = await room.organizer();
  const [bob, anne] = [person("Bob Martin", "guest"), person("Anne Dubois", "organizer")];
  const name = reference();
  await scheduled(room.api, { reference: name, name: `Réunion ${name}`, people: [bob, anne] });
  const mails = async (to: string) => (await room.api.messages()).filter((mail) => mail.to === to).length;
  await expect.poll(() => mails(bob.email)).toBe(1);
  await openScheduled(page, room.box);
  await row(page, name)
    .getByRole("button", { name: words("Renvoyer l'invitation") })
    .click();
  await expect(page.getByRole("status")).toContainText(words("est renvoyée"));
  await expect.poll(() => mails(bob.email)).toBe(2);
  await row(page, name)
    .getByRole("button", { name: words("Participants") })
    .click();
  await row(page, "Anne Dubois")
    .getByRole("button", { name: words("Renvoyer l'invitation") })
    .click();
  await expect.poll(() => mails(anne.email)).toBe(3);
  expect(await mails(bob.email)).toBe(2);
});

test("[SCHED-13] a deleted meeting is over for who is inside, and its links open nothing", async ({
  room,
}) => {
  const { page } = await room.organizer();
  const bob = person("Bob Martin", "organizer");
  const name = reference();
  await scheduled(room.api, { reference: name, name: `Réunion ${name}`, people: [bob] });
  const link = await linkOf(room.api, bob.email, words(name));
  const inside = await room.guest("Bob Martin");
  await inside.follow(link);
  await inside.join();
  await openScheduled(page, room.box);
  await row(page, name)
    .getByRole("button", { name: words("Supprimer") })
    .click();
  const dialog = page.getByRole("alertdialog");
  await expect(dialog).toContainText(words("seront prévenues par mail"));
  await dialog.getByRole("button", { name: exactly("Annuler") }).click();
  await expect(row(page, name)).toBeVisible();
  await row(page, name)
    .getByRole("button", { name: words("Supprimer") })
    .click();
  await dialog.getByRole("button", { name: exactly("Supprimer") }).click();
  await expect(row(page, name)).toBeHidden();
  await expect(inside.page.getByText(words("La réunion a été fermée"))).toBeVisible();
  await inside.follow(link);
  await expect(inside.page.getByRole("alert")).toContainText(words("Cette réunion est annulée"));
  expect(await mailTo(room.api, bob.email, words("est annulée"))).toMatch(words(name));
});

/** Midnight itself passes in fake time (store/tests/scheduled.rs, conference/tests/scheduled.rs); here the box was away meanwhile. */
test("[SCHED-14] after midnight the day's meetings are over: links, number and code open nothing", async ({
  room,
  box,
}) => {
  const { page } = await room.organizer();
  const bob = person("Bob Martin", "guest");
  const name = reference();
  const people = [bob, person("Anne Dubois", "organizer")];
  const { id, address } = await scheduled(room.api, {
    reference: name,
    name: `Réunion ${name}`,
    code: "7351",
    people,
  });
  const link = await linkOf(room.api, bob.email, words(name));
  const inside = await room.guest("Bob Martin");
  await inside.follow(link);
  await inside.page.getByLabel(LABELS.securityCode).fill("7351");
  await inside.page.getByRole("button", { name: LABELS.joinMeeting }).click();
  await inside.join();

  await box.without("control", async () => {
    await runToEnd(
      "sqlite3",
      join(box.state, "tabellion.db"),
      `UPDATE scheduled_meetings SET day = '${day(-1)}', closes_at = unixepoch() * 1000000 - 1000000 WHERE id = ${id}`,
    );
  });
  await expect.poll(() => box.isServing(), { timeout: 20_000 }).toBe(true);
  await expect(inside.page.getByText(words("La réunion a été fermée"))).toBeVisible({ timeout: 20_000 });
  await inside.follow(link);
  await expect(inside.page.getByRole("alert")).toContainText(words("sa journée est passée"));
  const system = await room.roomSystem();
  await system.dial(address.split("@")[0] ?? "");
  expect(await system.ended()).toContain("404");
  await openScheduled(page, room.box);
  await expect(row(page, name)).toBeHidden();
  const over = await eventually("the meeting is over", 5_000, async () => {
    const now = await room.api.expect("GET", `/api/scheduled-meetings/${id}`);
    return now.state === "expired" ? now : undefined;
  });
  expect(over.code).toBeNull();
});
