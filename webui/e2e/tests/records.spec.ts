import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { obstacles } from "../harness/axe.ts";
import { exactly, words } from "../harness/labels.ts";
import { artefacts } from "../harness/paths.ts";
import { expect, test } from "../harness/test.ts";

test("a meeting that is over has a record: who was there, on whose word, from when until when", async ({
  room,
}) => {
  const claire = await room.organizerInside();
  const anne = await room.guestInside(claire, "Anne Dubois");
  await expect(claire).toSee(anne);
  await anne.hangUp();
  await claire.hangUp();
  const page = claire.page;
  await page.goto(`${room.box.url}/seances/${room.meeting.id}`);
  const rows = page.getByRole("row").filter({ has: page.getByRole("button", { name: /relevé/ }) });
  await expect(rows).toHaveCount(1);
  await expect(rows.first().getByRole("cell").nth(2)).toHaveText("2");
  expect(await obstacles(page)).toEqual([]);
  const folder = artefacts("records");
  await page.screenshot({ path: join(folder, "sittings.png"), fullPage: true });
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    rows.getByRole("button").first().click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^releve-de-seance-\d{4}-.{4}-.{4}\.pdf$/);
  const file = join(folder, "record.pdf");
  await download.saveAs(file);
  execFileSync("pdftoppm", ["-png", "-r", "80", file, join(folder, "record")]);
  const text = execFileSync("pdftotext", ["-layout", file, "-"], { encoding: "utf8" });
  writeFileSync(join(folder, "record.txt"), text);
  const flat = text.replaceAll(/\s+/g, " ");
  for (const told of [
    "Relevé de séance",
    "Anne Dubois",
    "Claire",
    "Organisateur",
    "Invité",
    "déclarée",
    "compte avec second facteur",
  ])
    expect(flat).toContain(told);
  const number = /releve-de-seance-(.*)\.pdf/.exec(download.suggestedFilename())?.[1] ?? "";
  await page.goto(`${room.box.url}/verification/${number}`);
  await expect(page.getByText(exactly("Relevé de séance n°"))).toBeVisible();
  await expect(page.getByText(words("Ce document a été délivré par ce service"))).toBeVisible();
});

test("a meeting that nobody has been in has no record", async ({ room }) => {
  const { page } = await room.organizer();
  await page.goto(`${room.box.url}/seances/${room.meeting.id}`);
  await expect(page.getByText(words("Aucune séance terminée"))).toBeVisible();
});
