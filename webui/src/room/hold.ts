import type { Timers } from "./signalling";

/** Between two looks at what is lost, in milliseconds. */
const INTERVAL = 2_000;
/**
 * From which share lost on what is held back, in ways back and forth. With two, whatever comes by a second repair is shown in time; with less,
 * the picture waits for it so shortly that it is not seen.
 */
const LEVELS = [
  { share: 0.03, ways: 2 },
  { share: 0.013, ways: 1.5 },
];
/** The share where nothing has to be held back. */
const LITTLE = 0.007;
/** So many looks in a row say the same before something is changed. */
const BEGINS = 2;
const ENDS = 5;
/** What asking and sending again take besides the way, in milliseconds. */
const MARGIN = 60;
/** Milliseconds: who waits longer for each other talks at the same time. */
const LONGEST = 400;

/** A change that is smaller, in milliseconds, is none. */
const STEP = 20;

/** What one looks at, summed up since the connection's beginning. */
interface Look {
  lost: number;
  received: number;
  /** Seconds, there and back. */
  roundTrip: number;
}

/**
 * Holds back what comes over a line that loses much, so long that what was lost twice can have been sent again: the browser itself
 * waits for one repair alone (libwebrtc's jitter estimator). Sound and pictures alike, so that they stay together.
 */
export class Hold {
  #cancel: (() => void) | null = null;
  #before: Look | null = null;
  /** What the last looks asked for, in ways back and forth, the newest last. */
  #asked: number[] = [];
  #good = 0;
  #ways = 0;
  #held = 0;

  constructor(
    private readonly connection: RTCPeerConnection,
    private readonly timers: Timers,
  ) {}

  /** Something comes. */
  begin(): void {
    this.#cancel ??= this.timers.after(INTERVAL, () => {
      this.#cancel = null;
      void this.#look();
    });
  }

  end(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  async #look(): Promise<void> {
    if (this.connection.connectionState === "closed") return;
    const now = summary(await this.connection.getStats());
    const before = this.#before ?? now;
    this.#before = now;
    const [lost, received] = [now.lost - before.lost, now.received - before.received];
    const share = lost > 0 ? lost / (lost + received) : 0;
    this.#asked = [...this.#asked, LEVELS.find((one) => share >= one.share)?.ways ?? 0].slice(-BEGINS);
    this.#good = share < LITTLE ? this.#good + 1 : 0;
    // More as soon as it is sure, less only when it is over: each change is heard.
    const sure = this.#asked.length === BEGINS ? Math.min(...this.#asked) : 0;
    this.#ways = this.#good >= ENDS ? 0 : Math.max(this.#ways, sure);
    const needed = Math.round(this.#ways * now.roundTrip * 1_000) + MARGIN;
    this.#hold(this.#ways ? Math.max(this.#held, Math.min(needed, LONGEST)) : null);
    this.begin();
  }

  #hold(milliseconds: number | null): void {
    if (Math.abs((milliseconds ?? 0) - this.#held) < STEP) return;
    this.#held = milliseconds ?? 0;
    // Not each browser has it: there all stays as it is.
    for (const receiver of this.connection.getReceivers())
      if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = milliseconds;
  }
}

function summary(stats: RTCStatsReport): Look {
  const sum: Look = { lost: 0, received: 0, roundTrip: 0 };
  for (const one of stats.values()) {
    if (one.type === "inbound-rtp") {
      sum.lost += one.packetsLost ?? 0;
      sum.received += one.packetsReceived ?? 0;
    }
    if (one.type === "candidate-pair" && one.nominated)
      sum.roundTrip = Math.max(sum.roundTrip, one.currentRoundTripTime ?? 0);
  }
  return sum;
}
