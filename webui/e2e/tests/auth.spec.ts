import { join } from "node:path";
import type { Page } from "@playwright/test";
import type { Api } from "../harness/api.ts";
import type { Box } from "../harness/box.ts";
import { Browser } from "../harness/browser.ts";
import { COLLEAGUE, NEWCOMER, ORGANIZER, PASSWORD, TOTP_SECRET } from "../harness/demonstration.ts";
import { exactly, LABELS, words } from "../harness/labels.ts";
import { runToEnd } from "../harness/programs.ts";
import { scan } from "../harness/qr-code.ts";
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
async function isInside(page: Page, user = COLLEAGUE): Promise<void> {
  await expect(page.getByText(user.name).first()).toBeVisible();
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

test("[AUTH-02] a code from an authenticator application lets in, once; wrong, old and used ones are told", async ({
  page,
  box,
}) => {
  const wrong = otherThan(codesAround(Date.now()));
  await givePassword(page, COLLEAGUE.login, PASSWORD);
  await giveCode(page, wrong);
  await isTold(page, WRONG);
  await giveCode(page, totp(TOTP_SECRET, Date.now() - 5 * STEP));
  await isTold(page, EXPIRED);
  const code = totp(TOTP_SECRET, Date.now());
  await giveCode(page, code);
  await isInside(page);

  await elsewhere(box, async (second) => {
    await givePassword(second, COLLEAGUE.login, PASSWORD);
    await giveCode(second, code);
    await isTold(second, USED);
  });
});

test("[AUTH-02] a code by SMS lets in, once; wrong, used and old ones are told", async ({
  page,
  api,
  box,
}) => {
  const code = await codeBySms(page, api);
  await giveCode(page, otherThan([code]));
  await isTold(page, WRONG);
  await giveCode(page, code);
  await isInside(page);

  await elsewhere(box, async (second) => {
    await givePassword(second, COLLEAGUE.login, PASSWORD);
    await second.getByRole("button", { name: LABELS.bySms }).click();
    await isTold(second, "Un code vient de vous être envoyé.");
    await giveCode(second, code);
    await isTold(second, USED);
  });

  await anHourLater(box);
  await elsewhere(box, async (third) => {
    const old = await codeBySms(third, api);
    await anHourLater(box);
    await giveCode(third, old);
    await isTold(third, EXPIRED);
  });
});

test("[AUTH-03] the first login of an account without second factor enrols an authenticator by QR code", async ({
  page,
  box,
}) => {
  await givePassword(page, NEWCOMER.login, PASSWORD);
  const secret = await shownSecret(page);
  const scanned = await scan(page.getByRole("img", { name: LABELS.qrCode }));
  expect(scanned).toBe(
    `otpauth://totp/Office%20Notarial%20de%20la%20Place:${NEWCOMER.login}?secret=${secret}` +
      "&issuer=Office%20Notarial%20de%20la%20Place&algorithm=SHA1&digits=6&period=30",
  );
  await giveCode(page, otherThan(codesAround(Date.now(), secret)));
  await isTold(page, NOT_THE_FIRST);
  const first = totp(secret, Date.now());
  await giveCode(page, first);
  const listed = page.getByRole("list", { name: LABELS.recoveryCodes }).getByRole("listitem");
  await expect(listed).toHaveCount(10);
  const [recovery = ""] = await listed.allInnerTexts();
  await page.getByRole("button", { name: LABELS.codesNoted }).click();
  await isInside(page, NEWCOMER);

  await page.getByRole("button", { name: LABELS.logOut }).click();
  await givePassword(page, NEWCOMER.login, PASSWORD);
  await giveCode(page, first);
  await isTold(page, USED);
  await giveCode(page, totp(secret, Date.now() + STEP));
  await isInside(page, NEWCOMER);

  await elsewhere(box, async (second) => {
    await giveRecoveryCode(second, recovery);
    await isInside(second, NEWCOMER);
    await second.getByRole("button", { name: LABELS.logOut }).click();
    await giveRecoveryCode(second, recovery);
    await isTold(second, RECOVERY_USED);
  });
});

async function giveRecoveryCode(page: Page, code: string): Promise<void> {
  await givePassword(page, NEWCOMER.login, PASSWORD);
  await page.getByRole("button", { name: LABELS.byRecovery }).click();
  await giveCode(page, code);
}

/** The secret as text, as somebody types it whose telephone has no camera. */
async function shownSecret(page: Page): Promise<string> {
  const grouped = await page.getByRole("group", { name: LABELS.secret }).innerText();
  expect(grouped).toMatch(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/);
  return grouped.replaceAll(" ", "");
}

/** What the page says of a code, in full. */
const WRONG = "Ce code n'est pas le bon. Vérifiez-le, puis réessayez.";
const EXPIRED = "Ce code a expiré. Demandez-en un nouveau.";
const NOT_THE_FIRST =
  "Ce code n'est pas le bon. Vérifiez-le, vérifiez que le téléphone est à l'heure, puis réessayez.";
const RECOVERY_USED = "Ce code a déjà servi. Saisissez-en un autre de votre liste.";
const USED = "Ce code a déjà servi. Attendez le suivant, ou demandez-en un nouveau.";

async function isTold(page: Page, text: string): Promise<void> {
  await expect(page.getByRole("alert")).toHaveText(words(text));
}

/** Password, and the code of an SMS that the page asked for. */
async function codeBySms(page: Page, api: Api): Promise<string> {
  const before = (await api.messages()).length;
  await givePassword(page, COLLEAGUE.login, PASSWORD);
  await page.getByRole("button", { name: LABELS.bySms }).click();
  return await api.smsCode(before);
}

/** Nobody waits for a code to expire: the box is told that it sent it an hour earlier. */
async function anHourLater(box: Box): Promise<void> {
  await runToEnd(
    "sqlite3",
    "-cmd",
    ".timeout 2000",
    join(box.state, "tabellion.db"),
    "UPDATE sms_codes SET sent_at = sent_at - 3600 * 1000000",
  );
}

/** What somebody else does in another browser. */
async function elsewhere(box: Box, act: (page: Page) => Promise<void>): Promise<void> {
  const browser = await Browser.start(box.authority, null);
  try {
    const page = await browser.page();
    await page.goto(box.url);
    await act(page);
  } finally {
    await browser.close();
  }
}

test("an administrator sees how the box is, and nobody else does", async ({ page, api, box }) => {
  await codeBySms(page, api).then((code) => giveCode(page, code));
  await isInside(page);
  await expect(page.getByRole("link", { name: LABELS.permanentMeetings }).first()).toBeVisible();
  await expect(page.getByRole("link", { name: LABELS.stateOfTheBox })).toBeHidden();
  await page.goto(`${box.url}/etat-de-la-boite`);
  await isTold(page, "Cette page est réservée aux administrateurs de l'office. Adressez-vous à l'un d'eux.");

  await elsewhere(box, async (claire) => {
    // Not by SMS: the next one may be asked for after a minute only, and the other tests' organizer asks for one.
    await givePassword(claire, ORGANIZER.login, PASSWORD);
    await giveCode(claire, totp(TOTP_SECRET, Date.now()));
    await claire.getByRole("link", { name: LABELS.stateOfTheBox }).click();
    const section = (title: string) => claire.getByRole("region", { name: exactly(title) });
    const { version } = await api.expect("GET", "/api/health");
    await expect(section("Version")).toContainText(version);
    // A demonstration is no firmware: it says so, and invents nothing.
    await expect(section("Protection des données")).toContainText("Inconnue.");
    await expect(section("Mises à jour")).toContainText("Inconnues.");
    await expect(section("Charge")).toContainText("L’image et le son occupent la boîte à");
    // This machine has no device for pictures: the studio has looked.
    await expect(section("Codecs vidéo")).toContainText("par le processeur (x264enc)");
    await expect(section("Codecs vidéo")).toContainText("par le processeur (avdec_h264)");
  });
});

test("[AUTH-02] a session whose second factor is missing opens nothing", async ({ box }) => {
  const api = box.api();
  await api.expect("POST", "/api/session", { login: COLLEAGUE.login, password: PASSWORD });
  expect((await api.call("GET", "/api/session")).status).toBe(401);
  expect((await api.call("GET", "/api/permanent-meetings?sort=name&page=1")).status).toBe(401);
});

test("guessing a password is slowed down, and the message says for how long", async ({ box }) => {
  const answers = await guess(box);
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 429]);
  expect(answers.at(-1)?.body.error.retry_after_seconds).toBeGreaterThan(0);
  expect(answers.at(-1)?.body.error.message).toMatch(/réessayez/i);
});

