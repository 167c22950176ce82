/** What every measurement begins with: a box whose programs are as they ship, and a place for its figures. */
import { existsSync, linkSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { test as plain } from "@playwright/test";
import { Box } from "../harness/box.ts";
import { artefacts, REPOSITORY } from "../harness/paths.ts";
import { TestRoom } from "../harness/test-room.ts";

const FIGURES = join(REPOSITORY, "target/bench");

/** `room`: a meeting of its own for each measurement, of a box that all of them share. */
export const measure = plain.extend<{ room: TestRoom }, { box: Box }>({
  box: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the pattern to know what is needed
    async ({}, use) => {
      const box = await Box.start("bench", asItShips());
      await use(box);
      await box.stop();
    },
    { scope: "worker", timeout: 90_000 },
  ],
  room: async ({ box }, use, info) => {
    const room = await TestRoom.open(box, info.title.slice(0, 60));
    await use(room);
    if (info.status !== info.expectedStatus) await room.screenshots(artefacts("failed", room.meeting.number));
    await room.close();
  },
});

/** The release builds of control, switchboard and studio: the demonstration takes what lies beside itself. */
function asItShips(): string {
  const folder = join(REPOSITORY, "target/bench/programs");
  const programs = ["tabellion", "tabellion-media", "tabellion-studio"].map((name) =>
    join(REPOSITORY, "target/release", name),
  );
  const missing = programs.find((program) => !existsSync(program));
  if (missing)
    throw new Error(
      `${missing} is missing\n  what to do: cargo build --release -p tabellion -p tabellion-media -p tabellion-studio`,
    );
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // Not symbolic: each looks for the others where its own file is.
  for (const program of programs) linkSync(program, join(folder, program.split("/").at(-1) ?? ""));
  return folder;
}

/** Keeps what was measured, for `.ci/bench-table.mjs`, and prints it. */
export function keep(name: string, figures: object): void {
  const whole = { ...figures, load_average: loadavg()[0] };
  mkdirSync(FIGURES, { recursive: true });
  writeFileSync(join(FIGURES, `${name}.json`), `${JSON.stringify(whole, null, 2)}\n`);
  console.log(`  ${name}: ${JSON.stringify(whole)}`);
}

/** @param share 0.5: the median; of an even count, the upper one of both */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  if (value === undefined)
    throw new Error(
      "nothing was measured\n  what to do: look at the log of the box, target/e2e/bench/box.log",
    );
  return value;
}
