import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "@playwright/test";
import { fakeDevices } from "./fake-media.ts";
import { artefacts } from "./paths.ts";
import type { Persona } from "./people.ts";
import { homeThatTrusts } from "./trust.ts";

const FLAGS = [
  "--autoplay-policy=no-user-gesture-required",
  "--disable-renderer-backgrounding",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--disable-gpu",
];

/** A browser process of one person: the fake camera and microphone belong to the process. */
export class Browser {
  private constructor(
    readonly context: BrowserContext,
    private readonly home: string,
  ) {}

  /**
   * @param authority certificate to trust
   * @param persona whose camera and microphone; null: the user refuses both
   */
  static async start(authority: string, persona: Persona | null): Promise<Browser> {
    const home = await homeThatTrusts(authority, mkdtempSync(join(tmpdir(), "browser-")));
    const context = await chromium.launchPersistentContext(join(home, "profile"), {
      executablePath: "/usr/bin/chromium",
      // Root has no use for the sandbox, and a test's network namespace none for its network service.
      args: [...FLAGS, "--no-sandbox", ...(await deviceFlags(persona))],
      env: { ...process.env, HOME: home } as Record<string, string>,
      locale: "fr-FR",
      timezoneId: "Europe/Paris",
      viewport: { width: 1280, height: 800 },
    });
    context.setDefaultTimeout(10_000);
    return new Browser(context, home);
  }

  async page(): Promise<Page> {
    return this.context.pages()[0] ?? (await this.context.newPage());
  }

  async close(): Promise<void> {
    await this.context.close();
    rmSync(this.home, { recursive: true, force: true });
  }
}

async function deviceFlags(persona: Persona | null): Promise<string[]> {
  if (!persona) return ["--use-fake-device-for-media-stream", "--deny-permission-prompts"];
  const { camera, microphone } = await fakeDevices(persona, artefacts("devices"));
  return [
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    `--use-file-for-fake-video-capture=${camera}`,
    `--use-file-for-fake-audio-capture=${microphone}`,
  ];
}
