import { expect, type Locator, type Page } from "@playwright/test";
import type { Browser } from "./browser.ts";
import { LABELS } from "./labels.ts";
import { joinTime, listen, lookAtScreen, type TileLook } from "./page-probes.ts";
import { eventually } from "./patience.ts";
import type { Persona } from "./people.ts";
import type { Heard, Peer, Sight, Witness } from "./perception.ts";
import { difference, inWords, share } from "./picture.ts";

/** Share of a tile that its person's colour fills at least; the white bar and a name plate take the rest. */
const FILLED = 0.5;
/** Mean change of a tile's pixels in 250 ms, at least; the bar's move makes about 20. */
const ALIVE = 1;

/** Somebody in a meeting, at a browser. */
export class Participant implements Witness {
  constructor(
    readonly browser: Browser,
    readonly page: Page,
    readonly persona: Persona,
    readonly name: string,
  ) {}

  /** Clicks «Rejoindre la réunion», and is inside. */
  async join(): Promise<void> {
    await this.page.getByRole("button", { name: LABELS.joinMeeting }).click();
    await expect(this.hangUpButton).toBeVisible();
  }

  /** Milliseconds from the click to the first picture of somebody else. */
  async joinTime(limit = 10_000): Promise<number> {
    return await eventually(`${this.name} gets a first picture`, limit, () => joinTime(this.page));
  }

  /** «Raccrocher». */
  async hangUp(): Promise<void> {
    await this.hangUpButton.click();
    await expect(this.hangUpButton).toBeHidden();
  }

  /** Turns the microphone on or off, whatever it is now. */
  async toggleMicrophone(): Promise<void> {
    await this.page.getByRole("button", { name: LABELS.microphone }).click();
  }

  /** Turns the camera on or off, whatever it is now. */
  async toggleCamera(): Promise<void> {
    await this.page.getByRole("button", { name: LABELS.camera }).click();
  }

  /** «Limitation bande passante»: opens it, chooses, and closes it. */
  async limitBandwidth(choice: RegExp): Promise<void> {
    const button = this.page.getByRole("button", { name: LABELS.bandwidth });
    await button.click();
    const chosen = this.page.getByRole("radio", { name: choice });
    await chosen.check();
    await chosen.press("Escape");
    await expect(chosen).toBeHidden();
    await expect(button).toBeFocused();
  }

  get hangUpButton(): Locator {
    return this.page.getByRole("button", { name: LABELS.hangUp });
  }

  /** Other people's tiles, by name. */
  tile(name: string): Locator {
    return this.page.locator(`[data-seat][data-name*="${name}"]`);
  }

  async sight(other: Peer): Promise<Sight> {
    const { tiles, own } = await lookAtScreen(this.page);
    const alive = [...tiles, ...(own ? [own] : [])].some((one) => change(one) > ALIVE);
    const tile = tiles.find(({ name }) => name.includes(other.name));
    const names = tiles.map(({ name }) => name).join(", ");
    if (!tile) return { visible: false, alive, seen: `pictures of ${names || "nobody"}` };
    const visible = share(tile.second, other.persona) > FILLED && change(tile) > ALIVE;
    const seen = `${tile.name}: ${inWords(tile.second)}, change ${change(tile).toFixed(1)}`;
    return { visible, alive, seen };
  }

  async sound(seconds: number): Promise<Heard> {
    return await listen(this.page, seconds);
  }

  async close(): Promise<void> {
    await this.browser.close();
  }
}

function change({ first, second }: TileLook): number {
  return difference(first, second);
}
