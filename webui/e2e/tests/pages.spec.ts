import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import type { Api } from "../harness/api.ts";
import { obstacles } from "../harness/axe.ts";
import { Browser } from "../harness/browser.ts";
import { exactly, LABELS, words } from "../harness/labels.ts";
import { artefacts, REPOSITORY } from "../harness/paths.ts";
import { expect, test } from "../harness/test.ts";
import type { TestRoom } from "../harness/test-room.ts";

/** With `UPDATE_SCREENSHOTS=1` the pictures are those of the documentation; otherwise they are left among the artefacts. */
const KEPT = process.env["UPDATE_SCREENSHOTS"] === "1";

interface Shown {
  readonly name: string;
  readonly path: string | ((room: TestRoom) => Promise<string>);
  /** What is there once the page is. */
  ready(page: Page): Promise<void>;
  /** Whether it is the page of somebody who is not logged in. */
  readonly outside?: true;
}

const heading =
  (text: string) =>
  async (page: Page): Promise<void> => {
    await expect(page.getByRole("heading", { level: 1, name: exactly(text) })).toBeVisible();
    await expect(page.getByText(exactly("Chargement…")).first()).toBeHidden();
  };

const PAGES: readonly Shown[] = [
  {
    name: "connexion",
    path: "/",
    outside: true,
    ready: (page) => expect(page.getByRole("button", { name: LABELS.logIn })).toBeVisible(),
  },
  { name: "cgv", path: "/cgv", outside: true, ready: heading("Nos CGV") },
  { name: "tableau-de-bord", path: "/", ready: heading("Tableau de bord") },
  { name: "journal-d-appel", path: "/journal-d-appel", ready: heading("Journal d'appel") },
  { name: "reunions-permanentes", path: "/reunions-permanentes", ready: heading("Réunions permanentes") },
  { name: "reunions-programmees", path: "/reunions-programmees", ready: heading("Réunions programmées") },
  { name: "nouvelle-reunion", path: "/reunions-programmees/nouvelle", ready: heading("Nouvelle réunion") },
  {
    name: "participants",
    path: async ({ api }) => `/reunions-programmees/${await demonstrated(api)}/participants`,
    ready: heading("Inviter des participants – 2026-117 Succession LEFÈVRE"),
  },
  {
    name: "validation",
    path: async ({ api }) => `/reunions-programmees/${await demonstrated(api)}/validation`,
    ready: heading("Valider et envoyer – 2026-117 Succession LEFÈVRE"),
  },
  { name: "etat-de-la-boite", path: "/etat-de-la-boite", ready: heading("État de la boîte") },
  { name: "reglages-de-la-boite", path: "/reglages-de-la-boite", ready: heading("Réglages de la boîte") },
  { name: "donnees-de-l-annuaire", path: "/donnees-de-l-annuaire", ready: heading("Données de l'annuaire") },
  { name: "donnees-personnelles", path: "/donnees-personnelles", ready: heading("Données personnelles") },
  { name: "mises-a-jour", path: "/mises-a-jour", ready: heading("Mises à jour") },
  { name: "sauvegarde", path: "/sauvegarde", ready: heading("Sauvegarde") },
  { name: "maintenance", path: "/maintenance", ready: heading("Maintenance") },
];

/** A draft of the demonstration. */
async function demonstrated(api: Api): Promise<number> {
  const { items } = await api.expect("GET", "/api/scheduled-meetings");
  return items.find((one: { name: string }) => one.name === "2026-117 Succession LEFÈVRE").id;
}

function file(name: string): string {
  const folder = KEPT ? join(REPOSITORY, "docs/screenshots") : artefacts("screenshots");
  mkdirSync(folder, { recursive: true });
  return join(folder, `${name}.png`);
}

/** What reaches furthest beyond the window's right edge, where the page can be moved sideways. Runs in the page. */
function widest(): string | null {
  const beyond = document.documentElement.scrollWidth - window.innerWidth;
  if (beyond <= 0) return null;
  const edge = (element: Element) => element.getBoundingClientRect().right;
  const all = [...document.querySelectorAll("body *")].filter((one) => edge(one) > window.innerWidth);
  const deepest = all.filter((one) => ![...one.children].some((child) => all.includes(child)));
  const furthest = deepest.toSorted((one, other) => edge(other) - edge(one)).slice(0, 3);
  return `${beyond} px; ${furthest.map((one) => `${one.outerHTML.slice(0, 120)} to ${edge(one)}`).join(", ")}`;
}

test("every page is read in both themes, at 360 px and at 1920 px", async ({ room, box }) => {
  test.setTimeout(300_000);
  const inside = (await room.organizer()).page;
  const browser = await Browser.start(box.authority, null);
  const outside = await browser.page();
  const wrong: string[] = [];
  for (const { name, path, ready, outside: stranger } of PAGES) {
    const page = stranger ? outside : inside;
    const at = typeof path === "string" ? path : await path(room);
    for (const theme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      await page.setViewportSize({ width: 1280, height: 800 });
      await page.goto(`${box.url}${at}`);
      await ready(page);
      await page.screenshot({
        path: file(`${name}-${theme === "dark" ? "sombre" : "clair"}`),
        animations: "disabled",
      });
      for (const found of await obstacles(page)) wrong.push(`${name}, ${theme}: ${found}`);
      for (const width of [360, 1920]) {
        await page.setViewportSize({ width, height: 800 });
        const wider = await page.evaluate(widest);
        if (wider) wrong.push(`${name} at ${width} px is too wide: ${wider}`);
      }
    }
  }
  await browser.close();
  expect(wrong).toEqual([]);
});

test("the directory's dialog is read in both themes", async ({ room, box }) => {
  const { page } = await room.organizer();
  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    await page.goto(box.url);
    await page.getByRole("button", { name: LABELS.directory }).click();
    await expect(page.getByRole("dialog").getByText(words("résultat")).first()).toBeVisible();
    const name = `annuaire-${theme === "dark" ? "sombre" : "clair"}`;
    await page.screenshot({ path: file(name), animations: "disabled" });
    expect(await obstacles(page), theme).toEqual([]);
  }
});
