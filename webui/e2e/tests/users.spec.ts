import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import {
  chooseAndSave,
  createUser,
  elsewhere,
  fillIn,
  logIn,
  mailTo,
  openUsers,
  somebody,
  temporaryPassword,
  tick,
  userRow,
} from "../harness/accounts.ts";
import type { Api } from "../harness/api.ts";
import { COLLEAGUE, PASSWORD } from "../harness/demonstration.ts";
import { exactly, LABELS, words } from "../harness/labels.ts";
import { artefacts } from "../harness/paths.ts";
import { expect, test } from "../harness/test.ts";
import type { TestRoom } from "../harness/test-room.ts";

const GOOD = "cheval agrafe pile correct";
const DELEGATE = { login: "amina.roux", name: "Amina Roux" };

/** Claire's page, where she manages the users. */
async function administrator(room: TestRoom): Promise<Page> {
  const { page } = await room.organizer();
  await openUsers(page, room.box);
  return page;
}

/** What the interface says of a user. */
async function known(room: TestRoom, login: string) {
  const { users } = await room.api.expect("GET", "/api/users");
  return (users as { id: number; login: string }[]).find((user) => user.login === login);
}

async function remove(room: TestRoom, ...logins: string[]): Promise<void> {
  const ids = [];
  for (const login of logins) ids.push((await known(room, login))?.id);
  await room.api.expect("POST", "/api/users/deletion", { ids: ids.filter((id) => id !== undefined) });
}

test("[USER-01] [USER-03] a user is created, once both boxes are ticked, and gets the login details by mail", async ({
  room,
}) => {
  const page = await administrator(room);
  const jean = somebody("Dubois");
  await page.getByRole("button", { name: exactly("Créer un nouvel utilisateur") }).click();
  await page.getByRole("button", { name: LABELS.save }).click();
  await expect(page.getByText(exactly("Cochez cette case pour créer l'utilisateur."))).toHaveCount(2);
  await expect(page.getByText(exactly("Ce champ est à remplir."))).toHaveCount(2);
  await fillIn(page, { ...jean, firstName: "<b>Jean</b>", email: "jean@", mobile: "12", login: "a b" });
  await tick(page, exactly("Nos CGV"));
  await page.getByRole("button", { name: LABELS.save }).click();
  await expect(page.getByText(words("n'est pas une adresse électronique"))).toBeVisible();
  await expect(page.getByText(words("n'est pas un numéro de téléphone mobile"))).toBeVisible();
  await expect(page.getByText(words("n'est pas un identifiant"))).toBeVisible();
  await expect(page.getByText(words("les signes < et > ne sont pas acceptés"))).toBeVisible();
  await page.screenshot({ path: `${artefacts("users")}/faults.png`, fullPage: true });
  expect(await known(room, jean.login)).toBeUndefined();

  await fillIn(page, jean);
  await page.getByRole("button", { name: LABELS.save }).click();
  await expect(page.getByText(exactly("Cochez cette case pour créer l'utilisateur."))).toHaveCount(1);
  await tick(page, exactly("Responsabilité"));
  await page.getByRole("button", { name: LABELS.save }).click();
  await expect(
    page.getByText(words(`les informations de connexion sont envoyées à ${jean.email}`)),
  ).toBeVisible();
  await expect(userRow(page, jean)).toContainText("Monsieur DUBOIS, Jean");
  const mail = await mailTo(room.api, jean.email, /provisoire/);
  expect(mail).toContain(jean.login);
  expect(mail).toContain(room.box.url);

  await page.getByRole("button", { name: exactly("Créer un nouvel utilisateur") }).click();
  await fillIn(page, { ...somebody("Durand"), login: jean.login.toUpperCase() });
  await tick(page, exactly("Nos CGV"));
  await tick(page, exactly("Responsabilité"));
  await page.getByRole("button", { name: LABELS.save }).click();
  await expect(page.getByText(words("Cet identifiant est déjà pris"))).toBeVisible();
  await remove(room, jean.login);
});

