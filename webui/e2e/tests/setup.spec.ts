import type { Page } from "@playwright/test";
import { test as plain } from "@playwright/test";
import { Browser } from "../harness/browser.ts";
import { NewBox } from "../harness/new-box.ts";
import { artefacts } from "../harness/paths.ts";
import { expect } from "../harness/test.ts";

/** A box without settings, and a browser beside it. */
const test = plain.extend<{ box: NewBox; page: Page }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to know what is needed
  box: async ({}, use) => {
    const box = await NewBox.start();
    await use(box);
    await box.stop();
  },
  page: async ({ box }, use) => {
    const browser = await Browser.start(box.authority, null);
    await use(await browser.page());
    await browser.close();
  },
});

const PASSWORD = "Bien-trop-secret-2026";

async function fill(page: Page, values: Record<string, string>): Promise<void> {
  for (const [label, value] of Object.entries(values))
    await page.getByLabel(label, { exact: true }).fill(value);
}

async function fillWhatIsNeeded(page: Page, box: NewBox): Promise<void> {
  await fill(page, {
    "Nom de l’office": "Office Notarial de la Place",
    "Code CRPCEN": "01234",
    Domaine: "visio.office.test",
    Prénom: "Claire",
    Nom: "Moreau",
    Identifiant: "claire.moreau",
    "Adresse électronique": "claire@office.test",
    "Téléphone mobile": "06 12 34 56 78",
    "Mot de passe": PASSWORD,
    "Mot de passe, une seconde fois": PASSWORD,
  });
  const ports: [string, number][] = [
    ["Pages web (TCP)", box.ports.https],
    ["SIP", box.ports.sip],
    ["SIP sur TLS", box.ports.sips],
    ["Images et sons des navigateurs (UDP)", box.ports.media],
    ["Premier port des systèmes de salle", box.ports.rtp_from],
    ["Dernier port des systèmes de salle", box.ports.rtp_to],
  ];
  await fill(page, Object.fromEntries(ports.map(([label, port]) => [`${label} (facultatif)`, String(port)])));
}

async function pictures(page: Page, name: string): Promise<void> {
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: 800 });
    await page.screenshot({ path: `${artefacts("setup")}/${name}-${width}.png`, fullPage: true });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(wide, `nothing is cut off at ${width} px`).toBeLessThanOrEqual(width);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
}

test("a box without settings is set up by its page, with the code on its screen, and leads to the login", async ({
  box,
  page,
}) => {
  await page.goto(box.url);
  await page.getByLabel("Code affiché par l’écran de la boîte").fill("00000000");
  await page.getByRole("button", { name: "Continuer" }).click();
  await expect(page.getByText(/Ce code n’est pas celui.*4 essais/)).toBeVisible();
  await pictures(page, "code");
  await page.getByLabel("Code affiché par l’écran de la boîte").fill(box.code.toLowerCase());
  await page.getByRole("button", { name: "Continuer" }).click();

  await fillWhatIsNeeded(page, box);
  await expect(page.getByText(/Solidité du mot de passe.*forte/)).toBeVisible();
  await page.getByLabel("Adresse de la boîte").selectOption("fixed");
  await fill(page, { "Adresse et préfixe": "10.77.0.1/24", "Passerelle (facultatif)": "10.78.0.1" });
  await page.getByRole("button", { name: "Vérifier les réglages" }).click();
  await expect(page.getByRole("alert")).toContainText("Un réglage est à corriger");
  const gateway = page.getByRole("textbox", { name: "Passerelle (facultatif)" });
  await expect(gateway).toHaveAccessibleDescription(/n’est pas dans le réseau 10.77.0.0\/24/);
  await pictures(page, "faults");

  await gateway.fill("10.77.0.2");
  await page.getByRole("button", { name: "Vérifier les réglages" }).click();
  await expect(page.getByRole("heading", { name: "Les réglages sont corrects" })).toBeVisible();
  await pictures(page, "review");
  await page.getByRole("button", { name: "Mettre en service" }).click();
  await expect(page.getByText("Confirmation des réglages…")).toBeVisible();
  // Its address stays the same: this page confirms it, once the network has had its time.
  await expect(page.getByRole("heading", { name: "La boîte est en service" })).toBeVisible({
    timeout: 40_000,
  });
  await pictures(page, "ready");
  expect(box.published.office.name).toBe("Office Notarial de la Place");

  await page.getByRole("link", { name: "Ouvrir l’espace client" }).click();
  await page.getByLabel(/identifiant/i).fill("claire.moreau");
  await page.getByLabel(/mot de passe/i).fill(PASSWORD);
  await page.getByRole("button", { name: "Se connecter" }).click();
  await expect(
    page.getByText("Votre compte n’a pas encore de second facteur", { exact: false }),
  ).toBeVisible();
});

