import type { Page, Response } from "@playwright/test";
import { Browser } from "../harness/browser.ts";
import { expect, test } from "../harness/test.ts";

/** In a page: what its policy has kept from happening, and what it holds that a policy without exceptions forbids. */
const INLINE = "script:not([src]), style, [style], [onclick], [onload], [onerror], iframe, object, embed";

/** What the browser got as the page itself. */
async function loaded(page: Page, url: string): Promise<Response> {
  const answer = await page.goto(url);
  if (!answer) throw new Error(`${url} was not loaded`);
  return answer;
}

test("each page comes with a policy that lets nothing inline or foreign in, and needs nothing of it", async ({
  room,
  box,
}) => {
  const browser = await Browser.start(box.authority, null);
  const outside = await browser.page();
  const inside = (await room.organizer()).page;
  const wrong: string[] = [];
  for (const page of [outside, inside]) {
    page.on("console", (message) => {
      if (/content security policy|violates/i.test(message.text())) wrong.push(message.text());
    });
    page.on("request", (request) => {
      const { protocol, host } = new URL(request.url());
      if (
        !["data:", "blob:"].includes(protocol) &&
        host !== new URL(box.url).host &&
        host !== new URL(box.guestsUrl).host
      )
        wrong.push(`${page.url()} asks ${request.url()}`);
    });
  }
  const guests = room.meeting.link.replace(box.url, box.guestsUrl);
  const pages: [Page, string][] = [
    ...[
      "/",
      "/mot-de-passe-oublie",
      "/nouveau-mot-de-passe",
      "/cgv",
      "/responsabilite",
      "/verification/1",
    ].map((path): [Page, string] => [outside, `${box.url}${path}`]),
    [outside, room.meeting.link],
    [outside, guests],
    [outside, box.guestsUrl],
    ...["/", "/utilisateurs", "/reglages-de-la-boite", "/mises-a-jour", "/journal-d-appel"].map(
      (path): [Page, string] => [inside, `${box.url}${path}`],
    ),
  ];
  for (const [page, url] of pages) {
    const answer = await loaded(page, url);
    await expect(page.getByRole("heading").first()).toBeVisible();
    const headers = await answer.allHeaders();
    const policy = headers["content-security-policy"] ?? "";
    for (const directive of [
      "default-src 'none'",
      "script-src 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ])
      if (!policy.includes(directive)) wrong.push(`${url}: no ${directive} in ${policy}`);
    if (!/^max-age=31536000/.test(headers["strict-transport-security"] ?? "")) wrong.push(`${url}: no HSTS`);
    if (headers["x-content-type-options"] !== "nosniff") wrong.push(`${url}: sniffed`);
    if (headers["referrer-policy"] !== "no-referrer") wrong.push(`${url}: told to others`);
    // What React Aria sets by its own means is no attribute that came with the page.
    const html = await answer.text();
    const inline = await page.evaluate(
      ([html, inline]) =>
        [...new DOMParser().parseFromString(html, "text/html").querySelectorAll(inline)].map(
          (one) => one.outerHTML,
        ),
      [html, INLINE] as const,
    );
    wrong.push(...inline.map((one) => `${url}: ${one}`));
  }
  await browser.close();
  expect(wrong).toEqual([]);
});