test("who guesses at the page sees how long to wait, and then goes on", async ({ room, box }) => {
  const browser = await Browser.start(box.authority, null, "nothing", await room.line());
  const page = await browser.page();
  await page.goto(box.url);
  for (const attempt of [1, 2, 3]) {
    await givePassword(page, "personne.d.autre", `Essai-numero-${attempt}`);
    await isTold(page, "L'identifiant ou le mot de passe est incorrect. Vérifiez-les, puis réessayez.");
  }
  await givePassword(page, "personne.d.autre", "Essai-numero-4");
  const submit = page.getByRole("button", { name: LABELS.logIn });
  const left = async () => {
    const text = await page.getByRole("alert").innerText();
    return Number(/^Trop d’essais infructueux\. Réessayez dans (\d+) secondes?\.$/.exec(text)?.[1]);
  };
  await expect.poll(left).toBeLessThanOrEqual(20);
  await expect(submit).toBeDisabled();
  const first = await left();
  await expect.poll(left).toBeLessThan(first);
  await expect(page.getByRole("status").filter({ hasText: words("Vous pouvez réessayer") })).toBeVisible({
    timeout: 25_000,
  });
  await submit.click();
  await isTold(page, "L'identifiant ou le mot de passe est incorrect. Vérifiez-les, puis réessayez.");
  await browser.close();
});

/** From an address of its own: what it is punished with must not hit the other tests. */
async function guess(box: Box): Promise<Awaited<ReturnType<Api["call"]>>[]> {
  const api = box.api("10.77.0.3");
  const answers = [];
  for (let attempt = 0; attempt < 4; attempt += 1) {
    answers.push(
      await api.call("POST", "/api/session", { login: "personne", password: `Essai-numero-${attempt}` }),
    );
  }
  return answers;
}

function codesAround(now: number, secret = TOTP_SECRET): string[] {
  return Array.from({ length: 24 }, (_, index) => totp(secret, now + (index - 12) * STEP));
}

/** A code that is none of these. */
function otherThan(codes: string[]): string {
  for (let number = 0; ; number += 1) {
    const code = String(number).padStart(6, "0");
    if (!codes.includes(code)) return code;
  }
}