test("[USER-02] a delegate makes and manages the office's meetings, and enters none", async ({ room }) => {
  const page = await administrator(room);
  const jean = somebody("Delmas");
  await createUser(page, room.box, jean, () =>
    tick(page, words("Organisation des réunions VisioConférence (sans participation)")),
  );
  await expect(userRow(page, jean).getByRole("cell").nth(5)).toContainText("oui");
  expect(await known(room, jean.login)).toMatchObject({ rights: { visio: "delegate", may_join: false } });

  const api = room.box.api();
  await api.logIn(DELEGATE.login, PASSWORD);
  await elsewhere(room.box, async (theirs) => {
    await asCookieOf(theirs, api, room);
    await theirs.goto(`${room.box.url}/reunions-permanentes`);
    const row = theirs.getByRole("row").filter({ hasText: room.meeting.name });
    await expect(row.getByRole("button", { name: LABELS.join })).toBeDisabled();
    await theirs.getByRole("button", { name: LABELS.createMeeting }).click();
    await theirs.getByLabel(LABELS.description).fill("Partage DELMAS");
    await theirs.getByRole("button", { name: LABELS.save }).click();
    await expect(theirs.getByRole("row").filter({ hasText: "Partage DELMAS" })).toBeVisible();
    await theirs.goto(`${room.box.url}/reunions-permanentes/${room.meeting.id}/salle`);
    await expect(theirs.getByRole("alert")).toContainText(words("sans y participer"));
  });
  const seat = await api.call("POST", `/api/permanent-meetings/${room.meeting.id}/seat`);
  expect([seat.status, seat.body.error.code]).toEqual([403, "not_participant"]);
  const { items } = await room.api.expect("GET", "/api/permanent-meetings");
  const theirs = items.find(({ name }: { name: string }) => name === "Partage DELMAS");
  await room.api.expect("DELETE", `/api/permanent-meetings/${theirs.id}`);
  await remove(room, jean.login);
});

test("[USER-04] an entry in the ADSN directory is ordered, kept for billing, exported and handed over", async ({
  room,
}) => {
  const page = await administrator(room);
  const jean = somebody("Annuaire");
  await createUser(page, room.box, jean, async () => {
    await tick(
      page,
      exactly("Ajouter l'utilisateur à l'annuaire ADSN (permettant le partage des émoluments)."),
    );
    await expect(
      page.getByText(
        exactly(
          "En cochant cette case, le nouvel utilisateur apparaîtra dans l'annuaire ADSN (sous un délai de 48h).",
        ),
      ),
    ).toBeVisible();
    await expect(
      page.getByText(
        exactly(
          "Cette option sera facturée 1€ HT/mois pour le compte de l'ADSN, dont le montant lui est intégralement reversé.",
        ),
      ),
    ).toBeVisible();
    await expect(page.getByText(words("d'être exportée et transmise"))).toBeVisible();
    await page.screenshot({ path: `${artefacts("users")}/form.png`, fullPage: true });
  });
  await page.goto(`${room.box.url}/licences`);
  const row = page.getByRole("row").filter({ hasText: words("ajout de Monsieur Jean Annuaire, 1€ HT/mois") });
  await expect(row).toContainText("À transmettre");
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: words("Télécharger les commandes (CSV)") }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe("commandes.csv");
  const csv = readFileSync(await file.path(), "utf8");
  expect(csv.startsWith("\ufeffNuméro;Date;Office;CRPCEN;")).toBe(true);
  expect(csv).toContain(
    `"Ajout à l’annuaire ADSN";"1";"Monsieur Jean Annuaire";"${jean.login}";"1 € HT/mois"`,
  );
  await page.getByRole("button", { name: /^Marquer/ }).click();
  await expect(row).toContainText(/Transmise le \d/);
  await page.screenshot({ path: `${artefacts("users")}/orders.png`, fullPage: true });

  // Whoever is deleted is billed no longer.
  await openUsers(page, room.box);
  await userRow(page, jean)
    .getByRole("button", { name: /^Supprimer/ })
    .click();
  await page.getByRole("button", { name: exactly("Supprimer le compte") }).click();
  await expect(page.getByText(exactly("Le compte est supprimé."))).toBeVisible();
  await page.goto(`${room.box.url}/licences`);
  const removal = page.getByRole("row").filter({ hasText: words("retrait de Monsieur Jean Annuaire") });
  await expect(removal).toContainText("À transmettre");
});

