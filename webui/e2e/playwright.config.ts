import { defineConfig } from "@playwright/test";
import { ARTEFACTS } from "./harness/paths.ts";

/** `run smoke` chooses the project `smoke`, and so on. */
export default defineConfig({
  outputDir: `${ARTEFACTS}/results`,
  // One box, one address, and media that two cores have to encode: one test after the other.
  workers: 1,
  fullyParallel: false,
  timeout: 90_000,
  expect: { timeout: 10_000 },
  // A test that passes only sometimes is a defect to be found, here or in the box.
  retries: 0,
  reporter: [["./harness/reporter.ts"]],
  projects: [
    { name: "smoke", testDir: ".", testMatch: "smoke.ts", timeout: 175_000 },
    { name: "bench", testDir: "bench", testMatch: "*.bench.ts", timeout: 300_000 },
    { name: "e2e", testDir: "tests", testMatch: "*.spec.ts" },
  ],
});