test("a box that moves waits a minute for its administrator, and is as before when nobody comes", async ({
  box,
  page,
}) => {
  test.setTimeout(150_000);
  await page.goto(`${box.url}/installation#${box.code}`);
  await expect(page.getByText("Nom de l’office")).toBeVisible();
  expect(page.url(), "the code is not left in the address").not.toContain(box.code);
  await fillWhatIsNeeded(page, box);
  await page.getByLabel("Adresse de la boîte").selectOption("fixed");
  await fill(page, { "Adresse et préfixe": "10.77.0.9/24" });
  await page.getByRole("button", { name: "Vérifier les réglages" }).click();
  await page.getByRole("button", { name: "Mettre en service" }).click();
  const link = page.getByRole("link", { name: /Rejoindre la boîte/ });
  await expect(link).toHaveAttribute("href", `https://10.77.0.9:${box.ports.https}/installation#${box.code}`);
  await pictures(page, "moving");
  expect((await box.api().call("GET", "/api/setup")).body.stage).toBe("to_confirm");

  await expect(page.getByText(/n’ont pas été confirmés à temps/)).toBeVisible({ timeout: 80_000 });
  await expect(page.getByRole("textbox", { name: "Nom de l’office" })).toHaveValue(
    "Office Notarial de la Place",
  );
  expect(() => box.published, "the operating system is told nothing").toThrow(/ENOENT/);
});

test("a certificate by ACME asks for what its DNS provider needs, and what is missing is told beside it", async ({
  box,
  page,
}) => {
  await page.goto(`${box.url}/installation#${box.code}`);
  await fillWhatIsNeeded(page, box);
  await page.getByLabel("Origine du certificat").selectOption("acme");
  await page.getByRole("button", { name: "Vérifier les réglages" }).click();
  await expect(page.getByRole("alert")).toContainText("à corriger");
  for (const label of ["Annuaire ACME", "Adresse de contact", "Hébergeur DNS"])
    await expect(page.getByLabel(label, { exact: true })).toHaveAccessibleDescription(/manque|obligatoire/);
  await page.getByLabel("Hébergeur DNS").selectOption("ovh");
  for (const label of ["Clé d’application", "Secret d’application", "Clé d’utilisateur"])
    await expect(page.getByLabel(label, { exact: true })).toHaveAttribute("type", "password");
  await page.getByLabel("Hébergeur DNS").selectOption("gandi");
  await expect(page.getByLabel("Clé d’application", { exact: true })).toBeHidden();
  await fill(page, {
    "Annuaire ACME": "https://acme.test/directory",
    "Adresse de contact": "visio@office.test",
    "Jeton d’accès personnel": "jeton",
    "Nom public (facultatif)": "visio.office.test",
  });
  await pictures(page, "acme");
  await page.getByRole("button", { name: "Vérifier les réglages" }).click();
  await expect(page.getByRole("heading", { name: "Les réglages sont corrects" })).toBeVisible();
});

test("a whole setup.toml is taken instead of the form, and its faults have lines", async ({ box, page }) => {
  await page.goto(`${box.url}/installation#${box.code}`);
  const ports = Object.entries(box.ports).map(([name, port]) => `${name} = ${port}`);
  const good = [
    '[office]\nname = "Office Notarial"\ncrpcen = "01234"\ndomain = "visio.office.test"',
    '[administrator]\nfirst_name = "Claire"\nlast_name = "Moreau"\nlogin = "claire.moreau"',
    `email = "claire@office.test"\nmobile = "06 12 34 56 78"\npassword = "${PASSWORD}"`,
    `[ports]\n${ports.join("\n")}\n`,
  ].join("\n");
  const give = async (text: string) => {
    const file = { name: "setup.toml", mimeType: "text/plain", buffer: Buffer.from(text) };
    await page.getByLabel("Fichier setup.toml").setInputFiles(file);
  };
  await give(good.replace("crpcen", "crpen"));
  await expect(page.getByRole("alert")).toContainText(/ligne 3/);
  await give(good);
  await page.getByRole("button", { name: "Mettre en service" }).click();
  await expect(page.getByRole("heading", { name: "La boîte est en service" })).toBeVisible({
    timeout: 40_000,
  });
  expect(box.published.office.name).toBe("Office Notarial");
});
