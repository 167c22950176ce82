import type { Api } from "./api.ts";
import type { Box } from "./box.ts";
import { eventually } from "./patience.ts";

/** Has the box work with these settings, by its interface. */
export async function settle(box: Box, api: Api, document: unknown): Promise<void> {
  const { version } = await api.expect("GET", "/api/system/settings");
  box.expectRestart("control");
  const answer = await api.expect("PUT", "/api/system/settings", { version, document });
  if (answer.outcome === "unchanged") return;
  await box.started("control");
  if (answer.outcome === "pending") await api.confirmSettings(answer);
  await eventually(
    "the box serves its pages again",
    20_000,
    async () => (await box.isServing()) || undefined,
  );
}
