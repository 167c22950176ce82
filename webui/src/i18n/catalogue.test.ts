import { describe, expect, it } from "vitest";
import en from "./en.json";
import fr from "./fr.json";
import homeEn from "./home.en.json";
import homeFr from "./home.fr.json";
import portalEn from "./portal.en.json";
import portalFr from "./portal.fr.json";
import scheduledEn from "./scheduled.en.json";
import scheduledFr from "./scheduled.fr.json";
import setupEn from "./setup.en.json";
import setupFr from "./setup.fr.json";
import usersEn from "./users.en.json";
import usersFr from "./users.fr.json";

function flat(tree: object, prefix = ""): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "string" ? [[prefix + key, value] as [string, string]] : flat(value, `${prefix}${key}.`),
  );
}

describe.each([
  ["the catalogue", fr, en],
  ["the administrators’ catalogue", portalFr, portalEn],
  ["the catalogue of users, licences and passwords", usersFr, usersEn],
  ["the dashboard’s catalogue", homeFr, homeEn],
  ["the catalogue of scheduled meetings", scheduledFr, scheduledEn],
  ["the set-up page’s catalogue", setupFr, setupEn],
])("%s", (_, fr, en) => {
  it("has the same keys in both languages", () => {
    expect(flat(en).map(([key]) => key)).toEqual(flat(fr).map(([key]) => key));
  });

  it("keeps French typography", () => {
    for (const [key, text] of flat(fr)) {
      expect(text, key).not.toMatch(/'/);
      expect(text, key).not.toMatch(/"/);
      expect(text, key).not.toMatch(/\.\.\./);
      expect(text, key).not.toMatch(/« | »/);
      expect(text.replace(/https:|turns?:[a-z.]+:\d+|\d\d:\d\d/g, ""), key).not.toMatch(
        /[^\u00a0\u202f][?!;:](?!\/)/,
      );
    }
  });
});
