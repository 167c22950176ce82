import { join } from "node:path";
import type { Box } from "./box.ts";
import { runToEnd } from "./programs.ts";

/** Makes something of the box's data older than it is, since nobody waits for it to become so. */
export async function change(box: Box, statement: string): Promise<void> {
  await runToEnd("sqlite3", "-cmd", ".timeout 2000", join(box.state, "tabellion.db"), statement);
}
