import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

it("has one dark theme, whether the device or its user asks for it", () => {
  const css = readFileSync(new URL("./tokens.css", import.meta.url), "utf8");
  const block = (start: string) => {
    const from = css.indexOf("{", css.indexOf(start)) + 1;
    return css.slice(from, css.indexOf("}", from)).replaceAll(/\s+/g, " ");
  };
  expect(block(':root:not([data-theme="light"])')).toContain("--ink:");
  expect(block(':root:not([data-theme="light"])')).toBe(block(':root[data-theme="dark"]'));
});
