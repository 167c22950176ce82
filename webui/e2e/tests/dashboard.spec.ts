import type { Locator, Page } from "@playwright/test";
import { obstacles } from "../harness/axe.ts";
import { exactly, LABELS, words } from "../harness/labels.ts";
import { artefacts } from "../harness/paths.ts";
import { day, draft, person, reference, scheduled } from "../harness/scheduled.ts";
import { expect, test } from "../harness/test.ts";
import type { TestRoom } from "../harness/test-room.ts";

interface CallList {
  items: { name: string; direction: string; missed: boolean; outcome: string; began_at: string }[];
  total: number;
}

async function opened(room: TestRoom): Promise<Page> {
  const { page } = await room.organizer();
  await page.goto(room.box.url);
  await expect(page.getByRole("heading", { level: 1, name: exactly("Tableau de bord") })).toBeVisible();
  return page;
}

function tile(page: Page, title: string): Locator {
  return page.getByRole("region", { name: exactly(title) });
}

/** «27 Janvier 2025 à 15:53», in France. */
function guideMoment(at: string): string {
  const date = new Date(at);
  const part = (options: Intl.DateTimeFormatOptions) =>
    date.toLocaleString("fr-FR", { ...options, timeZone: "Europe/Paris" });
  const month = part({ month: "long" });
  const day = `${part({ day: "numeric" })} ${month[0]?.toUpperCase()}${month.slice(1)} ${part({ year: "numeric" })}`;
  return `${day} à ${part({ hour: "2-digit", minute: "2-digit" })}`;
}

test("[HOME-01] the menu «VISIOCONFÉRENCE» and «Visioconférence» › «Tableau de bord» lead to the same place", async ({
  room,
}) => {
  const page = await opened(room);
  const heading = page.getByRole("heading", { level: 1, name: exactly("Tableau de bord") });
  const at = page.url();
  for (const link of [
    page.getByRole("banner").getByRole("link", { name: exactly("VISIOCONFÉRENCE") }),
    page.getByRole("navigation").getByRole("link", { name: exactly("Tableau de bord") }),
  ]) {
    await page.getByRole("navigation").getByRole("link", { name: LABELS.permanentMeetings }).click();
    await expect(heading).toBeHidden();
    await link.click();
    await expect(heading).toBeVisible();
    expect(page.url()).toBe(at);
  }
  await expect(
    page.getByRole("navigation").getByRole("heading", { name: exactly("Visioconférence") }),
  ).toBeVisible();
});

test("[DASH-01] calls received this week are counted since Monday, the missed ones before the slash", async ({
  room,
}) => {
  const page = await opened(room);
  const since = Date.parse((await room.api.expect("GET", "/api/calls/week")).since);
  const monday = new Date(since).toLocaleString("fr-FR", {
    weekday: "long",
    hour: "numeric",
    timeZone: "Europe/Paris",
  });
  expect(monday).toMatch(/^lundi.*\b(0|00)\b/);
  const { items } = (await room.api.expect("GET", "/api/calls?direction=received")) as CallList;
  const week = items.filter(({ began_at }) => Date.parse(began_at) >= since);
  const missed = week.filter((call) => call.missed).length;
  const counter = tile(page, "Appels reçus cette semaine");
  await expect(counter).toContainText(`${missed}/${week.length}`);
  await expect(counter).toContainText(words("Appels manqués sur le total des appels reçus"));
  await expect(counter.getByRole("button", { name: words("Appel direct") })).toBeVisible();
});

test("[DASH-03] active permanent meetings are counted, and the button leads to them", async ({ room }) => {
  const page = await opened(room);
  const { items } = (await room.api.expect("GET", "/api/permanent-meetings")) as {
    items: { active: boolean }[];
  };
  const active = items.filter((meeting) => meeting.active).length;
  const counter = page.getByRole("region").filter({ hasText: words("Réunions permanentes actives") });
  await expect(counter.locator("p").first()).toHaveText(String(active));
  await counter.getByRole("link", { name: exactly("Réunions Permanentes") }).click();
  await expect(page.getByRole("button", { name: LABELS.createMeeting })).toBeVisible();
});

