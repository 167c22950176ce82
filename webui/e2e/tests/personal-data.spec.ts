import { readFileSync } from "node:fs";
import { obstacles } from "../harness/axe.ts";
import { exactly, words } from "../harness/labels.ts";
import { artefacts } from "../harness/paths.ts";
import { expect, test } from "../harness/test.ts";

test("an administrator sees how long data are kept, and hands a person what the box keeps of it", async ({
  room,
}) => {
  const { page } = await room.organizer();
  await page.goto(`${room.box.url}/`);
  await page.getByRole("link", { name: exactly("Données personnelles") }).click();
  await expect(page.getByText(exactly("1095 jours"))).toBeVisible();
  // The box looks for what is too old when it starts.
  await expect(page.getByText(words("Dernier effacement"))).toBeVisible();
  const person = page.getByRole("textbox", { name: exactly("Personne") });
  const ask = page.getByRole("button", { name: exactly("Télécharger ses données") });
  await person.fill("Jean Personne");
  await ask.click();
  await expect(page.getByText(words("La boîte ne garde rien sous ce nom"))).toBeVisible();
  await page.screenshot({ path: `${artefacts("personal-data")}/nobody.png`, fullPage: true });
  expect(await obstacles(page)).toEqual([]);

  await person.fill("claire.moreau");
  const [download] = await Promise.all([page.waitForEvent("download"), ask.click()]);
  expect(download.suggestedFilename()).toBe("donnees-personnelles.json");
  const text = readFileSync(await download.path(), "utf8");
  const kept = JSON.parse(text).données;
  expect(kept.comptes[0].identifiant).toBe("claire.moreau");
  expect(kept.appels.length).toBeGreaterThan(0);
  expect(kept["connexions en cours"].length).toBeGreaterThan(0);
  expect(text).not.toContain("argon2");
  await expect(page.getByText(exactly("Le fichier est téléchargé."))).toBeVisible();
});
