import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type BrowserContext, firefox } from "@playwright/test";
import type { Persona } from "./people.ts";
import { trust } from "./trust.ts";

/**
 * Debian's Firefox, driven by WebDriver BiDi, as it is before its H.264 plug-in has come: here there is no network that it could come
 * by. It takes no file for a camera, so that the page gets a drawn one; its microphone is a tone of its own. Without a sound card it plays
 * nothing: what it hears is not judged.
 */
export async function startFirefox(
  authority: string,
  home: string,
  persona: Persona,
): Promise<BrowserContext> {
  const browser = await firefox.launch({
    channel: "moz-firefox",
    executablePath: await starter(authority, home),
    firefoxUserPrefs: {
      "media.gmp-gmpopenh264.enabled": false,
      "media.navigator.streams.fake": true,
      "media.navigator.permission.disabled": true,
      "media.navigator.audio.fake_frequency": persona.tone,
      "intl.accept_languages": "fr-FR",
    },
    env: { ...process.env, HOME: home } as Record<string, string>,
  });
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  await context.addInitScript(drawCamera, `#${persona.colour.slice(2)}`);
  return context;
}

/** Puts the certificates into the profile that the driver makes, and becomes Firefox. A profile of our own BiDi's driver does not take. */
async function starter(authority: string, home: string): Promise<string> {
  const trusting = join(home, "trusting");
  mkdirSync(trusting);
  await trust(authority, trusting);
  const path = join(home, "firefox");
  const lines = [
    "#!/bin/sh",
    `profile=$(printf '%s\\n' "$@" | sed -n '/^--profile$/{n;p}')`,
    `cp ${trusting}/* "$profile"`,
    'exec /usr/bin/firefox-esr "$@"',
  ];
  writeFileSync(path, `${lines.join("\n")}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** In the page, before its own scripts: a camera as that of {@link fakeDevices}. */
function drawCamera(colour: string): void {
  const camera = (): MediaStreamTrack[] => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 360 });
    const context = canvas.getContext("2d");
    setInterval(() => {
      if (!context) return;
      context.fillStyle = colour;
      context.fillRect(0, 0, 640, 360);
      context.fillStyle = "white";
      context.fillRect(((performance.now() % 2000) / 2000) * 600, 0, 40, 360);
    }, 40);
    return canvas.captureStream(25).getVideoTracks();
  };
  const devices = navigator.mediaDevices;
  const own = devices.getUserMedia.bind(devices);
  devices.getUserMedia = async ({ audio = false, video } = {}) => {
    const sound = audio ? (await own({ audio })).getTracks() : [];
    return new MediaStream([...sound, ...(video ? camera() : [])]);
  };
}
