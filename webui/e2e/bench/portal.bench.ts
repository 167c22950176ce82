/** The espace client: how soon its interface answers at 100 requests a second, and how soon its first page can be used. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Page } from "@playwright/test";
import type { Api } from "../harness/api.ts";
import { exactly } from "../harness/labels.ts";
import type { TestRoom } from "../harness/test-room.ts";
import { keep, measure, quantile } from "./bench.ts";

const A_SECOND = 100;
const SECONDS = 30;
const MEETINGS = 10_000;
const CALLS = 100_000;

/** What a dashboard, the lists and the directory ask. */
const ASKED = [
  "/api/session",
  "/api/calls/week",
  "/api/calls?page=1",
  "/api/permanent-meetings?page=1",
  "/api/scheduled-meetings",
  "/api/directory?query=moreau",
  "/api/calls?query=martin&page=1",
  "/api/permanent-meetings?page=3",
];

measure("the espace client", async ({ room }) => {
  const small = await answers(room);
  fill(room);
  const full = await answers(room);
  const { page } = await room.organizer();
  const usable: number[] = [];
  for (let turn = 0; turn < 10; turn += 1) usable.push(await firstUse(page));
  keep("portal", {
    a_second: A_SECOND,
    meetings: MEETINGS,
    calls: CALLS,
    small,
    full,
    usable_ms: quantile(usable, 0.5),
  });

  /** From the click on the address until the dashboard's figures are there. */
  async function firstUse(page: Page): Promise<number> {
    const context = page.context();
    const cdp = await context.newCDPSession(page);
    await cdp.send("Network.clearBrowserCache");
    const began = performance.now();
    await page.goto(`${room.box.url}/`);
    await page
      .getByRole("link", { name: exactly("Réunions Permanentes") })
      .first()
      .waitFor();
    return performance.now() - began;
  }
});

/** Milliseconds from the moment that a request was due until its whole answer was there: one that waits for a former one counts too. */
async function answers({
  box,
  api,
}: TestRoom): Promise<{ p50_ms: number; p99_ms: number; requests: number }> {
  const agent = new Agent({ ca: readFileSync(box.authority), keepAlive: true, maxSockets: 32 });
  const began = performance.now();
  const all: Promise<number>[] = [];
  for (let number = 0; number < A_SECOND * SECONDS; number += 1) {
    const due = began + (number * 1_000) / A_SECOND;
    const wait = due - performance.now();
    if (wait > 0) await pause(wait);
    const path = ASKED[number % ASKED.length] ?? "/";
    all.push(asked(agent, `${box.url}${path}`, api).then(() => performance.now() - due));
  }
  const times = await Promise.all(all);
  agent.destroy();
  return { p50_ms: quantile(times, 0.5), p99_ms: quantile(times, 0.99), requests: times.length };
}

function asked(agent: Agent, url: string, api: Api): Promise<void> {
  return new Promise((done, fail) => {
    const headers = { "X-Tabellion": "1", Cookie: api.session };
    const asking = request(url, { agent, headers }, (answer) => {
      answer.resume();
      answer.on("end", () =>
        answer.statusCode === 200 ? done() : fail(new Error(`${url} answers ${answer.statusCode}`)),
      );
    });
    asking.on("error", fail);
    asking.end();
  });
}

/** What an office has after years, beside what the demonstration has. */
function fill({ box }: TestRoom): void {
  const count = (rows: number) =>
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})`;
  const micros = "unixepoch() * 1000000";
  const statements = `
    ${count(MEETINGS)} INSERT INTO permanent_meetings
      (description, sort_key, number, link_token, active, code_active, created_by, created_at)
      SELECT 'Dossier ' || i, 'dossier ' || i, printf('80%08d', i), 'bench-' || i, 1, 0,
      (SELECT min(id) FROM users), ${micros} FROM n;
    ${count(CALLS)} INSERT INTO calls
      (user, direction, number, name, media, outcome, missed, search, began_at, answered_at, ended_at)
      SELECT users.id, 'received', printf('80%08d', i % 5000), 'Martin ' || (i % 5000), 'video', 'answered', 0,
      'martin ' || (i % 5000) || char(10) || printf('80%08d', i % 5000), ${micros} - i * 60000000, ${micros} - i * 60000000,
      ${micros} - i * 60000000 + 1000000
      FROM n, (SELECT id FROM users WHERE login = 'claire.moreau') AS users;
    ANALYZE;`;
  execFileSync("sqlite3", [join(box.state, "tabellion.db"), ".timeout 20000", statements]);
}
