import { expect, it } from "vitest";
import { addMonths, move, weeksOf } from "./month";

it("is the guide’s January 2025", () => {
  const days = weeksOf("2025-01-23").map((week) => week.map((day) => Number(day.slice(8))));
  expect(days).toEqual([
    [30, 31, 1, 2, 3, 4, 5],
    [6, 7, 8, 9, 10, 11, 12],
    [13, 14, 15, 16, 17, 18, 19],
    [20, 21, 22, 23, 24, 25, 26],
    [27, 28, 29, 30, 31, 1, 2],
    [3, 4, 5, 6, 7, 8, 9],
  ]);
});

it("begins a month that begins on a Monday, and one that begins on a Sunday, with their weeks", () => {
  expect(weeksOf("2026-06-15")[0]?.[0]).toBe("2026-06-01");
  expect(weeksOf("2026-02-10")[0]).toEqual([
    "2026-01-26",
    "2026-01-27",
    "2026-01-28",
    "2026-01-29",
    "2026-01-30",
    "2026-01-31",
    "2026-02-01",
  ]);
});

it("has no day twice and none left out, also where clocks change", () => {
  for (const month of ["2026-03-01", "2026-10-01", "2028-02-01"]) {
    const days = weeksOf(month).flat();
    expect(new Set(days).size).toBe(42);
    expect([...days].sort()).toEqual(days);
  }
});

it("goes where a key leads", () => {
  const from = (key: string) => move("2026-11-27", key);
  expect(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].map(from)).toEqual([
    "2026-11-26",
    "2026-11-28",
    "2026-11-20",
    "2026-12-04",
  ]);
  expect(["Home", "End", "PageUp", "PageDown", "a"].map(from)).toEqual([
    "2026-11-23",
    "2026-11-29",
    "2026-10-27",
    "2026-12-27",
    null,
  ]);
  expect([addMonths("2026-01-31", 1), addMonths("2024-03-31", -1), addMonths("2026-12-31", 2)]).toEqual([
    "2026-02-28",
    "2024-02-29",
    "2027-02-28",
  ]);
});
