// What a first visit downloads, compressed, against the budget of each page.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const budgets = { "app.html": 260_000, "join.html": 130_000, "setup.html": 130_000 };
let over = false;

for (const [page, budget] of Object.entries(budgets)) {
  const html = readFileSync(`dist/${page}`, "utf8");
  const seen = new Set();
  const visit = (file) => {
    if (seen.has(file)) return;
    seen.add(file);
    if (!file.endsWith(".js")) return;
    const code = readFileSync(`dist/${file}`, "utf8");
    for (const [, next] of code.matchAll(/(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g))
      visit(`assets/${next}`);
  };
  for (const [, file] of html.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)) visit(file);
  const bytes = [...seen].reduce((sum, file) => sum + gzipSync(readFileSync(`dist/${file}`)).length, 0);
  const verdict = bytes <= budget ? "ok" : "TOO LARGE";
  console.log(
    `${page.padEnd(10)} ${(bytes / 1000).toFixed(1).padStart(6)} kB of ${budget / 1000} kB  ${verdict}`,
  );
  over ||= bytes > budget;
}
process.exit(over ? 1 : 0);
