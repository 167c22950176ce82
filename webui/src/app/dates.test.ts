import { expect, it } from "vitest";
import { longDate } from "./dates";

it("is written as in the guide", () => {
  const at = new Date(2024, 1, 9, 16, 4).toISOString();
  expect(longDate(at, "fr")).toBe("9 Février 2024 à 16:04");
  expect(longDate(new Date(2024, 7, 1, 8, 5).toISOString(), "fr")).toBe("1 Août 2024 à 08:05");
});
