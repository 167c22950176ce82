import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { runToEnd } from "./programs.ts";
import { scanPicture } from "./qr-code.ts";

/** A PDF file, as whoever receives it reads it. */
export class Paper {
  constructor(private readonly file: string) {}

  /** Its text, in reading order, with single spaces. */
  async text(): Promise<string> {
    const text = await runToEnd("pdftotext", "-layout", this.file, "-");
    return text.toString().replaceAll(/\s+/g, " ");
  }

  /** Where the code on its first page leads. */
  async code(): Promise<string> {
    const picture = this.file.replace(/\.pdf$/, "");
    await runToEnd("pdftoppm", "-png", "-r", "200", "-f", "1", "-singlefile", this.file, picture);
    return await scanPicture(`${picture}.png`);
  }

  /** SHA-256, hexadecimal. */
  get hash(): string {
    return createHash("sha256").update(readFileSync(this.file)).digest("hex");
  }
}