test("the calendar shows a month, Monday first, and is used by keyboard; a day changes the tile below", async ({
  room,
}) => {
  const page = await opened(room);
  const grid = page.getByRole("grid", { name: words("Calendrier des réunions programmées") });
  await expect(grid.getByRole("columnheader")).toHaveText([
    "lun.",
    "mar.",
    "mer.",
    "jeu.",
    "ven.",
    "sam.",
    "dim.",
  ]);
  await expect(grid.getByRole("gridcell")).toHaveCount(42);
  await grid.locator("[aria-current=date]").click();
  const day = tile(page, "Réunions du jour");
  const before = await day.innerText();
  await page.keyboard.press("PageDown");
  await expect(day).not.toHaveText(before);
  await page.keyboard.press("PageUp");
  await page.keyboard.press("Home");
  const focused = grid.locator("button:focus");
  await expect(focused).toHaveAttribute("aria-label", /^lundi/);
  const label = (await focused.getAttribute("aria-label")) ?? "";
  await expect(day).toContainText(label.replace(/^lundi /, ""));
});

test("[DASH-06] each tile has its count, is refreshed, closes and opens, and says where it is empty", async ({
  room,
}) => {
  const page = await opened(room);
  for (const title of [
    "Réunions Programmées",
    "Réunions Permanentes",
    "Réunions du jour",
    "Derniers appels",
  ]) {
    const one = tile(page, title).filter({ has: page.getByRole("button", { name: words("Actualiser") }) });
    await expect(one.getByTestId("count")).toHaveText(/^\d+/);
    const count = Number.parseInt(await one.getByTestId("count").innerText(), 10);
    const nothing = one.getByText(exactly("Aucun élément disponible"));
    await expect(nothing).toBeVisible({ visible: count === 0 });
    const content = count === 0 ? nothing : one.getByRole("listitem").first();
    await one.getByRole("button", { name: words("Replier") }).click();
    await expect(content).toBeHidden();
    await one.getByRole("button", { name: words("Déplier") }).click();
    await expect(content).toBeVisible();
  }
  const asked = page.waitForRequest((request) => request.url().includes("/api/calls?"));
  await page.getByRole("button", { name: words("Actualiser : Derniers appels") }).click();
  await asked;
  await page.screenshot({ path: `${artefacts("dashboard")}/dashboard.png`, fullPage: true });
});

test("[DASH-07] the last calls have their direction, name and moment", async ({ room }) => {
  const page = await opened(room);
  const { items } = (await room.api.expect("GET", "/api/calls")) as CallList;
  const rows = tile(page, "Derniers appels").getByRole("listitem");
  await expect(rows).toHaveCount(10);
  for (const [index, call] of items.slice(0, 10).entries()) {
    const row = rows.nth(index);
    await expect(row).toContainText(call.direction === "received" ? "Appel reçu" : "Appel émis");
    if (call.name) await expect(row).toContainText(call.name);
    await expect(row).toContainText(guideMoment(call.began_at));
    await expect(row.getByRole("button", { name: words("Rappeler") })).toBeVisible();
  }
});

test("[DASH-08] what another browser changes is there without a reload", async ({ room }) => {
  const page = await opened(room);
  const permanent = tile(page, "Réunions Permanentes").filter({
    has: page.getByRole("button", { name: words("Actualiser") }),
  });
  await expect(permanent).toContainText(room.meeting.name);
  await page.evaluate("window.notReloaded = true");
  const counter = page.getByRole("region").filter({ hasText: words("Réunions permanentes actives") });
  const figure = async () => Number.parseInt((await counter.locator("p").first().innerText()).trim(), 10);
  const before = await figure();

  const other = (await room.organizer()).page;
  await other.goto(`${room.box.url}/reunions-permanentes`);
  const row = other.getByRole("row").filter({ hasText: room.meeting.name });
  await row.getByRole("switch", { name: LABELS.isActive }).locator("xpath=ancestor::label").click();
  await expect.poll(figure).toBe(before - 1);
  await expect(permanent).not.toContainText(room.meeting.name);
  await row.getByRole("switch", { name: LABELS.isActive }).locator("xpath=ancestor::label").click();
  await expect(permanent).toContainText(room.meeting.name);
  expect(await page.evaluate("window.notReloaded")).toBe(true);
});

test("[DASH-08] a page that lost the box comes back by itself and shows what it missed", async ({
  room,
  box,
}) => {
  const page = await opened(room);
  const permanent = tile(page, "Réunions Permanentes").filter({
    has: page.getByRole("button", { name: words("Actualiser") }),
  });
  await expect(permanent).toContainText(room.meeting.name);
  await box.kill("control");
  await box.started("control");
  await expect.poll(() => box.isServing(), { timeout: 20_000 }).toBe(true);
  await room.api.expect("PATCH", `/api/permanent-meetings/${room.meeting.id}`, { active: false });
  await expect(permanent).not.toContainText(room.meeting.name, { timeout: 20_000 });
});

