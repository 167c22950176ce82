/** Processes that ended, and who is to blame: a test that killed them, or they themselves. */
export class Deaths {
  private readonly expected = new Set<number>();
  private readonly known = new Set<number>();
  private readonly list: string[] = [];
  private told = 0;

  /** A test is about to kill this process. */
  expect(pid: number): void {
    this.expected.add(pid);
  }

  /** A process of this name has ended; it counts once, whoever tells it. */
  of(name: string, pid: number | undefined): void {
    if (pid === undefined || this.expected.has(pid) || this.known.has(pid)) return;
    this.known.add(pid);
    this.list.push(`${name} (process ${pid}) ended by itself`);
  }

  /** This moment, for {@link since}. */
  get mark(): number {
    return this.list.length;
  }

  /** What ended by itself since `mark`. */
  since(mark: number): readonly string[] {
    this.told = this.list.length;
    return this.list.slice(mark);
  }

  /** What ended after the last look, when no test was there to see it. */
  get untold(): readonly string[] {
    return this.list.slice(this.told);
  }
}
