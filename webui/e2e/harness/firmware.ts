import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Box } from "./box.ts";
import { eventually } from "./patience.ts";

/** The updater of a box, played by a test: what control asks of it, and what it publishes, are files. */
export class Firmware {
  private readonly root: string;

  private constructor(box: Box) {
    this.root = join(box.state, "firmware");
  }

  /** From now on the box has one. */
  static install(box: Box): Firmware {
    const firmware = new Firmware(box);
    for (const folder of ["run/tabellion-requests", "run/tabellion-updates", "var/lib/tabellion-upload"])
      mkdirSync(join(firmware.root, folder), { recursive: true });
    return firmware;
  }

  /** The box is a demonstration again. */
  remove(): void {
    rmSync(this.root, { recursive: true });
  }

  publish(name: "progress" | "state", what: object): void {
    writeFileSync(join(this.root, `run/tabellion-updates/${name}.json`), JSON.stringify(what));
  }

  /** Takes the next request, and is at work from then on. */
  async takes(): Promise<unknown> {
    const path = join(this.root, "run/tabellion-requests/update.json");
    await eventually("a request of the updater", 10_000, async () => existsSync(path) || undefined);
    const request = JSON.parse(readFileSync(path, "utf8")) as unknown;
    mkdirSync(join(this.root, "run/tabellion-updating"));
    writeFileSync(join(this.root, "run/tabellion-updating/goal"), '"install"');
    rmSync(path);
    return request;
  }

  /** Has done its work. */
  ends(): void {
    rmSync(join(this.root, "run/tabellion-updating"), { recursive: true });
  }

  /** The files of an update that was uploaded. */
  uploaded(): string[] {
    return readdirSync(join(this.root, "var/lib/tabellion-upload/incoming")).sort();
  }

  /** Whether a restart is asked for. */
  asksForRestart(): boolean {
    return existsSync(join(this.root, "run/tabellion-requests/restart"));
  }
}

/** A `tabellion_V.update` as image/build makes it; what is in its files is the updater's to judge. */
export function updateFile(folder: string): string {
  const names = ["SHA256SUMS", "SHA256SUMS.gpg", "tabellion_0.2.0.efi", "tabellion_0.2.0.root-x86-64.1.raw"];
  mkdirSync(folder, { recursive: true });
  for (const name of names) writeFileSync(join(folder, name), name.repeat(1000));
  const file = join(folder, "tabellion_0.2.0.update");
  execFileSync("tar", ["--format=ustar", "--create", "--file", file, "--directory", folder, ...names]);
  return file;
}
