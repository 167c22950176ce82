// @vitest-environment jsdom
import { afterEach, expect, it } from "vitest";
import { applyTheme, chooseTheme, chosenTheme } from "./theme";

afterEach(() => localStorage.clear());

it("follows the device until somebody chooses, and the choice stays in the browser", () => {
  applyTheme();
  expect([chosenTheme(), document.documentElement.dataset["theme"]]).toEqual(["system", undefined]);
  chooseTheme("dark");
  expect([chosenTheme(), document.documentElement.dataset["theme"]]).toEqual(["dark", "dark"]);
  chooseTheme("system");
  expect([chosenTheme(), document.documentElement.dataset["theme"]]).toEqual(["system", undefined]);
});

it("takes what it does not know for no choice", () => {
  localStorage.setItem("tabellion:theme", "purple");
  applyTheme();
  expect(document.documentElement.dataset["theme"]).toBeUndefined();
});
