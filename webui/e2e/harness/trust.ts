import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { runToEnd } from "./programs.ts";

/**
 * A home folder whose browser trusts the box's authority, as a user does who imported it: no certificate error is
 * ever ignored in these tests.
 */
export async function homeThatTrusts(authority: string, home: string): Promise<string> {
  // Chromium looks in the second place first, and takes the first one where it exists.
  const database = join(home, ".pki/nssdb");
  mkdirSync(database, { recursive: true });
  await trust(authority, database);
  return home;
}

/** Makes a folder's certificates those that trust the box's authority. */
export async function trust(authority: string, folder: string): Promise<void> {
  await runToEnd("certutil", "-N", "--empty-password", "-d", `sql:${folder}`);
  await runToEnd("certutil", "-A", "-n", "tabellion", "-t", "C,,", "-i", authority, "-d", `sql:${folder}`);
}
