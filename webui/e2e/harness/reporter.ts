import type { Reporter, TestCase, TestResult } from "@playwright/test/reporter";

// biome-ignore lint/suspicious/noControlCharactersInRegex: this is what an escape sequence begins with
const COLOURS = /\x1b\[[0-9;]*m/g;

/** One line a test, each failure with its reason, and the closing line that `make test` adds up. */
export default class LineReporter implements Reporter {
  private readonly counts = { passed: 0, failed: 0, skipped: 0 };

  onStdOut(text: string | Buffer): void {
    process.stdout.write(text);
  }

  onStdErr(text: string | Buffer): void {
    process.stderr.write(text);
  }

  /** What goes wrong outside of tests: a file that does not load, a box that does not start. */
  onError(error: { message?: string; stack?: string }): void {
    this.counts.failed += 1;
    console.log(error.stack ?? error.message);
  }

  onTestEnd(test: TestCase, result: TestResult): void {
    const outcome =
      result.status === "passed" ? "passed" : result.status === "skipped" ? "skipped" : "failed";
    this.counts[outcome] += 1;
    const mark = { passed: "✓", failed: "✗", skipped: "–" }[outcome];
    console.log(`  ${mark} ${test.title}  (${(result.duration / 1000).toFixed(1)} s)`);
    if (outcome !== "failed") return;
    for (const error of result.errors) {
      const text = [error.stack ?? error.message, error.snippet].filter(Boolean).join("\n");
      console.log(text.replaceAll(COLOURS, "").replaceAll(/^/gm, "      "));
    }
  }

  onEnd(): void {
    const { passed, failed, skipped } = this.counts;
    console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
  }

  printsToStdio(): boolean {
    return true;
  }
}
