import type { Page } from "@playwright/test";
import type { Api } from "../harness/api.ts";
import type { Box } from "../harness/box.ts";
import { Browser } from "../harness/browser.ts";
import { COLLEAGUE, PASSWORD, TOTP_SECRET } from "../harness/demonstration.ts";
import { LABELS } from "../harness/labels.ts";
import { expect, test as plain } from "../harness/test.ts";
import { totp } from "../harness/totp.ts";

/** A page at the espace client, of somebody who is not logged in. */
const test = plain.extend<{ page: Page; api: Api }>({
  page: async ({ box }, use) => {
    const browser = await Browser.start(box.authority, null);
    const page = await browser.page();
    await page.goto(box.url);
    await use(page);
    await browser.close();
  },
  api: async ({ box }, use) => use(box.api()),
});

const STEP = 30_000;

async function givePassword(page: Page, login: string, password: string): Promise<void> {
  await page.getByLabel(LABELS.login).fill(login);
  await page.getByLabel(LABELS.password, { exact: false }).first().fill(password);
  await page.getByRole("button", { name: LABELS.logIn }).click();
}

async function giveCode(page: Page, code: string): Promise<void> {
  await page.getByRole("textbox", { name: LABELS.secondFactorCode }).fill(code);
  await page.getByRole("button", { name: LABELS.send }).click();
}

/** The start of the espace client, which only a whole login shows. */
async function isInside(page: Page): Promise<void> {
  await expect(page.getByText(COLLEAGUE.name).first()).toBeVisible();
}

test("[AUTH-01] the espace client asks for identifiant and mot de passe, and a wrong one is told", async ({
  page,
}) => {
  await expect(page.getByText(/espace client/i).first()).toBeVisible();
  await givePassword(page, COLLEAGUE.login, "Mauvais-mot-1!");
  await expect(page.getByRole("alert")).toContainText(/(identifiant|mot de passe)/i);
  await givePassword(page, COLLEAGUE.login, PASSWORD);
  await expect(page.getByRole("button", { name: LABELS.send })).toBeVisible();
});

test("[AUTH-02] a code from an authenticator application lets in, once", async ({ page, box }) => {
  const wrong = otherThan(codesAround(Date.now()));
  await givePassword(page, COLLEAGUE.login, PASSWORD);
  await giveCode(page, wrong);
  await expect(page.getByRole("alert")).toBeVisible();
  await giveCode(page, totp(TOTP_SECRET, Date.now() - 5 * STEP));
  await expect(page.getByRole("alert")).toContainText(/(expiré|plus valable)/i);
  const code = totp(TOTP_SECRET, Date.now());
  await giveCode(page, code);
  await isInside(page);

  const again = await Browser.start(box.authority, null);
  const second = await again.page();
  await second.goto(box.url);
  await givePassword(second, COLLEAGUE.login, PASSWORD);
  await giveCode(second, code);
  await expect(second.getByRole("alert")).toContainText(/(déjà|utilisé|servi)/i);
  await again.close();
});

test("[AUTH-02] a code by SMS lets in", async ({ page, api }) => {
  const before = (await api.messages()).length;
  await givePassword(page, COLLEAGUE.login, PASSWORD);
  await page.getByRole("button", { name: LABELS.bySms }).click();
  await giveCode(page, await api.smsCode(before));
  await isInside(page);
});

test("[AUTH-02] a session whose second factor is missing opens nothing", async ({ box }) => {
  const api = box.api();
  await api.expect("POST", "/api/session", { login: COLLEAGUE.login, password: PASSWORD });
  expect((await api.call("GET", "/api/session")).status).toBe(401);
  expect((await api.call("GET", "/api/permanent-meetings?sort=name&page=1")).status).toBe(401);
});

test("guessing a password is slowed down, and the message says for how long", async ({ box }) => {
  const answers = await guess(box);
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 429]);
  expect(answers.at(-1)?.body.error.retry_after_seconds).toBeGreaterThan(0);
  expect(answers.at(-1)?.body.error.message).toMatch(/réessayez/i);
});

/** From an address of its own: what it is punished with must not hit the other tests. */
async function guess(box: Box): Promise<Awaited<ReturnType<Api["call"]>>[]> {
  const api = box.api("10.77.0.3");
  const answers = [];
  for (let attempt = 0; attempt < 6; attempt += 1) {
    answers.push(
      await api.call("POST", "/api/session", { login: "personne", password: `Essai-numero-${attempt}` }),
    );
  }
  return answers;
}

function codesAround(now: number): string[] {
  return Array.from({ length: 24 }, (_, index) => totp(TOTP_SECRET, now + (index - 12) * STEP));
}

/** A code that is none of these. */
function otherThan(codes: string[]): string {
  for (let number = 0; ; number += 1) {
    const code = String(number).padStart(6, "0");
    if (!codes.includes(code)) return code;
  }
}