test("[USER-05] the table shows names, rights and dates, sorts, and users are selected and deleted together", async ({
  room,
}) => {
  const page = await administrator(room);
  const columns = page.getByRole("columnheader");
  await expect(columns).toHaveText([
    "",
    ...[
      "Nom et prénom",
      "Identifiant de connexion",
      "E-mail",
      "Délégué télétravail",
      "Délégué Visio",
      "Accès aux factures",
      "Date de création",
      "Actions",
    ].map((name) => words(name)),
  ]);
  await expect(userRow(page, COLLEAGUE)).toContainText(/\d{1,2} \p{Lu}\p{Ll}+ \d{4} à \d\d:\d\d/u);
  await expect(userRow(page, DELEGATE).getByRole("cell").nth(5)).toContainText("oui");
  await expect(userRow(page, COLLEAGUE).getByRole("cell").nth(5)).toContainText("non");
  const logins = () => page.getByRole("row").locator("td:nth-child(3)").allInnerTexts();
  const sort = (column: string) =>
    page
      .getByRole("columnheader")
      .getByRole("button", { name: words(column) })
      .click();
  await sort("Identifiant de connexion");
  const rising = await logins();
  expect(rising).toEqual([...rising].sort());
  await sort("Identifiant de connexion");
  expect(await logins()).toEqual([...rising].reverse());
  await expect(page.getByRole("columnheader", { name: words("Identifiant") })).toHaveAttribute(
    "aria-sort",
    "descending",
  );

  const delegates = [somebody("Legrand"), somebody("Lepetit")];
  for (const one of delegates)
    await createUser(page, room.box, one, () => tick(page, words("sans participation")));
  await page.screenshot({ path: `${artefacts("users")}/table.png`, fullPage: true });
  for (const one of delegates) {
    const box = userRow(page, one).getByRole("checkbox");
    await box.locator("xpath=ancestor::label").click();
    await expect(box).toBeChecked();
  }
  await page.getByRole("button", { name: exactly("Supprimer 2 utilisateurs") }).click();
  await expect(page.getByRole("alertdialog")).toContainText("LEGRAND, Jean");
  await page
    .getByRole("alertdialog")
    .getByRole("button", { name: exactly("Supprimer les comptes") })
    .click();
  await expect(page.getByText(exactly("Les 2 comptes sont supprimés."))).toBeVisible();
  for (const one of delegates) await expect(userRow(page, one)).toBeHidden();
  expect(await known(room, delegates[0]?.login ?? "")).toBeUndefined();
});

test("[USER-06] name and rights are edited, and of two administrators the second is told and loses nothing", async ({
  room,
}) => {
  const page = await administrator(room);
  const jean = somebody("Martin");
  await createUser(page, room.box, jean, () => tick(page, words("sans participation")));
  await userRow(page, jean)
    .getByRole("button", { name: /^Modifier/ })
    .click();
  await expect(page.getByLabel(exactly("Identifiant de connexion"))).not.toBeEditable();
  await page.getByLabel(exactly("Civilité")).selectOption({ label: "Maître" });
  await tick(page, exactly("Délégué télétravail"));

  // Meanwhile another one gives another name.
  const before = (await known(room, jean.login)) as unknown as Record<string, unknown> & { id: number };
  const { civility, last_name, email, mobile, in_directory, version, rights } = before;
  const { visio, telework, invoices, administrator: admin } = rights as Record<string, unknown>;
  await room.api.expect("PATCH", `/api/users/${before.id}`, {
    ...{ version, civility, last_name, email, mobile, in_directory, visio, telework, invoices },
    administrator: admin,
    first_name: "Jean-Luc",
  });

  await page.getByRole("button", { name: LABELS.save }).click();
  await expect(page.getByRole("alert")).toContainText(
    words("Un autre administrateur a modifié cet utilisateur"),
  );
  await page.getByRole("button", { name: words("Reprendre mes modifications") }).click();
  await expect(page.getByLabel(exactly("Prénom"))).toHaveValue("Jean-Luc");
  await expect(page.getByLabel(exactly("Civilité"))).toHaveValue("Maître");
  await page.getByRole("button", { name: LABELS.save }).click();
  await expect(userRow(page, jean)).toContainText("Maître MARTIN, Jean-Luc");
  await expect(userRow(page, jean).getByRole("cell").nth(4)).toContainText("oui");
  expect(await known(room, jean.login)).toMatchObject({ first_name: "Jean-Luc", rights: { telework: true } });
  await remove(room, jean.login);
});

