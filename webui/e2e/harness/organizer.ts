import { expect, type Locator, type Page } from "@playwright/test";
import type { Box } from "./box.ts";
import { Browser } from "./browser.ts";
import { ORGANIZER } from "./demonstration.ts";
import { LABELS } from "./labels.ts";
import { Participant } from "./participant.ts";
import { CLAIRE } from "./people.ts";

/** The office's notary, logged in, at the permanent meetings. */
export class Organizer extends Participant {
  private url = "";

  /** @param cookie of a session, `name=value` */
  static async open(box: Box, cookie: string): Promise<Organizer> {
    const browser = await Browser.start(box.authority, CLAIRE);
    const [name = "", value = ""] = cookie.split(/=(.*)/s);
    await browser.context.addCookies([
      { name, value, url: box.url, secure: true, httpOnly: true, sameSite: "Strict" },
    ]);
    const page = await browser.page();
    const organizer = new Organizer(browser, page, CLAIRE, ORGANIZER.name);
    organizer.url = box.url;
    return organizer;
  }

  /** The table's row of a meeting. */
  row(meeting: string): Locator {
    return this.page.getByRole("row").filter({ hasText: meeting });
  }

  async openMeetings(): Promise<void> {
    await this.page.goto(`${this.url}/reunions-permanentes`);
    await expect(this.page.getByRole("button", { name: LABELS.createMeeting })).toBeVisible();
  }

  /** From the table into the meeting's waiting room (PERM-06). */
  async openWaitingRoom(meeting: string): Promise<void> {
    await this.openMeetings();
    const row = this.row(meeting);
    await row
      .getByRole("link", { name: LABELS.join })
      .or(row.getByRole("button", { name: LABELS.join }))
      .click();
    await expect(this.page.getByRole("button", { name: LABELS.joinMeeting })).toBeEnabled();
  }

  /** Ticks a box or turns a switch on, or off; leaves it where it is so already. */
  async turn(label: RegExp, on: boolean, where: Page | Locator = this.page): Promise<void> {
    const box = where
      .getByRole("checkbox", { name: label })
      .or(where.getByRole("switch", { name: label }))
      .first();
    // The page's own drawing of the box may lie before the input.
    if ((await box.isChecked()) !== on)
      await box.locator("xpath=ancestor-or-self::label").or(box).first().click();
    await expect(box).toBeChecked({ checked: on });
  }

  /** The request of somebody who waits; shown before the meeting and, as an icon that opens, inside. */
  request(name: string): Locator {
    return this.page.getByRole("listitem").filter({ hasText: name });
  }

  async accept(name: string): Promise<void> {
    await (await this.shownRequest(name)).getByRole("button", { name: LABELS.accept }).click();
  }

  async refuse(name: string): Promise<void> {
    await (await this.shownRequest(name)).getByRole("button", { name: LABELS.refuse }).click();
  }

  async remove(name: string): Promise<void> {
    await (await this.shownRequest(name)).getByRole("button", { name: LABELS.remove }).click();
  }

  /** The request with its buttons; inside a meeting the waiting room opens from its icon. */
  async shownRequest(name: string): Promise<Locator> {
    const request = this.request(name).filter({
      has: this.page.getByRole("button", { name: LABELS.accept }),
    });
    const icon = this.page.getByRole("button", { name: LABELS.latecomers });
    await expect(request.or(icon).first()).toBeVisible();
    if (!(await request.isVisible())) await icon.click();
    await expect(request).toBeVisible();
    return request;
  }
}
