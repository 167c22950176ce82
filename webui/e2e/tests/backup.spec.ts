import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test as plain } from "@playwright/test";
import type { Api } from "../harness/api.ts";
import { Box } from "../harness/box.ts";
import { Browser } from "../harness/browser.ts";
import { ORGANIZER, PASSWORD } from "../harness/demonstration.ts";
import { exactly, words } from "../harness/labels.ts";
import { artefacts } from "../harness/paths.ts";
import { eventually } from "../harness/patience.ts";
import { expect } from "../harness/test.ts";

/** Two boxes, one after the other: both have the tests' address. */
const test = plain.extend<{ boxes: { start(label: string): Promise<Box> } }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to know what is needed
  boxes: async ({}, use) => {
    const started: Box[] = [];
    await use({
      async start(label) {
        const box = await Box.start(label);
        started.push(box);
        return box;
      },
    });
    for (const box of started) await box.stop();
  },
});

/** Somebody's browser at a box, logged in as its administrator, at «Sauvegarde». */
async function administrator(box: Box, cookie: string) {
  const browser = await Browser.start(box.authority, null);
  const [name = "", value = ""] = cookie.split(/=(.*)/s);
  await browser.context.addCookies([
    { name, value, url: box.url, secure: true, httpOnly: true, sameSite: "Strict" },
  ]);
  const page = await browser.page();
  await page.goto(box.url);
  await page.getByRole("link", { name: exactly("Sauvegarde") }).click();
  return { browser, page };
}

/** Another network than the first box's: which the box's address does not depend on. */
async function nameServer(api: Api, address: string): Promise<void> {
  const { version, document } = await api.expect("GET", "/api/system/settings");
  document.network.dns = [address];
  await api.confirmSettings(await api.expect("PUT", "/api/system/settings", { version, document }));
}

test("a backup of one box, downloaded by its administrator, makes another box the same", async ({
  boxes,
}) => {
  test.setTimeout(180_000);
  const file = join(artefacts("backup"), "office.tabellion");
  const first = await boxes.start("backup-a");
  const api = first.api();
  const cookie = await api.logIn(ORGANIZER.login, PASSWORD);
  await api.createMeeting({ description: "Succession MARTIN", active: true });
  const authority = readFileSync(first.authority, "utf8");
  const { browser, page } = await administrator(first, cookie);
  const away = page.getByRole("region", { name: exactly("Télécharger une sauvegarde") });
  await away.getByLabel(words("Votre mot de passe, à nouveau")).fill(PASSWORD);
  await away.getByRole("button", { name: exactly("Préparer la sauvegarde") }).click();
  const shown = away.getByRole("group", { name: exactly("Clé de la sauvegarde") });
  const key = await shown.locator("code").innerText();
  expect(key).toMatch(/^([A-Z2-7]{4}-){6}[A-Z2-7]{4}$/);
  const downloading = page.waitForEvent("download");
  await page.getByRole("link", { name: exactly("Télécharger le fichier") }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toMatch(/^tabellion-\d{4}-\d\d-\d\d\.tabellion$/);
  await download.saveAs(file);
  await browser.close();
  await first.stop();

  const second = await boxes.start("backup-b");
  const itself = second.api();
  const other = await administrator(second, await itself.logIn(ORGANIZER.login, PASSWORD));
  await nameServer(itself, "192.0.2.53");
  const back = other.page.getByRole("region", { name: exactly("Restaurer une sauvegarde") });
  await back.getByLabel(words("Fichier de sauvegarde")).setInputFiles(file);
  await back.getByRole("textbox", { name: words("Clé de la sauvegarde") }).fill(key.replace("-", ""));
  await back.getByRole("button", { name: exactly("Vérifier la sauvegarde") }).click();
  await expect(back.getByText(words("Sauvegarde de « Office Notarial de la Place »"))).toBeVisible();
  await back.getByLabel(words("Prendre ceux de la sauvegarde")).check();
  await back.getByLabel(words("Votre mot de passe, à nouveau")).fill(PASSWORD);
  await back.getByRole("button", { name: exactly("Remplacer les données") }).click();
  await expect(back.getByText(words("La boîte redémarre"))).toBeVisible();

  // Its authority is the first box's, too: whoever trusted that one has nothing to do.
  await eventually("the restored data are in place", 20_000, async () =>
    // For a moment between the former data and the restored ones there are none.
    existsSync(second.authority) && readFileSync(second.authority, "utf8") === authority ? true : undefined,
  );
  await eventually("it serves again", 20_000, async () => ((await second.isServing()) ? true : undefined));
  // The first box's network, too, as long as whoever asked for it finds the box there.
  await other.page.screenshot({ path: join(artefacts("backup"), "restored.png"), fullPage: true });
  const there = await back
    .getByRole("link", { name: exactly("Ouvrir la nouvelle adresse") })
    .getAttribute("href");
  await other.browser.close();
  const again = await Browser.start(second.authority, null);
  const confirming = await again.page();
  await confirming.goto(there ?? "");
  await confirming.getByRole("button", { name: exactly("Confirmer les nouveaux réglages") }).click();
  await expect(confirming.getByText(words("Changement confirmé"))).toBeVisible({ timeout: 20_000 });
  await again.close();
  const restored = second.api();
  await restored.logIn(ORGANIZER.login, PASSWORD);
  const { items } = await restored.expect("GET", "/api/permanent-meetings?sort=name&page=1");
  expect(items.map(({ name }: { name: string }) => name)).toContain("Succession MARTIN");
  const { document } = await restored.expect("GET", "/api/system/settings");
  expect(document.network.dns ?? []).toEqual([]);
});