test("[USER-06] who is deleted is out at once, in the pages and in the meeting", async ({ room }) => {
  const page = await administrator(room);
  const jean = somebody("Sorti");
  await createUser(page, room.box, jean);
  const password = await temporaryPassword(room.api, jean);
  await elsewhere(room.box, async (theirs) => {
    await logIn(theirs, room.api, jean.login, password);
    await chooseAndSave(theirs, GOOD);
    await theirs.getByRole("link", { name: LABELS.permanentMeetings }).first().click();
    const row = theirs.getByRole("row").filter({ hasText: room.meeting.name });
    await row.getByRole("button", { name: LABELS.join }).click();
    await expect(theirs.getByRole("button", { name: LABELS.joinMeeting })).toBeVisible();

    await openUsers(page, room.box);
    await userRow(page, jean)
      .getByRole("button", { name: /^Supprimer/ })
      .click();
    await page.getByRole("button", { name: exactly("Supprimer le compte") }).click();
    await expect(page.getByText(exactly("Le compte est supprimé."))).toBeVisible();

    await expect(theirs.getByRole("button", { name: LABELS.joinMeeting })).toBeHidden();
    await theirs.goto(`${room.box.url}/reunions-permanentes`);
    await expect(theirs.getByRole("button", { name: LABELS.logIn })).toBeVisible();
  });
  const login = await room.box.api().call("POST", "/api/session", { login: jean.login, password: GOOD });
  expect(login.status).toBe(401);
});

test("[USER-06] the last administrator keeps the account and the right", async ({ room }) => {
  const page = await administrator(room);
  const sophie = (await known(room, "sophie.bernard")) as unknown as { id: number } & Record<string, unknown>;
  const { civility, last_name, first_name, email, in_directory } = sophie;
  const form = { civility, last_name, first_name, email, in_directory, mobile: "", visio: "user" };
  const change = async (administrator: boolean) => {
    const { version } = (await known(room, "sophie.bernard")) as unknown as { version: number };
    const body = { ...form, version, administrator, telework: false, invoices: false };
    await room.api.expect("PATCH", `/api/users/${sophie.id}`, body);
  };
  await change(false);
  try {
    await page.reload();
    const own = userRow(page, { login: "claire.moreau" });
    await own.getByRole("button", { name: /^Supprimer/ }).click();
    await expect(page.getByRole("alertdialog")).toContainText(words("Votre propre compte en fait partie"));
    await page.getByRole("button", { name: exactly("Supprimer le compte") }).click();
    await expect(page.getByRole("alert")).toContainText(words("C'est le dernier administrateur de l'office"));
    await own.getByRole("button", { name: /^Modifier/ }).click();
    await tick(page, exactly("Administrateur de l'espace client"));
    await page.getByRole("button", { name: LABELS.save }).click();
    await expect(page.getByRole("alert")).toContainText(words("C'est le dernier administrateur de l'office"));
  } finally {
    await change(true);
  }
});

test("[USER-07] whoever is no administrator sees and does none of it", async ({ room }) => {
  const api = room.box.api();
  await api.logIn(COLLEAGUE.login, PASSWORD);
  await elsewhere(room.box, async (theirs) => {
    await asCookieOf(theirs, api, room);
    await theirs.goto(`${room.box.url}/`);
    await expect(theirs.getByRole("link", { name: LABELS.permanentMeetings }).first()).toBeVisible();
    for (const page of ["Gestion des utilisateurs", "Licences et commandes"])
      await expect(theirs.getByRole("link", { name: exactly(page) })).toBeHidden();
    for (const path of ["utilisateurs", "licences"]) {
      await theirs.goto(`${room.box.url}/${path}`);
      await expect(theirs.getByRole("alert")).toContainText(words("réservée aux administrateurs"));
    }
  });
  const before = await room.api.expect("GET", "/api/users");
  const calls: [string, string, unknown?][] = [
    ["GET", "/api/users"],
    ["POST", "/api/users", { login: "mallory" }],
    ["PATCH", "/api/users/1", { administrator: true }],
    ["POST", "/api/users/1/credentials"],
    ["POST", "/api/users/deletion", { ids: [1] }],
    ["GET", "/api/orders"],
    ["GET", "/api/orders/export"],
    ["POST", "/api/orders/licences", { count: 1 }],
    ["POST", "/api/orders/handover", { last: 1 }],
  ];
  for (const [method, path, body] of calls) {
    const { status } = await api.call(method, path, body);
    expect([path, status]).toEqual([path, 403]);
  }
  expect(await room.api.expect("GET", "/api/users")).toEqual(before);
});

