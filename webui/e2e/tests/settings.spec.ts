import { join } from "node:path";
import type { Locator, Page } from "@playwright/test";
import type { Api } from "../harness/api.ts";
import { Browser } from "../harness/browser.ts";
import { ORGANIZER } from "../harness/demonstration.ts";
import { exactly, LABELS, words } from "../harness/labels.ts";
import { MailRelay } from "../harness/mail-relay.ts";
import { artefacts } from "../harness/paths.ts";
import { settle } from "../harness/settings.ts";
import { expect, test as plain } from "../harness/test.ts";

const RELAY = { address: "10.77.0.2", port: 2525 };

/** The settings page before an administrator; and the settings as they were, afterwards. */
const test = plain.extend<{ page: Page; api: Api; restored: undefined }>({
  api: async ({ room }, use) => use(room.api),
  page: async ({ box, room, restored: _ }, use) => {
    const claire = await room.organizer();
    await claire.page.goto(box.url);
    await claire.page.getByRole("link", { name: LABELS.settings }).click();
    await expect(section(claire.page, "Office")).toBeVisible();
    await use(claire.page);
  },
  restored: async ({ box, api }, use) => {
    const { document } = await api.expect("GET", "/api/system/settings");
    await use(undefined);
    await settle(box, api, document);
  },
});

function section(page: Page, title: string): Locator {
  return page.getByRole("region", { name: exactly(title) });
}

async function save(page: Page): Promise<void> {
  await page.getByRole("button", { name: LABELS.save }).click();
}

async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(artefacts("settings"), `${name}.png`), fullPage: true });
}

test("a mail relay is tried before it is set, and set at once", async ({ page, box, api }) => {
  const relay = await MailRelay.start(RELAY.address, RELAY.port);
  const mail = section(page, "Relais de messagerie");
  await mail.getByText(words("La boîte envoie ses courriels par un relais")).click();
  await mail.getByLabel(exactly("Serveur")).fill(RELAY.address);
  await mail.getByLabel(exactly("Protection")).selectOption("none");
  await mail.getByLabel(exactly("Port")).fill("2526");
  await mail.getByLabel(exactly("Expéditeur")).fill("Office <visio@tabellion.test>");
  await mail.getByRole("button", { name: LABELS.trialMail }).click();
  await expect(mail.getByRole("alert")).toContainText(words("Le relais ne répond pas comme prévu"));
  await picture(page, "relay-away");
  await mail.getByLabel(exactly("Port")).fill(String(RELAY.port));
  await mail.getByRole("button", { name: LABELS.trialMail }).click();
  await expect(mail.getByRole("status")).toContainText(`${ORGANIZER.login}@`);
  expect(relay.mails.join()).toContain(`To: ${ORGANIZER.login}@visio.tabellion.test`);
  await relay.stop();

  box.expectRestart("control");
  await save(page);
  await expect(page.getByRole("status")).toContainText(words("Réglages enregistrés et en vigueur."));
  await box.started("control");
  const { document } = await api.expect("GET", "/api/system/settings");
  expect(document.mail).toMatchObject({ host: RELAY.address, port: RELAY.port, security: "none" });
});

test("each fault is told beside its field, and the second of two administrators is told of the first", async ({
  page,
  box,
  api,
}) => {
  await section(page, "Office").getByLabel(exactly("Code CRPCEN")).fill("");
  await section(page, "Heure").getByLabel(exactly("Fuseau horaire")).fill("France/Paris");
  await save(page);
  await expect(page.getByRole("alert")).toContainText(words("Corrigez les champs signalés"));
  const crpcen = section(page, "Office").getByLabel(exactly("Code CRPCEN"));
  await expect(crpcen).toHaveAccessibleDescription(words("Remplissez ce champ."));
  await crpcen.fill("99001");
  await save(page);
  await expect(section(page, "Heure")).toContainText(words("Écrivez « Europe/Paris »."));
  await picture(page, "faults");
  await section(page, "Heure").getByLabel(exactly("Fuseau horaire")).fill("Europe/Paris");

  const { version, document } = await api.expect("GET", "/api/system/settings");
  document.support.phone = "04 11 11 11 11";
  box.expectRestart("control");
  await api.expect("PUT", "/api/system/settings", { version, document });
  await box.started("control");
  await section(page, "Assistance aux utilisateurs").getByLabel(words("Horaires")).fill("Le matin");
  await save(page);
  await expect(page.getByRole("alert")).toContainText(words("Un autre administrateur a changé les réglages"));
  await page.getByRole("button", { name: words("Recharger les réglages") }).click();
  await expect(section(page, "Assistance aux utilisateurs").getByLabel(words("Téléphone"))).toHaveValue(
    "04 11 11 11 11",
  );
});

test("another public name is confirmed by who still reaches the box", async ({ page, box, api }) => {
  await section(page, "Noms de la boîte").getByLabel(exactly("Nom public")).fill("visio2.tabellion.test");
  box.expectRestart("control");
  await save(page);
  const pending = section(page, "Un changement attend d'être confirmé");
  await expect(pending.getByRole("timer")).toContainText(/annulé dans \d+ secondes/);
  await expect(pending).toContainText(words("Noms de la boîte"));
  await picture(page, "pending");
  await box.started("control");
  await pending.getByRole("button", { name: LABELS.confirmSettings }).click();
  await expect(page.getByRole("status")).toContainText(words("Changement confirmé"), { timeout: 20_000 });
  await picture(page, "confirmed");
  const { document, pending: left } = await api.expect("GET", "/api/system/settings");
  expect([document.names.public, left]).toEqual(["visio2.tabellion.test", null]);
});

test("a change that nobody confirms is undone after a minute, and the page says so", async ({
  page,
  box,
  api,
}) => {
  plain.setTimeout(150_000);
  await section(page, "Noms de la boîte").getByLabel(exactly("Nom public")).fill("perdu.tabellion.test");
  box.expectRestart("control");
  await save(page);
  await expect(section(page, "Un changement attend d'être confirmé")).toBeVisible();
  await box.started("control");
  box.expectRestart("control");
  await expect(page.getByRole("alert")).toContainText(words("Changement annulé"), { timeout: 80_000 });
  await box.started("control");
  await picture(page, "undone");
  const { document } = await api.expect("GET", "/api/system/settings");
  expect(document.names.public).not.toBe("perdu.tabellion.test");
});

test("the link to a new address says where it leads, and a foreign one opens nothing", async ({ box }) => {
  const browser = await Browser.start(box.authority, null);
  const page = await browser.page();
  const deadline = Date.now() + 60_000;
  await page.goto(`${box.url}/confirmer-les-reglages#1.AAAAAAAAAAAAAAAAAAAAAA.${deadline}`);
  await expect(page.getByText(words("Vous avez joint la boîte à sa nouvelle adresse"))).toBeVisible();
  await page.getByRole("button", { name: LABELS.confirmSettings }).click();
  await expect(page.getByRole("alert")).toContainText(words("Ce lien n'est pas, ou n'est plus"));
  await picture(page, "confirm-page");
  await browser.close();
});
