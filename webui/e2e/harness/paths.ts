import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";

/** The checkout. */
export const REPOSITORY = resolve(import.meta.dirname, "../../..");

/** What the tests leave behind: pictures, sound, logs. */
export const ARTEFACTS = join(REPOSITORY, "target/e2e");

/** A folder below {@link ARTEFACTS}, made where it is missing. */
export function artefacts(...names: string[]): string {
  const folder = join(ARTEFACTS, ...names);
  mkdirSync(folder, { recursive: true });
  return folder;
}
