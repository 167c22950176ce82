/** How long pictures stand still on lines that lose packets: ours and Janus's, on the same lines at the same time. */
import type { Page } from "@playwright/test";
import { Browser } from "../harness/browser.ts";
import { Guest } from "../harness/guest.ts";
import type { Line } from "../harness/line.ts";
import { DIANE, type Persona } from "../harness/people.ts";
import { answered, barePage, offerCamera, show } from "./bare-page.ts";
import { keep, measure } from "./bench.ts";
import { Janus } from "./janus.ts";
import { between, type Freezing, reception } from "./reception.ts";

/** Seconds, one way. */
const DELAY = 0.05;
const LOSSES = [0.02, 0.05];
/** Milliseconds until a line's state is that of every day, and of looking at it. */
const SETTLING = 8_000;
const LOOKING = 45_000;
/** Of a size that Chromium sends at this rate at once, on its own as beside smaller ones: what both engines get is the same. */
const PUBLISHER: Persona = { ...DIANE, key: "diane-360", grainy: 360 };
const WATCHERS = ["Bob Martin", "Anne Dubois"];

measure("freezes on lines that lose packets", async ({ room, box }) => {
  const claire = await room.organizerInside();
  const diane = await room.letIn(await Guest.open(box, PUBLISHER, "Diane Petit"), claire);
  const lines: Line[] = [];
  const ours: Page[] = [];
  for (const name of WATCHERS) {
    const line = await room.line();
    lines.push(line);
    ours.push((await room.guestInside(claire, name, "nothing", line)).page);
  }
  // One picture is enough of what the machine has to encode.
  await claire.hangUp();
  await claire.close();
  const janus = await Janus.start();
  const browsers: Browser[] = [];
  try {
    const publisher = await Browser.start(box.authority, PUBLISHER);
    browsers.push(publisher);
    const page = await barePage(publisher);
    await diane.page.waitForTimeout(5_000);
    await answered(page, await janus.publish(await offerCamera(page, await sizes(diane))));
    const theirs: Page[] = [];
    for (const line of lines) {
      const browser = await Browser.start(box.authority, null, "camera and microphone", line);
      browsers.push(browser);
      const watching = await barePage(browser);
      await janus.watch((offer) => show(watching, offer));
      theirs.push(watching);
    }
    const found: Found[] = [];
    for (const loss of LOSSES) {
      for (const line of lines) await line.set({ down: { loss, delay: DELAY }, up: { loss, delay: DELAY } });
      await page.waitForTimeout(SETTLING);
      const [us, them] = await Promise.all([look(ours), look(theirs)]);
      found.push({ loss, ours: us, janus: { name: `Janus ${janus.version}`, ...them } });
    }
    console.log(`  watched: ${JSON.stringify(found)}`);
    for (const { ours: us, janus: them } of found) comparable(us, them);
    keep("losses", { delay_ms: DELAY * 1000, watchers: WATCHERS.length, found });
  } finally {
    await diane.close();
    await Promise.all(browsers.map((browser) => browser.close()));
    await janus.stop();
  }
});

type Look = Freezing & { frozen_share: number };
interface Found {
  readonly loss: number;
  readonly ours: Look;
  readonly janus: Look & { readonly name: string };
}

/** Who gets less to show loses less of it. */
function comparable(ours: Look, theirs: Look): void {
  const { rows, kbps } = ours;
  if (rows === theirs.rows && Math.abs(kbps / theirs.kbps - 1) < 0.25) return;
  const seen = `${rows} rows at ${kbps.toFixed(0)} kb/s, and of the peer ${theirs.rows} at ${theirs.kbps.toFixed(0)}`;
  throw new Error(
    `not the same stream was watched: ${seen}\n  what to do: run it again while nothing else runs`,
  );
}

/**
 * What a page sends of its camera now, as another one would offer it: with the sizes that nobody watches switched off. The largest
 * first: Janus takes the first for that, and gives it to who watches.
 */
async function sizes(guest: Guest): Promise<RTCRtpEncodingParameters[]> {
  return await guest.page.evaluate(() => {
    const { connections = [] } = globalThis as { connections?: RTCPeerConnection[] };
    const sender = connections
      .at(-1)
      ?.getSenders()
      .find(({ track }) => track?.kind === "video");
    return (sender?.getParameters().encodings ?? [])
      .reverse()
      .map(({ rid, active, maxBitrate, scaleResolutionDownBy }) => ({
        ...(rid ? { rid } : {}),
        ...(active === undefined ? {} : { active }),
        ...(maxBitrate ? { maxBitrate } : {}),
        ...(scaleResolutionDownBy ? { scaleResolutionDownBy } : {}),
      }));
  });
}

/** All watchers of an engine, together. */
async function look(pages: readonly Page[]): Promise<Look> {
  const looks = await Promise.all(
    pages.map(async (page) => {
      const before = await reception(page);
      await page.waitForTimeout(LOOKING);
      return between(before, await reception(page));
    }),
  );
  const sum = (of: (one: Freezing) => number) => looks.reduce((total, one) => total + of(one), 0);
  const mean = (of: (one: Freezing) => number) => sum(of) / looks.length;
  const [seconds, frozen_s] = [sum((one) => one.seconds), sum((one) => one.frozen_s)];
  return {
    seconds,
    frozen_s,
    frozen_share: frozen_s / seconds,
    freezes: sum((one) => one.freezes),
    frames: sum((one) => one.frames),
    held_ms: mean((one) => one.held_ms),
    lost_packets: sum((one) => one.lost_packets),
    nacks: sum((one) => one.nacks),
    plis: sum((one) => one.plis),
    kbps: mean((one) => one.kbps),
    rows: mean((one) => one.rows),
  };
}
