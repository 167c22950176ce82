import { join } from "node:path";
import type { Page } from "@playwright/test";
import { obstacles } from "../harness/axe.ts";
import { Browser } from "../harness/browser.ts";
import { exactly, LABELS, words } from "../harness/labels.ts";
import { artefacts } from "../harness/paths.ts";
import { settle } from "../harness/settings.ts";
import { expect, test as plain } from "../harness/test.ts";

/** Somebody who is on none of the office's networks; and the settings as they were, afterwards. */
const test = plain.extend<{ stranger: Page; restored: undefined }>({
  stranger: async ({ box, room }, use) => {
    const browser = await Browser.start(box.authority, null, "nothing", await room.line(true));
    await use(await browser.page());
    await browser.close();
  },
  restored: async ({ box, room }, use) => {
    const { document } = await room.api.expect("GET", "/api/system/settings");
    await use(undefined);
    await settle(box, room.api, document);
  },
});

const CLOSED = exactly("L'espace client n'est pas accessible d'ici");

async function isClosed(page: Page, url: string): Promise<void> {
  expect((await page.goto(url))?.status(), url).toBe(403);
  await expect(page.getByRole("heading", { level: 1, name: CLOSED })).toBeVisible();
}

/** What the page's own script gets that asks for this, with these headers. */
async function asked(page: Page, path: string, headers: Record<string, string> = {}): Promise<number> {
  return await page.evaluate(async ([path, headers]) => (await fetch(path, { headers })).status, [
    path,
    headers,
  ] as const);
}

test("[AUTH-04] whoever is on none of the office's networks is told so, with what to do and whom to ask", async ({
  stranger: page,
  box,
}) => {
  await isClosed(page, box.url);
  await expect(page.getByText(words("sur le réseau de l'office et son VPN"))).toBeVisible();
  const support = page.getByRole("region", { name: words("Besoin d'aide") });
  await expect(support.getByRole("link", { name: /\d/ })).toHaveAttribute("href", /^tel:\d+$/);
  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme });
    expect(await obstacles(page), theme).toEqual([]);
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 800 });
      await page.screenshot({ path: join(artefacts("access"), `outside-${theme}-${width}.png`) });
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
    }
  }
  for (const path of ["/reglages-de-la-boite", "/mot-de-passe-oublie", "/demonstration"])
    await isClosed(page, `${box.url}${path}`);
  for (const path of ["/api/session", "/api/events", "/api/users", "/api/demonstration/messages"])
    expect(await asked(page, path), path).toBe(403);
  for (const header of ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
    expect(await asked(page, "/api/session", { [header]: "10.77.0.2" }), header).toBe(403);
});

test("[AUTH-04] a meeting's link answers wherever somebody is, and so does the port of guests, which serves nothing else", async ({
  room,
  box,
  stranger,
}) => {
  const claire = await room.organizerInside();
  const bob = await room.guestInside(claire, "Bob Martin", undefined, await room.line());
  await expect(bob).toSee(claire);

  const published = room.meeting.link.replace(box.url, box.guestsUrl);
  expect((await stranger.goto(published))?.status()).toBe(200);
  await expect(stranger.getByText(words("Vous êtes sur le point d'entrer dans la salle"))).toBeVisible();
  await stranger.getByLabel(LABELS.firstName).fill("Anne");
  await stranger.getByLabel(LABELS.lastName).fill("Dubois");
  await stranger.getByLabel(LABELS.securityCode).fill(room.code);
  await stranger.getByRole("button", { name: LABELS.enterWaitingRoom }).click();
  await claire.accept("Anne Dubois");
  await expect(stranger.getByText(LABELS.accepted)).toBeVisible();

  // Whoever comes from the office finds nothing else there, either.
  await isClosed(claire.page, box.guestsUrl);
  await isClosed(stranger, `${box.guestsUrl}/utilisateurs`);
  for (const page of [claire.page, stranger])
    for (const path of ["/api/session", "/api/users", "/api/events"])
      expect(await asked(page, path), path).toBe(404);
  expect(await asked(stranger, "/api/brand")).toBe(200);
});

test("[AUTH-04] an administrator names the office's networks, without shutting the own door", async ({
  room,
  box,
  restored: _,
}) => {
  const claire = await room.organizer();
  await claire.page.goto(`${box.url}/reglages-de-la-boite`);
  const section = claire.page.getByRole("region", { name: exactly("Accès et sessions") });
  await section.getByLabel(words("Réseaux de l'espace client")).fill("192.168.10.0/24");
  await claire.page.getByRole("button", { name: LABELS.save }).click();
  await expect(section).toContainText(words("Votre adresse, 10.77.0.2, n'est dans aucun de ces réseaux"));
  await section.screenshot({ path: join(artefacts("access"), "refused.png") });
  await section.getByLabel(words("Réseaux de l'espace client")).fill("192.168.10.0/24, 10.77.0.0/24");
  box.expectRestart("control");
  await claire.page.getByRole("button", { name: LABELS.save }).click();
  await box.started("control");
  await expect(claire.page.getByRole("status").filter({ hasText: words("enregistrés") })).toBeVisible();

  const browser = await Browser.start(box.authority, null, "nothing", await room.line());
  const page = await browser.page();
  await expect(async () => await isClosed(page, box.url)).toPass({ timeout: 20_000 });
  await page.goto(room.meeting.link);
  await expect(page.getByText(words("Vous êtes sur le point d'entrer dans la salle"))).toBeVisible();
  await browser.close();
});

test("[AUTH-04] what a header says of who asks is believed from a reverse proxy alone", async ({
  room,
  box,
  restored: _,
}) => {
  const { document } = await room.api.expect("GET", "/api/system/settings");
  await settle(box, room.api, { ...document, access: { ...document.access, proxies: ["10.77.0.3"] } });
  const [proxy, office] = [box.api("10.77.0.3"), box.api("10.77.0.2")];
  const status = async (api: typeof proxy, headers: Record<string, string>) =>
    (await api.call("GET", "/api/session", undefined, headers)).status;
  expect(await status(proxy, { "X-Forwarded-For": "203.0.113.7" })).toBe(403);
  expect(await status(proxy, { "X-Forwarded-For": "10.77.0.2, 203.0.113.7" })).toBe(403);
  expect(await status(proxy, { "X-Forwarded-For": "10.77.0.2" })).toBe(401);
  expect(await status(proxy, { Forwarded: 'for="203.0.113.7:4711";proto=https' })).toBe(403);
  expect(await status(proxy, {})).toBe(403);
  expect(await status(office, {})).toBe(401);
  // Whoever asks for others is named in the settings, or asks for nobody.
  expect(await status(office, { "X-Forwarded-For": "203.0.113.7" })).toBe(403);
  expect(await status(office, { "X-Forwarded-For": "10.77.0.2" })).toBe(403);
});