test("[DASH-09] a meeting is joined, edited, shared and cancelled from its menu in the tile", async ({
  room,
}) => {
  const claire = await room.organizer();
  const { page } = claire;
  await claire.browser.context.grantPermissions(["clipboard-read", "clipboard-write"], {
    origin: room.box.url,
  });
  await page.goto(room.box.url);
  const permanent = tile(page, "Réunions Permanentes").filter({
    has: page.getByRole("button", { name: words("Actualiser") }),
  });
  const choose = async (act: string, name = room.meeting.name) => {
    await permanent.getByRole("button", { name: words(`Actions : ${name}`) }).click();
    await page.getByRole("menuitem", { name: exactly(act) }).click();
  };
  await choose("Partager");
  await expect(permanent.getByRole("status")).toContainText(words("sont copiés"));
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toContain(room.meeting.link);
  expect(copied).toContain(room.meeting.address);

  await choose("Modifier");
  const renamed = `${room.meeting.name} bis`.slice(-50);
  await page.getByLabel(LABELS.description).fill(renamed);
  await page.getByRole("button", { name: LABELS.save }).click();
  await expect(permanent).toContainText(renamed);

  await choose("Rejoindre", renamed);
  await expect(page.getByRole("button", { name: LABELS.joinMeeting })).toBeVisible();
  await page.goto(room.box.url);

  await choose("Supprimer", renamed);
  await page
    .getByRole("alertdialog")
    .getByRole("button", { name: exactly("Supprimer") })
    .click();
  await expect(permanent).not.toContainText(renamed);
});

test("[DASH-02] today's scheduled meetings are counted, and the button leads to them", async ({ room }) => {
  const page = await opened(room);
  const counter = page.getByRole("region").filter({ hasText: words("Réunions programmées aujourd'hui") });
  const figure = async () => Number.parseInt((await counter.locator("p").first().innerText()).trim(), 10);
  const { total } = await room.api.expect("GET", `/api/scheduled-meetings?from=${day(0)}&to=${day(0)}`);
  await expect.poll(figure).toBe(total);
  await draft(room.api, { reference: reference(), days: 0, time: "23h45" });
  await draft(room.api, { reference: reference(), days: 1 });
  await expect.poll(figure, "by itself, and of today alone").toBe(total + 1);
  await counter.getByRole("link", { name: exactly("Réunions Programmées") }).click();
  await expect(page.getByRole("heading", { level: 1, name: exactly("Réunions programmées") })).toBeVisible();
});

test("[DASH-04] the month's calendar begins on Monday, and a day with a meeting is coloured", async ({
  room,
}) => {
  const page = await opened(room);
  const grid = page.getByRole("grid", { name: words("Calendrier des réunions programmées") });
  await expect(grid.getByRole("columnheader").first()).toHaveText("lun.");
  await expect(grid.getByRole("columnheader").last()).toHaveText("dim.");
  await expect(grid.getByRole("gridcell")).toHaveCount(42);
  const ground = (button: Locator) => button.evaluate((one) => getComputedStyle(one).backgroundColor);
  const cell = await dayOf(page, 40);
  const before = await ground(cell);
  await expect(cell).not.toHaveAttribute("aria-label", /réunion/);
  await draft(room.api, { reference: reference(), days: 40 });
  await expect(cell).toHaveAttribute("aria-label", /, 1 réunion$/);
  expect(await ground(cell)).not.toBe(before);
});

test("[DASH-05] a click on a day shows that day's meetings below, with their organizer and a menu", async ({
  room,
}) => {
  const page = await opened(room);
  const name = reference("test 1");
  const people = [person("Mehdi Darrabi", "organizer"), person("Anne Dubois", "guest")];
  await draft(room.api, { reference: name, days: 41, time: "16h00", people });
  const below = tile(page, "Réunions du jour");
  await expect(below).not.toContainText(name);
  await (await dayOf(page, 41)).click();
  const item = below.getByRole("listitem").filter({ hasText: name });
  await expect(item).toContainText(words(`16h00 : ${name}`));
  await expect(item).toContainText("Mehdi Darrabi");
  await expect(item.getByRole("button", { name: words(`Actions : ${name}`) })).toBeVisible();
  await page.screenshot({ path: `${artefacts("dashboard")}/day.png`, fullPage: true });
  await (await dayOf(page, 42)).click();
  await expect(below).not.toContainText(name);
});

