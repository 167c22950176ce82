import { describe, expect, it } from "vitest";
import { Hold } from "./hold";

/** A line whose losses and way are said by the test. */
class Line {
  connectionState = "connected";
  receivers: { jitterBufferTarget: number | null }[] = [
    { jitterBufferTarget: null },
    { jitterBufferTarget: null },
  ];
  received = 0;
  lost = 0;
  roundTrip = 0.1;
  getReceivers() {
    return this.receivers;
  }
  getStats() {
    const { received: packetsReceived, lost: packetsLost, roundTrip: currentRoundTripTime } = this;
    return Promise.resolve(
      new Map<string, unknown>([
        ["a", { type: "inbound-rtp", packetsReceived, packetsLost }],
        ["b", { type: "candidate-pair", nominated: true, currentRoundTripTime }],
        ["c", { type: "candidate-pair", nominated: false, currentRoundTripTime: 9 }],
      ]),
    );
  }
}

function holding(line: Line) {
  const due: (() => void)[] = [];
  const hold = new Hold(line as unknown as RTCPeerConnection, {
    after: (_, run) => {
      due.push(run);
      return () => due.splice(due.indexOf(run), 1);
    },
  });
  hold.begin();
  /** So many looks, between each of which a thousand packets are sent and so many of them lost. */
  const looks = async (count: number, lost: number) => {
    for (let i = 0; i < count; i++) {
      line.received += 1_000 - lost;
      line.lost += lost;
      due.splice(0).forEach((run) => {
        run();
      });
      await new Promise((done) => setTimeout(done));
    }
  };
  const held = () => line.receivers.map(({ jitterBufferTarget }) => jitterBufferTarget);
  return { hold, looks, held, due };
}

describe("what comes over a line that loses much", () => {
  it("is held back for a second repair, sound and pictures alike", async () => {
    const { looks, held } = holding(new Line());
    await looks(2, 50);
    expect(held(), "one look may be an accident").toEqual([null, null]);
    await looks(1, 50);
    expect(held()).toEqual([260, 260]);
  });

  it("is held back until the line is good for a while", async () => {
    const { looks, held } = holding(new Line());
    await looks(3, 50);
    await looks(10, 10);
    await looks(4, 0);
    expect(held()).toEqual([260, 260]);
    await looks(1, 0);
    expect(held()).toEqual([null, null]);
  });

  it("is held back less where less is lost, and never less than before until it is over", async () => {
    const { looks, held } = holding(new Line());
    await looks(3, 20);
    expect(held()).toEqual([210, 210]);
    await looks(2, 50);
    expect(held()).toEqual([260, 260]);
    await looks(9, 20);
    expect(held()).toEqual([260, 260]);
  });

  it("is held back as the way becomes longer", async () => {
    const line = new Line();
    const { looks, held } = holding(line);
    await looks(3, 50);
    line.roundTrip = 0.105;
    await looks(1, 50);
    expect(held(), "a change that nobody needs").toEqual([260, 260]);
    line.roundTrip = 0.15;
    await looks(1, 50);
    expect(held()).toEqual([360, 360]);
    line.roundTrip = 0.1;
    await looks(3, 50);
    expect(held(), "a way that is longer now and then").toEqual([360, 360]);
  });

  it("is never held back for long", async () => {
    const line = new Line();
    line.roundTrip = 0.6;
    const { looks, held } = holding(line);
    await looks(3, 50);
    expect(held()).toEqual([400, 400]);
  });

  it("is not held back where little is lost, or nothing comes", async () => {
    const { looks, held } = holding(new Line());
    await looks(10, 10);
    await looks(10, 0);
    expect(held()).toEqual([null, null]);
  });

  it("is not looked at any more once the connection is over", async () => {
    const line = new Line();
    const { looks, hold, due } = holding(line);
    await looks(1, 0);
    hold.end();
    expect(due).toEqual([]);
    hold.begin();
    line.connectionState = "closed";
    await looks(1, 0);
    expect(due).toEqual([]);
  });
});
