import { describe, expect, it } from "vitest";
import { strength } from "./strength";

describe("a password’s strength", () => {
  it.each([
    ["Court-1!", "short"],
    ["aaaaaaaaaaaaaaaa", "weak"],
    ["1234567890", "weak"],
    ["abcdefghijklmnop", "weak"],
    ["motdepasse", "weak"],
    ["Motdepasse1", "fair"],
    ["Bien-trop-secret-2026", "strong"],
    ["cheval agrafe pile correct", "strong"],
  ])("of «%s» is %s", (password, expected) => {
    expect(strength(password)).toBe(expected);
  });
});