test("[DASH-09] a scheduled meeting is joined, edited, shared and cancelled from its menu in the tile", async ({
  room,
}) => {
  const claire = await room.organizer();
  const { page } = claire;
  await claire.browser.context.grantPermissions(["clipboard-read", "clipboard-write"], {
    origin: room.box.url,
  });
  const name = reference("Vente LEROY");
  const people = [person("Anne Dubois", "organizer")];
  const { address } = await scheduled(room.api, {
    reference: name,
    name: "Vente LEROY",
    days: 0,
    time: "23h50",
    people,
  });
  await page.goto(room.box.url);
  const below = tile(page, "Réunions du jour");
  const choose = async (act: string) => {
    await below.getByRole("button", { name: words(`Actions : ${name}`) }).click();
    await page.getByRole("menuitem", { name: exactly(act) }).click();
  };
  await choose("Partager");
  await expect(below.getByRole("status")).toContainText(words("sont copiés"));
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain(address);
  await choose("Modifier");
  await expect(page.getByRole("textbox", { name: exactly("Référence du dossier") })).toHaveValue(name);
  await page.goto(room.box.url);
  await choose("Participants");
  await expect(page.getByRole("row").filter({ hasText: "Anne Dubois" })).toBeVisible();
  await page.goto(room.box.url);
  await choose("Rejoindre");
  await claire.join();
  await claire.hangUp();
  await page.goto(room.box.url);
  await choose("Supprimer");
  await page
    .getByRole("alertdialog")
    .getByRole("button", { name: exactly("Supprimer") })
    .click();
  await expect(below).not.toContainText(name);
});

test("[LOG-01] the log lists calls made and received with their fate and duration, filtered and searched", async ({
  room,
}) => {
  const page = await opened(room);
  await page
    .getByRole("link", { name: exactly("Journal d'appel") })
    .first()
    .click();
  const table = page.getByRole("region", { name: exactly("Journal d'appel") }).getByRole("table");
  const rows = table.getByRole("row").filter({ has: page.getByRole("button") });
  const { items, total } = (await room.api.expect("GET", "/api/calls")) as CallList;
  await expect(rows).toHaveCount(Math.min(20, total));
  await expect(page.getByRole("status").filter({ hasText: /appels?$/ })).toContainText(String(total));
  for (const said of ["Refusé", "Manqué", "Occupé", "Absent", "Numéro inconnu", "Annulé", "12 min 34 s"])
    await expect(table).toContainText(words(said));
  await expect(rows.first().getByRole("button", { name: words("Rappeler ROUSSEL Adèle") })).toBeVisible();
  await page.getByLabel(exactly("Afficher")).selectOption({ label: "Appels manqués" });
  const missed = items.filter((call) => call.missed);
  await expect(rows).toHaveCount(missed.length);
  await expect(table).not.toContainText("Refusé");
  await page.getByLabel(exactly("Afficher")).selectOption({ label: "Appels émis" });
  await expect(rows).toHaveCount(items.filter((call) => call.direction === "made").length);
  await page.getByLabel(exactly("Afficher")).selectOption({ label: "Tous les appels" });
  await page.getByRole("searchbox").fill("hay anais");
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText("HAŸ Anaïs");
  await page.getByRole("searchbox").fill("zzz");
  await expect(table).toContainText(words("Aucun élément disponible"));
});

test("the dashboard and the log are usable at 360 and at 1920 px, in both themes, and by everybody", async ({
  room,
}) => {
  const page = await opened(room);
  for (const path of ["/", "/journal-d-appel"])
    for (const theme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      for (const width of [360, 1920]) {
        await page.setViewportSize({ width, height: 900 });
        await page.goto(`${room.box.url}${path}`);
        await expect(page.getByText("ROUSSEL Adèle").first()).toBeVisible();
        expect(await obstacles(page), `${path}, ${theme}, ${width} px`).toEqual([]);
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(wider, `${path} at ${width} px`).toBeLessThanOrEqual(0);
        const name = `${path === "/" ? "dashboard" : "log"}-${theme}-${width}`;
        await page.screenshot({ path: `${artefacts("dashboard")}/${name}.png`, fullPage: true });
      }
    }
});

/** A day of the calendar, in the month that it is in. @param days from today */
async function dayOf(page: Page, days: number): Promise<Locator> {
  const grid = page.getByRole("grid", { name: words("Calendrier des réunions programmées") });
  const date = new Date(`${day(days)}T00:00Z`);
  const label = date.toLocaleDateString("fr-FR", {
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
    timeZone: "UTC",
  });
  const cell = grid.getByRole("button", { name: words(label) });
  for (let month = 0; month < 3 && !(await cell.isVisible()); month++)
    await page.getByRole("button", { name: exactly("Mois suivant") }).click();
  return cell;
}
