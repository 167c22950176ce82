import { join } from "node:path";
import type { Locator, Page } from "@playwright/test";
import { Browser } from "../harness/browser.ts";
import { exactly, words } from "../harness/labels.ts";
import { Paper } from "../harness/paper.ts";
import { artefacts } from "../harness/paths.ts";
import { expect, test } from "../harness/test.ts";
import type { TestRoom } from "../harness/test-room.ts";

/** The dashboard of somebody of the office, and the tile. */
async function opened(room: TestRoom): Promise<{ page: Page; tile: Locator; field: Locator }> {
  const { page } = await room.organizer();
  await page.goto(room.box.url);
  const tile = page.getByRole("region", { name: exactly("Attestation de VisioConférence") });
  return { page, tile, field: tile.getByRole("textbox", { name: "CRPCEN" }) };
}

/** «Télécharger», and the file that comes. */
async function downloaded(page: Page, tile: Locator): Promise<Paper> {
  const coming = page.waitForEvent("download");
  await tile.getByRole("button", { name: exactly("Télécharger") }).click();
  const file = await coming;
  expect(file.suggestedFilename()).toMatch(/^attestation-visioconference-\d{4}-\w{4}-\w{4}\.pdf$/);
  const path = join(artefacts("attestation"), file.suggestedFilename());
  await file.saveAs(path);
  return new Paper(path);
}

test("[DASH-10] the tile has the CRPCEN field, «Télécharger» and the note on the ADSN's data", async ({
  room,
}) => {
  const { tile, field } = await opened(room);
  await expect(tile).toContainText(
    words("Pour obtenir l'attestation de VisioConférence, merci de saisir le n° de CRPCEN *"),
  );
  await expect(tile).toContainText(
    words("*Ce site utilise les données issues de l'Annuaire centralisé mis en œuvre par l'ADSN"),
  );
  await expect(field).toHaveAttribute("aria-required", "true");
  await expect(tile.getByRole("button", { name: exactly("Télécharger") })).toBeVisible();
});

test("[CERT-01] an office's CRPCEN gives its attestation, whose code leads to its verification", async ({
  room,
}) => {
  const { page, tile, field } = await opened(room);
  await field.fill("99002");
  const paper = await downloaded(page, tile);
  await expect(tile.getByRole("status")).toContainText(words("L'attestation est téléchargée"));
  const text = await paper.text();
  expect(text).toContain("Attestation de visioconférence");
  for (const said of ["Étude du Parc", "99002", "99100 Bourg-les-Tilleuls", "ROUSSEL Adèle", "1099000200"])
    expect(text).toContain(said);
  const [number = ""] = /\b\d{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b/.exec(text) ?? [];
  const link = await paper.code();
  expect(link).toBe(`${room.box.url}/verification/${number}`);

  // Somebody else has the paper, and nothing but a browser.
  const browser = await Browser.start(room.box.authority, null);
  const stranger = await browser.page();
  await stranger.goto(link);
  await expect(stranger.getByText(words("Ce document a été délivré par ce service."))).toBeVisible();
  const shown = await stranger.getByRole("main").innerText();
  for (const said of [number, "Étude du Parc", "99002", paper.hash.slice(0, 16)])
    expect(shown).toContain(said);
  expect(shown).not.toContain("Moreau");
  expect(shown).not.toContain("ROUSSEL");
  await stranger.screenshot({ path: join(artefacts("attestation"), "verification.png") });
  await stranger.goto(`${room.box.url}/verification/2026-0000-0000`);
  await expect(stranger.getByRole("alert")).toContainText(words("n'a délivré aucun document sous ce numéro"));
  await browser.close();
});

test("[CERT-01] the box's own office gets its attestation without an entry in the directory", async ({
  room,
}) => {
  const { page, tile, field } = await opened(room);
  await field.fill("99001");
  const paper = await downloaded(page, tile);
  expect(await paper.text()).toContain("Office Notarial de la Place");
});

test("[CERT-02] an unknown CRPCEN, none, and an office that is not entitled give a clear message and no document", async ({
  room,
}) => {
  const { page, tile, field } = await opened(room);
  let downloads = 0;
  page.on("download", () => downloads++);
  const button = tile.getByRole("button", { name: exactly("Télécharger") });
  for (const [crpcen, message] of [
    ["", "Saisissez le n° de CRPCEN de l'office."],
    ["12345", "Aucun office de l'annuaire ADSN n'a le CRPCEN « 12345 »."],
    ["99050", "L'office « Office notarial du Moulin » n'a aucun compte de visioconférence"],
  ] as const) {
    await field.fill(crpcen);
    await button.click();
    await expect(tile).toContainText(words(message));
    await expect(field).toHaveAttribute("aria-invalid", "true");
  }
  expect(downloads).toBe(0);
});
