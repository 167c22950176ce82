import { expect, it } from "vitest";
import { duration, moment, todayInFrance } from "./moments";

it("writes a moment as the guide does, in France’s time", () => {
  expect(moment("2025-01-27T14:53:00Z", "fr")).toBe("27 Janvier 2025 à 15:53");
  expect(moment("2025-07-31T22:05:00Z", "fr")).toBe("1 Août 2025 à 00:05");
  expect(moment("2025-01-27T14:53:00Z", "en")).toBe("27 January 2025 at 15:53");
});

it("tells how long somebody spoke", () => {
  expect([8, 75, 600, 3_725].map(duration)).toEqual([
    "8\u00a0s",
    "1\u00a0min\u00a015\u00a0s",
    "10\u00a0min\u00a000\u00a0s",
    "1\u00a0h\u00a002\u00a0min",
  ]);
});

it("knows which day it is in France", () => {
  expect(todayInFrance(new Date("2026-11-26T23:30:00Z"))).toBe("2026-11-27");
  expect(todayInFrance(new Date("2026-06-30T21:59:59Z"))).toBe("2026-06-30");
});
