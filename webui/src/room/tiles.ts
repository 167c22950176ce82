import type { Timers } from "./signalling";
import type { Slot } from "./wire";

/** How long sizes may change until the box is told of them, in milliseconds: a window that is dragged changes them often. */
const SETTLING = 200;
/** Until what the box could not take is said again, in milliseconds. */
const AGAIN = 2_000;

export interface Tile {
  mid: string;
  rows: number;
}

/** Whose picture: a person's, or the screen that it shows to all. */
export interface Shown {
  seat: number;
  content: Slot["content"];
}

/** How large each picture is shown, and what the box was told of it. */
export class Tiles {
  readonly #rows = new Map<string, number>();
  readonly #told = new Map<string, number>();
  #waits = false;

  /** `tell` sends what has changed; what it could not send is said again. */
  constructor(
    private readonly timers: Timers,
    private readonly slots: () => readonly Slot[],
    private readonly tell: (tiles: Tile[]) => Promise<unknown>,
  ) {}

  /** A picture is shown with so many rows of the screen. */
  shows({ seat, content }: Shown, rows: number): void {
    this.#rows.set(`${seat} ${content}`, rows);
    this.changed();
  }

  /** Sizes, or slots, have changed. */
  changed(): void {
    if (this.#waits || this.#rows.size === 0) return;
    this.#waits = true;
    this.timers.after(SETTLING, () => {
      this.#waits = false;
      this.#flush();
    });
  }

  /** The box has forgotten all: a new transport. */
  forgotten(): void {
    this.#told.clear();
    this.changed();
  }

  #flush(): void {
    const tiles: Tile[] = [];
    for (const { mid, kind, seat, content } of this.slots()) {
      const rows = kind === "video" && seat != null ? this.#rows.get(`${seat} ${content}`) : undefined;
      if (rows !== undefined && this.#told.get(mid) !== rows) tiles.push({ mid, rows });
    }
    if (tiles.length === 0) return;
    for (const { mid, rows } of tiles) this.#told.set(mid, rows);
    this.tell(tiles).catch(() => {
      for (const { mid } of tiles) this.#told.delete(mid);
      this.timers.after(AGAIN, () => this.changed());
    });
  }
}
