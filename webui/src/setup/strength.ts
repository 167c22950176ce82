/** The box refuses shorter ones. */
export const SHORTEST = 10;

export type Strength = "short" | "weak" | "fair" | "strong";

/** What a password is worth against somebody who guesses, by its length, its variety and its repetitions. */
export function strength(password: string): Strength {
  const signs = [...password];
  if (signs.length < SHORTEST) return "short";
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\p{N}/u, /[^\p{L}\p{N}]/u].filter((kind) =>
    kind.test(password),
  ).length;
  // «aaaaaaaaaa» and «1234567890» are long and worth nothing: what follows from the sign before does not count.
  const fresh = signs.filter((sign, at) => at === 0 || Math.abs(code(sign) - code(signs[at - 1] ?? "")) > 1);
  const worth = new Set(fresh).size + fresh.length / 2 + kinds * 2;
  if (worth < 16) return "weak";
  return worth < 23 ? "fair" : "strong";
}

function code(sign: string): number {
  return sign.codePointAt(0) ?? 0;
}