test("[LIC-01] licences are used up, ordered, kept, and handed to whoever bills", async ({ room }) => {
  const page = await administrator(room);
  const { left } = (await room.api.expect("GET", "/api/users")).licences as { left: number };
  const crowd = Array.from({ length: left }, () => somebody("Nombreux"));
  for (const one of crowd) await createUser(page, room.box, one);
  const late = somebody("Tardif");
  await page.getByRole("button", { name: exactly("Créer un nouvel utilisateur") }).click();
  await fillIn(page, late);
  await tick(page, exactly("Nos CGV"));
  await tick(page, exactly("Responsabilité"));
  await page.getByRole("button", { name: LABELS.save }).click();
  await expect(page.getByRole("alert")).toContainText(
    words("Toutes les licences de l'office sont utilisées."),
  );
  expect(await known(room, late.login)).toBeUndefined();

  await page.goto(`${room.box.url}/licences`);
  await expect(page.getByText(exactly("Disponibles")).locator("xpath=../dd")).toHaveText("0");
  await page.getByLabel(exactly("Nombre de licences")).fill("trois");
  await page.getByRole("button", { name: exactly("Commander") }).click();
  await expect(page.getByText(words("Commandez de 1 à 200 licences à la fois."))).toBeVisible();
  await page.getByLabel(exactly("Nombre de licences")).fill("3");
  await page.getByRole("button", { name: exactly("Commander") }).click();
  await expect(page.getByRole("alertdialog")).toContainText(words("Vous commandez 3 licences"));
  await page.getByRole("button", { name: exactly("Confirmer la commande") }).click();
  await expect(page.getByText(words("l'office a 3 licences de plus"))).toBeVisible();
  await expect(page.getByText(exactly("Disponibles")).locator("xpath=../dd")).toHaveText("3");
  const order = page.getByRole("row").filter({ hasText: "3 licences" }).first();
  await expect(order).toContainText("Claire Moreau");
  await expect(order).toContainText("À transmettre");
  await page.screenshot({ path: `${artefacts("users")}/licences.png`, fullPage: true });

  await createUser(page, room.box, late);
  await expect(userRow(page, late)).toBeVisible();
  await page.reload();
  await expect(page.getByText(words("Il en reste 2"))).toBeVisible();
  await remove(room, late.login, ...crowd.map(({ login }) => login));
});

test("[AUTH-05] the temporary password opens nothing but the choice of another", async ({ room }) => {
  const page = await administrator(room);
  const jean = somebody("Premier");
  await createUser(page, room.box, jean);
  const temporary = await temporaryPassword(room.api, jean);
  await elsewhere(room.box, async (theirs) => {
    await logIn(theirs, room.api, jean.login, temporary);
    await expect(
      theirs.getByRole("heading", { name: exactly("Choisissez votre mot de passe") }),
    ).toBeVisible();
    await theirs.goto(`${room.box.url}/reunions-permanentes`);
    await expect(
      theirs.getByRole("heading", { name: exactly("Choisissez votre mot de passe") }),
    ).toBeVisible();
    const field = theirs.getByLabel(exactly("Nouveau mot de passe"));
    for (const [weak, why] of [
      ["court", "de 10 à 200 caractères"],
      ["motdepasse", "listes de mots de passe divulgués"],
      ["jeanpremier", "contient votre nom"],
      [temporary, "bonne"],
    ] as const) {
      await field.fill(weak);
      await expect(theirs.locator("form")).toContainText(words(why));
    }
    await theirs.screenshot({ path: `${artefacts("users")}/first-password.png` });
    await chooseAndSave(theirs, temporary);
    await expect(theirs.locator("form")).toContainText(words("C'est le mot de passe que vous avez déjà"));
    await chooseAndSave(theirs, GOOD);
    await expect(theirs.getByText("Jean Premier").first()).toBeVisible();
    await theirs.getByRole("link", { name: LABELS.permanentMeetings }).first().click();
    await expect(theirs.getByRole("button", { name: LABELS.createMeeting })).toBeVisible();
  });
  const old = await room.box.api().call("POST", "/api/session", { login: jean.login, password: temporary });
  expect(old.status).toBe(401);
  await remove(room, jean.login);
});

