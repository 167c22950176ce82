import type { Page } from "@playwright/test";
import { obstacles } from "../harness/axe.ts";
import { Browser } from "../harness/browser.ts";
import { exactly, LABELS, words } from "../harness/labels.ts";
import { settle } from "../harness/settings.ts";
import { expect, test as plain } from "../harness/test.ts";

/** A page at the espace client, of somebody who is not logged in; and the settings as they were, afterwards. */
const test = plain.extend<{ page: Page; restored: undefined }>({
  page: async ({ box }, use) => {
    const browser = await Browser.start(box.authority, null);
    const page = await browser.page();
    await page.goto(box.url);
    await use(page);
    await browser.close();
  },
  restored: async ({ box, room }, use) => {
    const { document } = await room.api.expect("GET", "/api/system/settings");
    await use(undefined);
    await settle(box, room.api, document);
  },
});

/** The colour of a page's main button. */
async function colour(page: Page): Promise<string> {
  const button = page.getByRole("button", { name: LABELS.logIn });
  return await button.evaluate((element) => getComputedStyle(element).backgroundColor);
}

test("[AUTH-06] who cannot log in sees the support's name, telephone, e-mail and hours, and so does who is inside", async ({
  page,
  room,
}) => {
  const { office } = await room.api.expect("GET", "/api/session");
  const { name, phone, email, hours } = office.support as Record<string, string>;
  const claire = await room.organizer();
  await claire.page.goto(room.box.url);
  for (const one of [page, claire.page]) {
    const support = one.getByRole("region", { name: words("Besoin d'aide") });
    for (const said of [name, phone, email, hours]) await expect(support).toContainText(words(said ?? "?"));
    await expect(support.getByRole("link", { name: phone ?? "?" })).toHaveAttribute("href", /^tel:\d+$/);
    await expect(support.getByRole("link", { name: email ?? "?" })).toHaveAttribute(
      "href",
      `mailto:${email}`,
    );
  }
});

test("[AUTH-06] the service's name and its legal texts are there for everybody", async ({ page, room }) => {
  await expect(page.getByText("Visioconférence de démonstration")).toBeVisible();
  await page.getByRole("link", { name: exactly("Nos CGV") }).click();
  await expect(page.getByRole("heading", { level: 1, name: exactly("Nos CGV") })).toBeVisible();
  await expect(page.getByText(words("elles n'engagent personne"))).toBeVisible();
  expect(await obstacles(page)).toEqual([]);
  await page.goto(`${room.box.url}/responsabilite`);
  await expect(page.getByText(words("L'organisateur d'une réunion vérifie"))).toBeVisible();
  await page.getByRole("link", { name: words("Retour à l'espace client") }).click();
  await expect(page.getByRole("button", { name: LABELS.logIn })).toBeVisible();
});

test("[AUTH-06] whoever runs the service gives it a name, a logo and a colour, and one that nobody could read is refused", async ({
  page,
  room,
  box,
  restored: _,
}) => {
  const claire = await room.organizer();
  await claire.page.goto(box.url);
  await claire.page.getByRole("link", { name: LABELS.settings }).click();
  const section = claire.page.getByRole("region", { name: exactly("Service et marque") });
  await section.getByLabel(exactly("Nom du service")).fill("Visio des offices");
  await section.getByLabel(exactly("Couleur")).fill("#ffcc00");
  await section.getByRole("textbox", { name: exactly("Logo (SVG)") }).fill("<svg onload='alert(1)'></svg>");
  await claire.page.getByRole("button", { name: LABELS.save }).click();
  await expect(section).toContainText(words("cette couleur est trop claire"));
  await expect(section).toContainText(words("contient autre chose qu'un dessin"));
  await section.getByLabel(exactly("Couleur")).fill("#7a1f2b");
  const drawing = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 4 4'><path d='M0 0h4v4z'/></svg>";
  await section.getByRole("textbox", { name: exactly("Logo (SVG)") }).fill(drawing);
  box.expectRestart("control");
  await claire.page.getByRole("button", { name: LABELS.save }).click();
  await expect(claire.page.getByText(words("Réglages enregistrés et en vigueur."))).toBeVisible();
  await box.started("control");
  await expect.poll(() => box.isServing(), { timeout: 20_000 }).toBe(true);
  await page.goto(box.url);
  await expect(page.getByText("Visio des offices")).toBeVisible();
  await expect
    .poll(() => page.locator("img").evaluate((image) => (image as HTMLImageElement).naturalWidth))
    .toBeGreaterThan(0);
  expect(await colour(page)).toBe("rgb(122, 31, 43)");
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await expect(page.getByText("Visio des offices")).toBeVisible();
    expect(await obstacles(page), colorScheme).toEqual([]);
  }
});

test("pages are dark where the device is, and as this browser's user has chosen", async ({ room }) => {
  const { page } = await room.organizer();
  await page.goto(room.box.url);
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const [light, dark] = ["rgb(244, 242, 238)", "rgb(18, 23, 31)"];
  await page.emulateMedia({ colorScheme: "light" });
  expect(await ground()).toBe(light);
  await page.emulateMedia({ colorScheme: "dark" });
  expect(await ground()).toBe(dark);
  await page.getByLabel(exactly("Apparence")).selectOption({ label: "Claire" });
  expect(await ground()).toBe(light);
  await page.reload();
  await expect(page.getByLabel(exactly("Apparence"))).toHaveValue("light");
  expect(await ground()).toBe(light);
  await page.emulateMedia({ colorScheme: "light" });
  await page.getByLabel(exactly("Apparence")).selectOption({ label: "Sombre" });
  expect(await ground()).toBe(dark);
});
