import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Firmware, updateFile } from "../harness/firmware.ts";
import { exactly, words } from "../harness/labels.ts";
import { artefacts } from "../harness/paths.ts";
import { expect, test } from "../harness/test.ts";

test("a demonstration says that it has no firmware to update", async ({ room }) => {
  const claire = await room.organizer();
  await claire.page.goto(`${room.box.url}/mises-a-jour`);
  await expect(claire.page.getByText(words("il n'y a pas de micrologiciel à mettre à jour"))).toBeVisible();
  await expect(claire.page.getByRole("button", { name: words("clé USB") })).toBeHidden();
});

test("an update is uploaded, followed, refused and at last installed", async ({ room }) => {
  const firmware = Firmware.install(room.box);
  try {
    const { page } = await room.organizer();
    await page.goto(`${room.box.url}/mises-a-jour`);
    const choose = page.locator("input[type=file]");
    const alert = page.getByRole("alert");
    const folder = artefacts("updates");

    const photograph = join(folder, "photo.update");
    writeFileSync(photograph, Buffer.alloc(100_000, 0xff));
    await choose.setInputFiles(photograph);
    await expect(alert).toHaveText(words("Ce fichier n'est pas une mise à jour de Tabellion"));

    const file = updateFile(join(folder, "release"));
    await choose.setInputFiles(file);
    expect(await firmware.takes()).toMatchObject({ source: "upload", goal: "install", again: false });
    expect(firmware.uploaded()).toHaveLength(4);
    firmware.publish("progress", { state: "installing" });
    await expect(page.getByText(words("Vérification et écriture sur le disque"))).toBeVisible();
    await expect(page.getByRole("button", { name: words("Choisir un fichier") })).toBeDisabled();
    firmware.publish("progress", { state: "failed", reason: "La signature n’est pas celle de l’éditeur." });
    firmware.ends();
    await expect(alert).toHaveText(words("La signature n'est pas celle de l'éditeur."));

    await page.getByRole("button", { name: exactly("Installer depuis une clé USB") }).click();
    expect(await firmware.takes()).toMatchObject({ source: "stick" });
    firmware.publish("progress", { state: "copying", done: 100_000_000, total: 640_000_000 });
    await expect(page.getByText(words("100 Mo sur 640 Mo"))).toBeVisible();
    firmware.publish("state", {
      trial: { from: "0.1.0", to: "0.2.0", written: true, starts: 0 },
      rejected: {},
    });
    firmware.publish("progress", { state: "installed" });
    firmware.ends();
    await expect(page.getByRole("heading", { name: words("La version 0.2.0 est installée") })).toBeVisible();
    await page.getByRole("button", { name: exactly("Redémarrer maintenant") }).click();
    // Those of the test before may still count as being in a meeting.
    const anyway = page.getByRole("button", { name: exactly("Redémarrer quand même") });
    const restarts = page.getByText(words("La boîte redémarre. Cette page"));
    await expect(anyway.or(restarts)).toBeVisible();
    if (await anyway.isVisible()) await anyway.click();
    await expect(restarts).toBeVisible();
    expect(firmware.asksForRestart()).toBe(true);
  } finally {
    firmware.remove();
  }
});