test("[AUTH-05] a lost password is replaced by a link, once, and unknown addresses get the same answer", async ({
  room,
}) => {
  const page = await administrator(room);
  const jean = somebody("Oublie");
  await createUser(page, room.box, jean);
  const temporary = await temporaryPassword(room.api, jean);
  const before = room.box.api();
  await before.expect("POST", "/api/session", { login: jean.login, password: temporary });
  await elsewhere(room.box, async (theirs) => {
    await theirs.getByRole("link", { name: exactly("Mot de passe oublié") }).click();
    const ask = async (text: string) => {
      await theirs.goto(`${room.box.url}/mot-de-passe-oublie`);
      await theirs.getByLabel(exactly("Identifiant ou e-mail")).fill(text);
      await theirs.getByRole("button", { name: exactly("Recevoir un lien") }).click();
      const told = theirs.getByRole("status");
      await expect(told).toContainText(words("Si un compte correspond"));
      return await told.innerText();
    };
    const unknown = await ask("personne@nulle-part.test");
    expect(await ask(jean.email)).toBe(unknown);
    const mail = await mailTo(room.api, jean.email, /nouveau-mot-de-passe/);
    const link = /https:\S+/.exec(mail)?.[0] ?? "";
    await theirs.goto(link);
    await expect(theirs.getByText(words(`pour le compte ${jean.login}`))).toBeVisible();
    await chooseAndSave(theirs, "azertyuiop");
    await expect(theirs.locator("form")).toContainText(words("mots de passe divulgués"));
    await chooseAndSave(theirs, GOOD);
    await expect(theirs.getByText(words("Votre mot de passe est changé"))).toBeVisible();
    await theirs.screenshot({ path: `${artefacts("users")}/by-link.png` });
    await theirs.getByRole("link", { name: words("Revenir à l'identification") }).click();
    await theirs.getByLabel(LABELS.login).fill(jean.login);
    await theirs.getByLabel(LABELS.password).fill(GOOD);
    await theirs.getByRole("button", { name: LABELS.logIn }).click();
    await expect(theirs.getByRole("button", { name: LABELS.send })).toBeVisible();

    await theirs.goto("about:blank");
    await theirs.goto(link);
    await expect(theirs.getByRole("alert")).toContainText(words("Ce lien a expiré, ou a déjà servi."));
  });
  const over = await before.call("POST", "/api/session/sms");
  expect(over.status).toBe(401);
  await remove(room, jean.login);
});

test("[AUTH-05] one's own password is changed by giving it again, and other sessions end", async ({
  room,
}) => {
  const page = await administrator(room);
  const jean = somebody("Change");
  await createUser(page, room.box, jean);
  const temporary = await temporaryPassword(room.api, jean);
  const other = room.box.api();
  await elsewhere(room.box, async (theirs) => {
    await logIn(theirs, room.api, jean.login, temporary);
    await chooseAndSave(theirs, GOOD);
    await expect(theirs.getByText("Jean Change").first()).toBeVisible();
    await other.expect("POST", "/api/session", { login: jean.login, password: GOOD });
    await theirs.getByRole("link", { name: exactly("Mon mot de passe") }).click();
    await theirs.getByLabel(exactly("Mot de passe actuel")).fill("un autre que le bon");
    await chooseAndSave(theirs, "loutre bougie tabouret sapin");
    await expect(theirs.locator("form")).toContainText(words("Le mot de passe est incorrect"));
    await theirs.getByLabel(exactly("Mot de passe actuel")).fill(GOOD);
    await chooseAndSave(theirs, "loutre bougie tabouret sapin");
    await expect(theirs.getByText(words("Vos autres sessions sont terminées."))).toBeVisible();
    await theirs.reload();
    await expect(theirs.getByText("Jean Change").first()).toBeVisible();
  });
  const over = await other.call("POST", "/api/session/sms");
  expect(over.status).toBe(401);
  await remove(room, jean.login);
});

test("[USER-05] on a telephone and on a large screen nothing is cut off", async ({ room }) => {
  const page = await administrator(room);
  for (const width of [360, 1920]) {
    await page.setViewportSize({ width, height: 900 });
    for (const path of ["utilisateurs", "licences", "mon-mot-de-passe", "mot-de-passe-oublie"]) {
      await page.goto(`${room.box.url}/${path}`);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await page.screenshot({ path: `${artefacts("users")}/${path}-${width}.png`, fullPage: true });
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect([path, width, wider <= 0]).toEqual([path, width, true]);
    }
    await openUsers(page, room.box);
    await page.getByRole("button", { name: exactly("Créer un nouvel utilisateur") }).click();
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(wider).toBeLessThanOrEqual(0);
    await page.screenshot({ path: `${artefacts("users")}/form-${width}.png`, fullPage: true });
  }
});

/** Logs a page in as the interface's client is. */
async function asCookieOf(page: Page, api: Api, room: TestRoom): Promise<void> {
  const [name = "", value = ""] = api.session.split(/=(.*)/s);
  await page
    .context()
    .addCookies([{ name, value, url: room.box.url, secure: true, httpOnly: true, sameSite: "Strict" }]);
}
