import { expect, type Locator, type Page } from "@playwright/test";
import type { Api } from "./api.ts";
import type { Box } from "./box.ts";
import { Browser } from "./browser.ts";
import { exactly, LABELS, words } from "./labels.ts";
import { eventually } from "./patience.ts";

/** A user to be made, by what is typed. */
export interface NewUser {
  readonly civility?: string;
  readonly lastName: string;
  readonly firstName: string;
  readonly login: string;
  readonly email: string;
  readonly mobile: string;
}

/** What no other test has taken. */
let made = 0;

/** Somebody new. @param lastName as the table shows it, in any case */
export function somebody(lastName = "Dubois"): NewUser {
  made += 1;
  const login = `jean.${lastName.toLowerCase()}.${made}`;
  const mobile = `06 12 34 56 ${String(made).padStart(2, "0")}`;
  return {
    civility: "Monsieur",
    lastName,
    firstName: "Jean",
    login,
    email: `${login}@office.test`,
    mobile,
  };
}

export async function openUsers(page: Page, box: Box): Promise<void> {
  await page.goto(`${box.url}/utilisateurs`);
  await expect(page.getByRole("heading", { name: exactly("Gestion des utilisateurs") })).toBeVisible();
}

/** The table's row of a user. */
export function userRow(page: Page, user: { login: string }): Locator {
  return page.getByRole("row").filter({ has: page.getByRole("cell", { name: user.login, exact: true }) });
}

/** Fills the form in, without the boxes that have to be ticked. */
export async function fillIn(page: Page, user: NewUser): Promise<void> {
  if (user.civility !== undefined)
    await page.getByLabel(exactly("Civilité")).selectOption({ label: user.civility });
  await page.getByLabel(exactly("Nom")).fill(user.lastName);
  await page.getByLabel(exactly("Prénom")).fill(user.firstName);
  await page.getByLabel(exactly("Identifiant de connexion")).fill(user.login);
  await page.getByLabel(exactly("E-mail")).fill(user.email);
  await page.getByLabel(exactly("Téléphone mobile")).fill(user.mobile);
}

/** Ticks a box, or chooses a right. */
export async function tick(page: Page, label: RegExp): Promise<void> {
  const box = page.getByRole("checkbox", { name: label }).or(page.getByRole("radio", { name: label }));
  // The page's own drawing of the box lies before the input.
  await box.locator("xpath=ancestor::label").click();
}

/** «Créer un nouvel utilisateur», to the end. */
export async function createUser(
  page: Page,
  box: Box,
  user: NewUser,
  more?: () => Promise<void>,
): Promise<void> {
  await openUsers(page, box);
  await page.getByRole("button", { name: exactly("Créer un nouvel utilisateur") }).click();
  await fillIn(page, user);
  await tick(page, exactly("Nos CGV"));
  await tick(page, exactly("Responsabilité"));
  await more?.();
  await page.getByRole("button", { name: LABELS.save }).click();
  await expect(page.getByText(words("a été créé"))).toBeVisible();
}

/** The text of the newest mail to an address that has these words. */
export async function mailTo(api: Api, address: string, text: RegExp): Promise<string> {
  return await eventually(`a mail to ${address}`, 10_000, async () => {
    const messages = await api.messages();
    return messages.find(({ kind, to, text: said }) => kind === "mail" && to === address && text.test(said))
      ?.text;
  });
}

export async function temporaryPassword(api: Api, user: NewUser): Promise<string> {
  const mail = await mailTo(api, user.email, /provisoire/);
  const password = /provisoire\s: (\S+)/.exec(mail)?.[1];
  if (!password) throw new Error(`no password in: ${mail}`);
  return password;
}

/** A page of somebody who is not logged in; its browser goes with `during`. */
export async function elsewhere(box: Box, during: (page: Page) => Promise<void>): Promise<void> {
  const browser = await Browser.start(box.authority, null);
  try {
    const page = await browser.page();
    await page.goto(box.url);
    await during(page);
  } finally {
    await browser.close();
  }
}

/** Password, then the code by SMS. */
export async function logIn(page: Page, api: Api, login: string, password: string): Promise<void> {
  await givePassword(page, login, password);
  const before = (await api.messages()).length;
  await page.getByRole("button", { name: LABELS.bySms }).click();
  await page.getByRole("textbox", { name: LABELS.secondFactorCode }).fill(await api.smsCode(before));
  await page.getByRole("button", { name: LABELS.send }).click();
}

export async function givePassword(page: Page, login: string, password: string): Promise<void> {
  await page.getByLabel(LABELS.login).fill(login);
  await page.getByLabel(LABELS.password, { exact: false }).first().fill(password);
  await page.getByRole("button", { name: LABELS.logIn }).click();
}

/** The new password, twice. */
export async function chooseAndSave(page: Page, password: string): Promise<void> {
  await page.getByLabel(exactly("Nouveau mot de passe")).fill(password);
  await page.getByLabel(words("une seconde fois")).fill(password);
  await page.getByRole("button", { name: exactly("Enregistrer le mot de passe") }).click();
}
