import type { Page } from "@playwright/test";
import { Browser } from "../harness/browser.ts";
import { ORGANIZER, PASSWORD, TOTP_SECRET } from "../harness/demonstration.ts";
import { exactly, LABELS, words } from "../harness/labels.ts";
import { expect, test as plain } from "../harness/test.ts";
import { totp } from "../harness/totp.ts";

/** The administrator's page at the demonstration, which has no firmware: what is asked of it is refused, and said. */
const test = plain.extend<{ page: Page }>({
  page: async ({ box }, use) => {
    const browser = await Browser.start(box.authority, null);
    const page = await browser.page();
    await page.goto(box.url);
    await page.getByLabel(LABELS.login).fill(ORGANIZER.login);
    await page.getByLabel(LABELS.password, { exact: false }).first().fill(PASSWORD);
    await page.getByRole("button", { name: LABELS.logIn }).click();
    // The step after this one's: other tests may have used this one's code.
    const code = totp(TOTP_SECRET, Date.now() + 30_000);
    await page.getByRole("textbox", { name: LABELS.secondFactorCode }).fill(code);
    await page.getByRole("button", { name: LABELS.send }).click();
    await expect(page.getByText(ORGANIZER.name).first()).toBeVisible();
    await use(page);
    await browser.close();
  },
});

test("all data are destroyed only after the word and the password", async ({ page }) => {
  await page.getByRole("link", { name: exactly("Maintenance") }).click();
  const section = page.getByRole("region", { name: exactly("Réinitialisation usine") });
  const word = section.getByRole("textbox", { name: words("Tapez EFFACER") });
  const destroy = section.getByRole("button", { name: exactly("Détruire toutes les données") });
  await section.getByLabel(words("Votre mot de passe")).fill(PASSWORD);
  await word.fill("effacer");
  await destroy.click();
  await expect(section.getByText(words("en majuscules"))).toBeVisible();
  await word.fill("EFFACER");
  await section.getByLabel(words("Votre mot de passe")).fill("Mauvais-mot-1!");
  await destroy.click();
  await expect(section.getByText(words("Le mot de passe est incorrect"))).toBeVisible();
  await section.getByLabel(words("Votre mot de passe")).fill(PASSWORD);
  await destroy.click();
  await expect(section.getByRole("alert")).toContainText(words("n'a pas le micrologiciel"));

  await page.getByRole("link", { name: exactly("Sauvegarde") }).click();
  const schedule = page.getByRole("region", { name: exactly("Sauvegardes programmées") });
  await schedule.getByLabel(words("Sur une clé USB")).check();
  await schedule.getByRole("textbox", { name: words("Heure") }).fill("25");
  await schedule.getByLabel(words("Votre mot de passe")).fill(PASSWORD);
  await schedule.getByRole("button", { name: LABELS.save }).click();
  await expect(schedule.getByText(words("Écrivez une heure de 0 à 23"))).toBeVisible();
  await schedule.getByRole("textbox", { name: words("Heure") }).fill("3");
  await schedule.getByLabel(words("Votre mot de passe")).fill(PASSWORD);
  await schedule.getByRole("button", { name: LABELS.save }).click();
  await expect(schedule.getByRole("group", { name: words("Clé des sauvegardes") })).toBeVisible();
  await expect(schedule.getByText(words("Aucune sauvegarde n'est encore arrivée"))).toBeVisible();
});
