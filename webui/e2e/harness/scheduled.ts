import { expect, type Locator, type Page } from "@playwright/test";
import { mailTo } from "./accounts.ts";
import type { Api } from "./api.ts";
import type { Box } from "./box.ts";
import { exactly, LABELS } from "./labels.ts";

/** A scheduled meeting, as the box tells of it. */
export interface Scheduled {
  readonly id: number;
  readonly version: number;
  readonly state: string;
  readonly reference: string;
  readonly name: string | null;
  readonly message: string;
  readonly date: string;
  readonly time: string;
  readonly address: string;
  readonly code: string | null;
  readonly participants: readonly (Person & {
    id: number;
    delivery: { state: string; text: string } | null;
  })[];
}

/** Somebody to be invited. */
export interface Person {
  readonly civility: string;
  readonly name: string;
  readonly email: string;
  readonly role: "organizer" | "guest" | "spectator";
  readonly send: boolean;
}

/** What no other test has taken. */
let made = 0;

export function person(name: string, role: Person["role"], civility = ""): Person {
  made += 1;
  const first =
    name
      .split(" ")[0]
      ?.normalize("NFD")
      .replace(/\P{ASCII}/gu, "") ?? "";
  return { civility, name, role, email: `${first.toLowerCase()}.${made}@client.test`, send: true };
}

/** A reference of its own. */
export function reference(of = "Vente DUPONT"): string {
  made += 1;
  return `2026-${100 + made} ${of}`;
}

/** A day in France, `2024-06-18`. @param days from today */
export function day(days: number): string {
  const today = new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Paris" }).format(new Date());
  return new Date(Date.parse(today) + days * 86_400_000).toISOString().slice(0, 10);
}

/** As the guide writes it, `18-06-2024`. */
export function written(iso: string): string {
  return iso.split("-").reverse().join("-");
}

export interface Plan {
  readonly reference: string;
  readonly days?: number;
  readonly time?: string;
  readonly code?: string;
  readonly people?: readonly Person[];
}

/** A draft, by the box's interface. */
export async function draft(api: Api, { people = [], ...plan }: Plan): Promise<Scheduled> {
  const { days = 1, time = "16h00", code = "" } = plan;
  const fields = {
    reference: plan.reference,
    date: written(day(days)),
    time,
    code_active: code !== "",
    code,
  };
  const drafted: Scheduled = await api.expect("POST", "/api/scheduled-meetings", fields);
  if (people.length === 0) return drafted;
  const body = { version: drafted.version, participants: people };
  return await api.expect("PUT", `/api/scheduled-meetings/${drafted.id}/participants`, body);
}

/** A meeting that is validated, by the box's interface. */
export async function scheduled(api: Api, plan: Plan & { name: string }): Promise<Scheduled> {
  const { id, version, message } = await draft(api, plan);
  return await api.expect("POST", `/api/scheduled-meetings/${id}/validation`, {
    version,
    name: plan.name,
    message,
  });
}

/** The personal link in the newest mail to somebody that has these words. */
export async function linkOf(api: Api, email: string, text: RegExp): Promise<string> {
  const mail = await mailTo(api, email, text);
  const link = /https:\/\/\S+\/reunion\/[\w-]+/.exec(mail)?.[0];
  if (!link) throw new Error(`no link in: ${mail}`);
  return link;
}

export async function openScheduled(page: Page, box: Box): Promise<void> {
  await page.goto(`${box.url}/reunions-programmees`);
  await expect(page.getByRole("heading", { level: 1, name: exactly("Réunions programmées") })).toBeVisible();
}

/** The table's row of a meeting, or of a participant. */
export function row(page: Page, text: string): Locator {
  return page.getByRole("row").filter({ hasText: text });
}

/** «Nouvelle réunion», filled in and saved. */
export async function fillIn(
  page: Page,
  { reference, date, time }: { reference: string; date: string; time: string },
): Promise<void> {
  await page.getByRole("textbox", { name: exactly("Référence du dossier") }).fill(reference);
  await page.getByRole("textbox", { name: exactly("Date") }).fill(date);
  await page.getByRole("textbox", { name: exactly("Heure") }).fill(time);
}

const ROLES = { organizer: "Organisateur", guest: "Invité", spectator: "Spectateur" } as const;

/** Fills a participant in, and adds him. */
export async function add(page: Page, { civility, name, email, role }: Person): Promise<void> {
  await page.getByLabel(exactly("Civilité")).selectOption(civility);
  await page.getByRole("combobox", { name: exactly("Nom prénom") }).fill(name);
  await page.getByRole("textbox", { name: exactly("E-mail") }).fill(email);
  await page.getByLabel(exactly("Rôle")).selectOption({ label: ROLES[role] });
  await page.getByRole("button", { name: exactly("Ajouter") }).click();
}

export async function save(page: Page): Promise<void> {
  await page.getByRole("button", { name: LABELS.save }).click();
}
