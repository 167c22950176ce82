import { expect } from "@playwright/test";
import type { Box } from "./box.ts";
import { type Allowed, Browser } from "./browser.ts";
import { LABELS } from "./labels.ts";
import type { Line } from "./line.ts";
import { Participant } from "./participant.ts";
import type { Persona } from "./people.ts";

/** What a guest fills in. */
export interface Form {
  readonly civility?: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly code?: string | undefined;
}

/** Somebody with nothing but a browser and a link. */
export class Guest extends Participant {
  /** @param allowed what the guest lets the page use */
  static async open(
    box: Box,
    persona: Persona,
    name: string,
    allowed?: Allowed,
    line?: Line,
  ): Promise<Guest> {
    const browser = await Browser.start(box.authority, persona, allowed, line);
    return new Guest(browser, await browser.page(), persona, name);
  }

  /** The same with a Firefox that takes no H.264. */
  static async openFirefox(box: Box, persona: Persona, name: string): Promise<Guest> {
    const browser = await Browser.startFirefox(box.authority, persona);
    return new Guest(browser, await browser.page(), persona, name);
  }

  async follow(link: string): Promise<void> {
    await this.page.goto(link);
  }

  /** After leaving: back to the form. */
  async startAgain(): Promise<void> {
    await this.page.getByRole("button", { name: LABELS.again }).click();
  }

  /** Fills in the form, and enters the waiting room. */
  async ask(code: string | undefined, civility = "Monsieur"): Promise<void> {
    const [firstName = "", lastName = ""] = this.name.split(/ (.*)/s);
    await this.fillIn({ civility, firstName, lastName, code });
    await this.page.getByRole("button", { name: LABELS.enterWaitingRoom }).click();
  }

  async fillIn(form: Form): Promise<void> {
    const { page } = this;
    await page.getByLabel(LABELS.firstName).fill(form.firstName);
    await page.getByLabel(LABELS.lastName).fill(form.lastName);
    if (form.civility) await this.chooseCivility(form.civility);
    if (form.code !== undefined) await page.getByLabel(LABELS.securityCode).fill(form.code);
  }

  /** Waits for the organizer's consent. */
  async accepted(): Promise<void> {
    await expect(this.page.getByText(LABELS.accepted)).toBeVisible();
  }

  /** A list of the browser's own, or one of the page's. */
  private async chooseCivility(civility: string): Promise<void> {
    const field = this.page.getByLabel(LABELS.civility).first();
    if ((await field.evaluate((element) => element.tagName)) === "SELECT") {
      await field.selectOption({ label: civility });
      return;
    }
    await field.click();
    await this.page.getByRole("option", { name: civility }).click();
  }
}
