import { describe, expect, it } from "vitest";
import { divide, LEVELS, remember, remembered } from "./bandwidth";

const CAMERA = [150_000, 500_000, 1_500_000];
const SCREEN = [500_000, 2_500_000];
const sum = (rates: (number | null)[][]) => rates.flat().reduce<number>((all, rate) => all + (rate ?? 0), 0);

describe("the limit of what is sent", () => {
  it("takes nothing from anybody where there is none", () => {
    expect(divide(null, [SCREEN, CAMERA])).toEqual([SCREEN, CAMERA]);
  });

  it("leaves the larger sizes out first, and none is sent that is not worth it", () => {
    expect(divide(5_000, [CAMERA])).toEqual([CAMERA]);
    expect(divide(2_000, [CAMERA])).toEqual([[150_000, 500_000, 1_154_000]]);
    expect(divide(1_000, [CAMERA])).toEqual([[150_000, 500_000, null]]);
    expect(divide(500, [CAMERA])).toEqual([[150_000, 229_000, null]]);
    expect(divide(250, [CAMERA])).toEqual([[141_500, null, null]]);
  });

  it("has room for whoever watches the largest size where nobody watches the one between", () => {
    expect(divide(1_000, [[150_000, 1_500_000]])).toEqual([[150_000, 704_000]]);
  });

  it("is for the screen and the camera together, the screen first", () => {
    expect(divide(250, [SCREEN, CAMERA])).toEqual([
      [108_846, null],
      [32_653, null, null],
    ]);
    expect(divide(2_000, [SCREEN, CAMERA])).toEqual([
      [500_000, 1_154_000],
      [150_000, null, null],
    ]);
  });

  it("is never passed with the voice", () => {
    for (const kbps of LEVELS)
      for (const pictures of [[CAMERA], [SCREEN, CAMERA], [[1_500_000]], []])
        expect(sum(divide(kbps, pictures)) + 96_000).toBeLessThanOrEqual(kbps * 950);
    expect(divide(100, [CAMERA])).toEqual([[0, null, null]]);
  });
});

describe("the choice", () => {
  it("is kept on the device, until there is none any more", () => {
    const kept = new Map<string, string>();
    const memory = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    };
    expect(remembered(memory)).toBeNull();
    remember(memory, 500);
    expect(remembered(memory)).toBe(500);
    for (const foreign of ["", "0", "-250", "300", "x"]) {
      for (const key of kept.keys()) kept.set(key, foreign);
      expect(remembered(memory)).toBeNull();
    }
    remember(memory, 500);
    remember(memory, null);
    expect(kept.size).toBe(0);
  });
});
