import { join } from "node:path";
import type { Page } from "@playwright/test";
import { obstacles } from "../harness/axe.ts";
import type { Box } from "../harness/box.ts";
import { Browser } from "../harness/browser.ts";
import { change } from "../harness/database.ts";
import { COLLEAGUE, ORGANIZER, PASSWORD, TOTP_SECRET } from "../harness/demonstration.ts";
import { exactly, LABELS } from "../harness/labels.ts";
import { artefacts } from "../harness/paths.ts";
import { CLAIRE } from "../harness/people.ts";
import { expect, test as plain } from "../harness/test.ts";
import { totp } from "../harness/totp.ts";

/** The colleague, logged in by a session of his own. */
const test = plain.extend<{ page: Page }>({
  page: async ({ box }, use) => {
    const browser = await Browser.start(box.authority, CLAIRE);
    const page = await browser.page();
    await page.goto(box.url);
    await logIn(page, box, COLLEAGUE.login);
    await expect(page.getByText(COLLEAGUE.name).first()).toBeVisible();
    await use(page);
    await browser.close();
  },
});

const OVER = exactly("Votre session est terminée");
/** The box looks at the sessions of those who listen every 20 s. */
const NOTICED = 30_000;

async function logIn(page: Page, box: Box, login: string): Promise<void> {
  await page.getByLabel(LABELS.login).fill(login);
  await page.getByLabel(LABELS.password).first().fill(PASSWORD);
  await page.getByRole("button", { name: LABELS.logIn }).click();
  await giveCode(page, box);
}

/** A code counts once: this one has not been given. */
async function giveCode(page: Page, box: Box): Promise<void> {
  await expect(page.getByRole("button", { name: LABELS.send })).toBeVisible();
  await change(box, "UPDATE users SET totp_last_step = NULL");
  await page.getByRole("textbox", { name: LABELS.secondFactorCode }).fill(totp(TOTP_SECRET, Date.now()));
  await page.getByRole("button", { name: LABELS.send }).click();
}

/** The colleague's sessions become older: their begin, or when somebody was seen last. */
async function older(box: Box, what: "created_at" | "last_seen_at", hours: number): Promise<void> {
  const whose = `(SELECT id FROM users WHERE login = '${COLLEAGUE.login}')`;
  await change(box, `UPDATE sessions SET ${what} = ${what} - ${hours} * 3600000000 WHERE user = ${whose}`);
}

test("[AUTH-07] whoever signs out is out, on every page and for good", async ({ page, box }) => {
  const second = await page.context().newPage();
  await second.goto(box.url);
  await expect(second.getByText(COLLEAGUE.name).first()).toBeVisible();
  const before = await page.context().cookies(box.url);
  await page.getByRole("button", { name: LABELS.logOut }).click();
  await expect(page.getByRole("heading", { level: 1, name: exactly("Espace client") })).toBeVisible();
  await expect(page.getByText(COLLEAGUE.name)).toHaveCount(0);
  await expect(second.getByRole("heading", { name: OVER })).toBeVisible();
  const cookie = before.map(({ name, value }) => `${name}=${value}`).join("; ");
  const { status } = await box.api().call("GET", "/api/session", undefined, { Cookie: cookie });
  expect(status, "the former cookie").toBe(401);
});

test("[AUTH-07] a session that is left alone ends; its user logs in on the page, and finds what was typed", async ({
  page,
  box,
}) => {
  await page.goto(`${box.url}/reunions-permanentes`);
  await page.getByRole("button", { name: LABELS.createMeeting }).click();
  await page.getByLabel(LABELS.description).fill("Succession LEROY");
  await older(box, "last_seen_at", 1);
  await expect(page.getByRole("heading", { name: OVER })).toBeVisible({ timeout: NOTICED });
  await expect(page.getByLabel(LABELS.login)).toHaveValue(COLLEAGUE.login);
  await expect(page.getByLabel(LABELS.description), "for nobody to see or reach").toHaveCount(1);
  expect(
    await page.getByLabel(LABELS.description).evaluate((field) => Boolean(field.closest("[inert]"))),
  ).toBe(true);
  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme });
    expect(await obstacles(page), theme).toEqual([]);
    for (const width of [360, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      await page.screenshot({ path: join(artefacts("session"), `over-${theme}-${width}.png`) });
    }
  }
  await page.getByLabel(LABELS.password).first().fill(PASSWORD);
  await page.getByRole("button", { name: LABELS.logIn }).click();
  await giveCode(page, box);
  await expect(page.getByRole("heading", { name: OVER })).toHaveCount(0);
  await expect(page.getByLabel(LABELS.description)).toHaveValue("Succession LEROY");
  await page.getByRole("button", { name: LABELS.save }).click();
  await expect(page.getByRole("row").filter({ hasText: "Succession LEROY" })).toBeVisible();
});

test("[AUTH-07] what is asked after the end is not done, and somebody else who logs in begins with a page of his own", async ({
  page,
  box,
}) => {
  await page.goto(`${box.url}/reunions-permanentes`);
  await page.getByRole("button", { name: LABELS.createMeeting }).click();
  await page.getByLabel(LABELS.description).fill("Donation MARTIN");
  await older(box, "last_seen_at", 1);
  await page.getByRole("button", { name: LABELS.save }).click();
  // At once, by the answer.
  await expect(page.getByRole("heading", { name: OVER })).toBeVisible({ timeout: 5_000 });
  await logIn(page, box, ORGANIZER.login);
  await expect(page.getByText(ORGANIZER.name).first()).toBeVisible();
  expect(new URL(page.url()).pathname).toBe("/");
  await page.goBack();
  await expect(page.getByText(ORGANIZER.name).first()).toBeVisible();
  await expect(page.getByText("Donation MARTIN")).toHaveCount(0);
});

test("[AUTH-07] a meeting is not ended by its user's session, and the session's day ends with it", async ({
  page,
  box,
  room,
}) => {
  await page.goto(`${box.url}/reunions-permanentes/${room.meeting.id}/salle`);
  await page.getByRole("button", { name: LABELS.joinMeeting }).click();
  const leave = page.getByRole("button", { name: LABELS.hangUp });
  await expect(leave).toBeVisible();
  await older(box, "created_at", 13);
  const status = async () => await page.evaluate(async () => (await fetch("/api/session")).status);
  expect(await status(), "while the meeting lasts").toBe(200);
  await expect(page.getByRole("heading", { name: OVER })).toHaveCount(0);
  await leave.click();
  await expect(page.getByRole("heading", { name: OVER })).toBeVisible({ timeout: NOTICED });
  expect(await status(), "after it").toBe(401);
});
