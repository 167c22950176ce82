import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "@playwright/test";
import { keepConnections } from "./connections.ts";
import { fakeDevices } from "./fake-media.ts";
import { startFirefox } from "./firefox.ts";
import type { Line } from "./line.ts";
import { artefacts } from "./paths.ts";
import type { Persona } from "./people.ts";
import { homeThatTrusts } from "./trust.ts";

const CHROMIUM = "/usr/bin/chromium";
const FLAGS = [
  "--autoplay-policy=no-user-gesture-required",
  "--disable-renderer-backgrounding",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  "--disable-gpu",
];

/** What its user lets a page use, where it asks. */
export type Allowed = "camera and microphone" | "microphone" | "nothing";

/** A browser process of one person: the fake camera and microphone belong to the process. */
export class Browser {
  private constructor(
    readonly context: BrowserContext,
    private readonly home: string,
  ) {}

  /**
   * @param authority certificate to trust
   * @param persona whose camera and microphone; null: nobody's
   * @param line what it is connected by; none: the office's network
   */
  static async start(
    authority: string,
    persona: Persona | null,
    allowed: Allowed = persona ? "camera and microphone" : "nothing",
    line?: Line,
  ): Promise<Browser> {
    const home = await homeThatTrusts(authority, mkdtempSync(join(tmpdir(), "browser-")));
    const context = await chromium.launchPersistentContext(join(home, "profile"), {
      executablePath: line?.starter(CHROMIUM) ?? CHROMIUM,
      // Root has no use for the sandbox, and a test's network namespace none for its network service.
      args: [...FLAGS, "--no-sandbox", ...(await deviceFlags(persona, allowed))],
      env: { ...process.env, HOME: home } as Record<string, string>,
      locale: "fr-FR",
      timezoneId: "Europe/Paris",
      viewport: { width: 1280, height: 800 },
    });
    if (allowed === "microphone") await context.grantPermissions(["microphone"]);
    return await Browser.prepared(context, home);
  }

  /** Firefox without H.264, in the office's network. */
  static async startFirefox(authority: string, persona: Persona): Promise<Browser> {
    const home = mkdtempSync(join(tmpdir(), "browser-"));
    return await Browser.prepared(await startFirefox(authority, home, persona), home);
  }

  private static async prepared(context: BrowserContext, home: string): Promise<Browser> {
    context.setDefaultTimeout(10_000);
    await context.addInitScript(keepConnections);
    return new Browser(context, home);
  }

  async page(): Promise<Page> {
    return this.context.pages()[0] ?? (await this.context.newPage());
  }

  async close(): Promise<void> {
    const process = this.context.browser();
    await this.context.close();
    await process?.close();
    rmSync(this.home, { recursive: true, force: true });
  }
}

async function deviceFlags(persona: Persona | null, allowed: Allowed): Promise<string[]> {
  const whole = allowed === "camera and microphone";
  const answer = whole ? "--use-fake-ui-for-media-stream" : "--deny-permission-prompts";
  if (!persona) return [answer, "--use-fake-device-for-media-stream"];
  const { camera, microphone } = await fakeDevices(persona, artefacts("devices"));
  return [
    answer,
    "--use-fake-device-for-media-stream",
    `--use-file-for-fake-video-capture=${camera}`,
    `--use-file-for-fake-audio-capture=${microphone}`,
  ];
}
