import { join } from "node:path";
import type { Locator } from "@playwright/test";
import { artefacts } from "./paths.ts";
import { runToEnd } from "./programs.ts";

/** What a camera that is held before the screen reads. */
export async function scan(code: Locator): Promise<string> {
  const picture = join(artefacts("scanned"), "qr-code.png");
  await code.screenshot({ path: picture });
  return await scanPicture(picture);
}

/** What a camera reads in a picture, a PNG file. */
export async function scanPicture(picture: string): Promise<string> {
  const source = ["filesrc", `location=${picture}`, "!", "pngdec", "!", "videoconvert", "!", "imagefreeze"];
  const reader = ["num-buffers=1", "!", "zbar", "!", "fakesink"];
  const told = (await runToEnd("gst-launch-1.0", "--messages", ...source, ...reader)).toString();
  const [, symbol] = /symbol=\(string\)"?((?:\\.|[^"\\;,])*)/.exec(told) ?? [];
  if (symbol === undefined) throw new Error(`no QR code is read from ${picture}:\n${told}`);
  // GStreamer puts a backslash before what is no letter, digit or one of a few signs.
  return symbol.replaceAll("\\", "");
}
