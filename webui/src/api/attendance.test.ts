// @vitest-environment jsdom
import { afterEach, beforeEach, expect, it, vi } from "vitest";

beforeEach(() => vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => vi.useRealTimers());

it("knows a page that nobody is at from one that somebody uses", async () => {
  const { isAttended } = await import("./attendance");
  expect(isAttended()).toBe(true);
  vi.advanceTimersByTime(60_001);
  expect(isAttended()).toBe(false);
  window.dispatchEvent(new KeyboardEvent("keydown", { key: "a" }));
  expect(isAttended()).toBe(true);
});
