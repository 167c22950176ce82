/** What one page has done and the next one says, once. */
let told: string | null = null;

export function tell(text: string): void {
  told = text;
}

export function takeTold(): string | null {
  const text = told;
  // React asks twice where it looks for impure code: it is gone a moment later.
  queueMicrotask(() => {
    told = null;
  });
  return text;
}
