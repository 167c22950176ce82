/** Who joins over a line that loses packets both ways: how many are connected, and how soon. Each has one attempt. */
import { mkdirSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { chromium, type Page, test } from "@playwright/test";
import { Line } from "../harness/line.ts";
import { REPOSITORY } from "../harness/paths.ts";
import { runToEnd } from "../harness/programs.ts";
import { Switchboard } from "./switchboard.ts";

const LOSS = 0.05;
/** Of each kind. For fewer, or more: `JOINS=20 webui/e2e/run bench joins`. */
const JOINS = Number(process.env["JOINS"] ?? 100);
const AT_ONCE = 5;
/** Milliseconds until somebody counts as not connected; OpenSSL has repeated four times by then. */
const PATIENCE = 18_000;
const ORIGIN = "https://bare.test/";

const FIGURES = join(REPOSITORY, "target/bench");
const ENGINE = join(REPOSITORY, "target/release/tabellion-media");

test("joins of webrtcbin", async () => {
  test.setTimeout(600_000);
  await overALine("joins-webrtcbin", async (line) => {
    const program = line.starter(join(REPOSITORY, "target/debug/tabellion-joins"));
    const wanted = { joins: JOINS, "at-once": AT_ONCE, switchboard: ENGINE };
    const options = Object.entries(wanted).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const report: { times_ms: number[] } = JSON.parse((await runToEnd(program, ...options)).toString());
    return report.times_ms;
  });
});

test("joins of Chromium", async () => {
  test.setTimeout(600_000);
  await overALine("joins-chromium", async (line) => {
    const program = line.starter("/usr/bin/chromium");
    const switchboard = await Switchboard.start(ENGINE);
    const browser = await chromium.launch({
      executablePath: program,
      args: ["--no-sandbox", "--disable-gpu"],
    });
    try {
      const page = await browser.newPage();
      // Never asked: WebRTC wants a secure origin.
      await page.route(`${ORIGIN}**`, (route) => route.fulfill({ contentType: "text/html", body: "" }));
      await page.goto(ORIGIN);
      await page.exposeFunction("enter", (seat: number, offer: string) => switchboard.join(seat, offer));
      await page.exposeFunction("leave", (seat: number) => switchboard.leave(seat));
      return await joins(page);
    } finally {
      await browser.close();
      await switchboard.stop();
    }
  });
});

/** Keeps what is measured at a line's end: milliseconds from the offer to the connection, of those that were connected. */
async function overALine(name: string, measure: (line: Line) => Promise<number[]>): Promise<void> {
  const line = await Line.lay();
  try {
    await line.set({ down: { loss: LOSS }, up: { loss: LOSS } });
    const times = (await measure(line)).sort((a, b) => a - b);
    const found = { joins: JOINS, connected: times.length, times_ms: times, load_average: loadavg()[0] };
    mkdirSync(FIGURES, { recursive: true });
    writeFileSync(join(FIGURES, `${name}.json`), `${JSON.stringify(found, null, 2)}\n`);
    console.log(`  ${name}: ${times.length} of ${JOINS} connected`);
  } finally {
    await line.close();
  }
}

interface Doors {
  enter(seat: number, offer: string): Promise<string>;
  leave(seat: number): Promise<void>;
}

async function joins(page: Page): Promise<number[]> {
  return await page.evaluate(
    async ({ number, atOnce, patience }) => {
      const { enter, leave } = globalThis as unknown as Doors;
      const times: number[] = [];
      let last = 0;

      /** With the lines of our page. */
      async function enterAndLeave(seat: number): Promise<void> {
        const connection = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
        for (const kind of ["audio", "video"]) connection.addTransceiver(kind, { direction: "sendonly" });
        for (let slot = 0; slot < 3; slot += 1) connection.addTransceiver("audio", { direction: "recvonly" });
        for (let slot = 0; slot < 9; slot += 1) connection.addTransceiver("video", { direction: "recvonly" });
        await connection.setLocalDescription();
        const began = performance.now();
        const settled = new Promise<void>((done) => {
          setTimeout(done, patience);
          connection.onconnectionstatechange = () => {
            if (connection.connectionState === "connected") times.push(performance.now() - began);
            if (connection.connectionState !== "connecting") done();
          };
        });
        const sdp = await enter(seat, connection.localDescription?.sdp ?? "");
        await connection.setRemoteDescription({ type: "answer", sdp });
        await settled;
        connection.onconnectionstatechange = null;
        connection.close();
        await leave(seat);
      }

      async function inTurn(): Promise<void> {
        while (last < number) {
          last += 1;
          await enterAndLeave(last);
        }
      }

      await Promise.all(Array.from({ length: atOnce }, inTurn));
      return times;
    },
    { number: JOINS, atOnce: AT_ONCE, patience: PATIENCE },
  );
}
