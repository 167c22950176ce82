import { type DirectoryDialog as Dialog, DirectoryDialog } from "../harness/directory.ts";
import { exactly, LABELS, words } from "../harness/labels.ts";
import { artefacts } from "../harness/paths.ts";
import { expect, test } from "../harness/test.ts";
import type { TestRoom } from "../harness/test-room.ts";

/** Somebody of the office, with the directory open. */
async function opened(room: TestRoom): Promise<Dialog> {
  const claire = await room.organizer();
  return await DirectoryDialog.open(claire.page, room.box.url);
}

/** Types, and waits for what is found. */
async function type(directory: Dialog, text: string, found: number): Promise<void> {
  await directory.search.fill(text);
  // Until then it shows what was found before.
  await expect(directory.table).toHaveAttribute("aria-busy", "false");
  await expect(directory.status).toHaveText(new RegExp(`^${found}\\s`));
  await expect(directory.rows).toHaveCount(Math.min(found, 20));
}

test("[DIR-01] the directory opens from an icon and is searched by CRPCEN, office and person", async ({
  room,
}) => {
  const directory = await opened(room);
  await expect(directory.search).toBeFocused();
  await expect(directory.self).toContainText(
    words("Rechercher par CRPCEN, nom de l'office ou nom de la personne"),
  );
  await type(directory, "99002", 3);
  expect(new Set(await directory.cells("CRPCEN"))).toEqual(new Set(["99002"]));
  await type(directory, "beffroi", 3);
  expect(new Set(await directory.cells("Office"))).toEqual(new Set(["SAS Notaires du Beffroi"]));
  await type(directory, "dup", 2);
  expect(await directory.cells("Nom")).toEqual(["DUPONT Benoît", "DUPONT François"]);
});

test("[DIR-01] accents and case do not matter, words may come in any order, and nothing that is typed is a command", async ({
  room,
}) => {
  const directory = await opened(room);
  await type(directory, "DUPONT", 2);
  await type(directory, "françois dupont", 1);
  await type(directory, "FRANCOIS dup", 1);
  await type(directory, "etude citadelle", await countOf(room, "Étude de la Citadelle"));
  await type(directory, "d'ormeval", await countOf(room, "d’Ormeval"));
  for (const nonsense of ['a* OR b:"', "<script>alert(1)</script>", "zzz", "–"]) {
    await type(directory, nonsense, 0);
    await expect(directory.table.getByRole("cell", { name: exactly("Aucune donnée") })).toBeVisible();
    await expect(directory.self.getByRole("alert")).toBeHidden();
  }
  await directory.search.fill("a b c d e f g h i");
  await expect(directory.self).toContainText(words("La recherche compte 8 mots au plus."));
});

test("[DIR-02] «Entité» narrows the search, columns are in the guide's order, the note and «Fermer» are there", async ({
  room,
}) => {
  const directory = await opened(room);
  await expect(directory.columns).toHaveText(
    ["Entité", "CRPCEN", "Office", "Nom", "Code postal", "Ville", "Compte", "Appel"].map(exactly),
  );
  await directory.entity.selectOption({ label: "Chambre" });
  await expect(directory.status).toHaveText(/^3\s/);
  expect(new Set(await directory.cells("Entité"))).toEqual(new Set(["Chambre"]));
  await type(directory, "departementale", 1);
  await directory.entity.selectOption({ label: "Notaire" });
  await expect(directory.table.getByRole("cell", { name: exactly("Aucune donnée") })).toBeVisible();
  await expect(directory.self).toContainText(
    words("*Ce site utilise les données issues de l'Annuaire centralisé mis en œuvre par l'ADSN"),
  );
  await directory.self.getByRole("button", { name: exactly("Fermer") }).click();
  await expect(directory.self).toBeHidden();
});

test("[DIR-02] pages follow each other, and a keyboard is enough", async ({ room }) => {
  const claire = await room.organizer();
  const directory = await DirectoryDialog.open(claire.page, room.box.url);
  await expect(directory.self).toContainText(words("Page 1 sur"));
  const first = await directory.cells("Nom");
  await directory.self.getByRole("button", { name: exactly("Page suivante") }).press("Enter");
  await expect(directory.self).toContainText(words("Page 2 sur"));
  await expect.poll(() => directory.cells("Nom")).not.toEqual(first);
  // A search begins with its first page.
  await type(directory, "etude", await countOf(room, "Étude"));
  await expect(directory.self).not.toContainText(words("Page 2 sur"));
  await claire.page.keyboard.press("Escape");
  await expect(directory.self).toBeHidden();
  await expect(claire.page.getByRole("button", { name: LABELS.directory })).toBeFocused();
});

test("[DIR-02] on a telephone nothing is cut off", async ({ room }) => {
  const claire = await room.organizer();
  await claire.page.setViewportSize({ width: 360, height: 740 });
  const directory = await DirectoryDialog.open(claire.page, room.box.url);
  await type(directory, "dupont", 2);
  await claire.page.screenshot({ path: `${artefacts("directory")}/narrow.png` });
  const wider = await claire.page.evaluate(() => {
    // The columns' names are for screen readers alone here, and clipped on purpose.
    const shown = document.querySelectorAll("[role=dialog] *:not(thead, thead *)");
    return [...shown].filter((one) => one.getBoundingClientRect().right > window.innerWidth).length;
  });
  expect(wider).toBe(0);
});

test("[DIR-01] an administrator replaces the directory by a file, and hears which lines are wrong", async ({
  room,
}) => {
  const claire = await room.organizer();
  const { page } = claire;
  await page.goto(`${room.box.url}/donnees-de-l-annuaire`);
  await expect(page.getByText(words("Données fictives de la démonstration"))).toBeVisible();
  const before = (await room.api.expect("GET", "/api/directory")) as { total: number };
  await choose("photo.csv", Buffer.from([0xff, 0xd8, 0, 1]));
  await expect(page.getByRole("alert")).toContainText(words("n'est pas un fichier CSV"));
  expect(await room.api.expect("GET", "/api/directory")).toMatchObject({ total: before.total });
  const head = "Office,NOM,crpcen,Ville\n";
  await choose(
    "annuaire.csv",
    Buffer.from(`${head}Étude Neuve,<i>LOISEAU</i> Ève,12345,Ici\n,,,Là\n`, "latin1"),
  );
  await expect(page.getByText(words("L'annuaire compte maintenant 1 entrée."))).toBeVisible();
  await expect(page.getByRole("listitem").filter({ hasText: words("Ligne 3 : ni CRPCEN") })).toBeVisible();
  await expect(page.getByText(words("Données reprises d'un fichier"))).toBeVisible();
  const directory = await DirectoryDialog.open(page, room.box.url);
  await type(directory, "eve", 1);
  expect(await directory.cells("Nom")).toEqual(["<i>LOISEAU</i> Ève"]);

  async function choose(name: string, buffer: Buffer): Promise<void> {
    const chooser = page.waitForEvent("filechooser");
    await page.getByRole("button", { name: exactly("Choisir un fichier CSV") }).click();
    await (await chooser).setFiles({ name, mimeType: "text/csv", buffer });
  }
});

/** How many entries of the demonstration's directory have these words. */
async function countOf(room: TestRoom, text: string): Promise<number> {
  const found = await room.api.expect("GET", `/api/directory?query=${encodeURIComponent(text)}`);
  return (found as { total: number }).total;
}
