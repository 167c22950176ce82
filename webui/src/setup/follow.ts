/** Where the box is after its settings were applied, as far as this page can see it. */

/**
 * What a look has found: a stage of the set-up; `gone`: the espace client is served instead; `away`: no answer, which is also what
 * a page gets from a box whose new certificate the browser has not been told to accept.
 */
export type Seen = "to_set_up" | "to_confirm" | "done" | "gone" | "away";

export type End = "ready" | "undone" | "perhaps" | "lost";

export interface Box {
  look(): Promise<Seen>;
  /** Only where this page is at the box's new address. False: the code is no longer the one in force. */
  confirm?(): Promise<boolean>;
  pause(): Promise<void>;
}

/** @param patience looks without an answer until nothing more is to be learnt from here */
export async function follow(box: Box, patience: number): Promise<End> {
  for (let away = 0; away < patience; ) {
    const seen = await box.look();
    if (seen === "gone") return "ready";
    if (seen === "to_set_up") return "undone";
    if (seen === "to_confirm" && box.confirm && !(await box.confirm())) return "lost";
    away = seen === "away" ? away + 1 : 0;
    await box.pause();
  }
  return "perhaps";
}

/** Where the box is with these settings, as a browser writes it. */
export function target(
  outcome: { address?: string | null; port: number },
  here: Pick<Location, "hostname">,
): string {
  const address = outcome.address ?? here.hostname;
  const host = address.includes(":") && !address.startsWith("[") ? `[${address}]` : address;
  return new URL(`https://${host}:${outcome.port}`).origin;
}
