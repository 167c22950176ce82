// What `.ci/bench` has measured, as rows with their goals: a table, and target/bench.json. Fails where a goal is missed.

import { readFileSync, writeFileSync } from "node:fs";

const read = (path) => JSON.parse(readFileSync(path, "utf8"));
const load = (scenario) => read(`target/bench/${scenario}.json`);

/** A row whose goal bounds what we measured. */
const alone = (name, unit, ours, goal) =>
  ({ name, unit, ours, peer: null, peer_name: null, ratio: null, goal, at_least: false });
/** A row whose goal bounds what we measured from below. */
const atLeast = (name, unit, ours, goal) => ({ ...alone(name, unit, ours, goal), at_least: true });
/** A row whose goal bounds the ratio to what a peer needs for the same. */
const beside = (name, unit, ours, peer, peer_name, goal) =>
  ({ name, unit, ours, peer, peer_name, ratio: ours === 0 ? 0 : ours / peer, goal, at_least: false });
/** A row that is told beside the others, and has no goal. */
const told = (name, unit, ours) => alone(name, unit, ours, null);
/** Rows beside peers that do the same: the goal bounds the ratio to the one that needs least, the others are told. */
const besideEach = (name, unit, ours, peers, goal) =>
  peers
    .toSorted((one, other) => one.needs - other.needs)
    .map(({ needs, name: peer }, index) => beside(name, unit, ours, needs, peer, index === 0 ? goal : null));

function forwarding() {
  const { watchers, switchboard, januses, floor_us_a_packet: floor } = load("forwarding");
  const needs = (figure) => januses.map((janus) => ({ name: janus.name, needs: janus[figure] }));
  const packet = `CPU of a forwarded packet, ${watchers} receivers`;
  return [
    ...besideEach(packet, "µs", switchboard.cpu_us_a_packet, needs("cpu_us_a_packet"), 0.2),
    beside(`${packet}, against the floor`, "µs", switchboard.cpu_us_a_packet, floor, "AES-GCM and UDP GSO, nothing else", 1.8),
    ...besideEach("memory of a receiver", "KiB", switchboard.memory_kib_a_watcher, needs("memory_kib_a_watcher"), 0.6),
  ];
}

function latency() {
  const { p50_ms, p99_ms } = load("latency");
  const full = "time of a packet in the switchboard at 80 % load";
  return [alone(`${full}, median`, "ms", p50_ms, 0.3), alone(`${full}, 99 of 100`, "ms", p99_ms, 2)];
}

function meeting() {
  const { browsers, cores, received, lost } = load("meeting");
  const of50 = `${browsers} browsers`;
  return [
    alone(`${of50}, nine pictures and three voices each`, "cores", cores, 1),
    alone(`${of50}: packets lost, of ${received}`, "", lost, 0),
  ];
}

function joining() {
  const { alone: first, as_fiftieth: fiftieth } = load("joining");
  return [
    alone("joining alone: offer to first picture, median", "ms", first.median_ms, 150),
    alone("joining alone: offer to first picture, 95 of 100", "ms", first.p95_ms, 300),
    alone("joining as the 50th: offer to first picture, median", "ms", fiftieth.median_ms, 300),
    alone("joining as the 50th: offer to first picture, 95 of 100", "ms", fiftieth.p95_ms, 600),
  ];
}

/** The interface's answers at 100 requests a second, timed by their due moments, and the first page. */
function portal() {
  const { a_second: rate, meetings, calls, small, full, usable_ms: usable } = load("portal");
  const answer = `an answer of the interface at ${rate} requests a second`;
  return [
    alone(`${answer}, demonstration data, 99 of 100`, "ms", small.p99_ms, 50),
    alone(`${answer}, ${meetings} meetings and ${calls} calls, 99 of 100`, "ms", full.p99_ms, 50),
    alone("dashboard usable after its address was opened, empty cache, median", "ms", usable, 1000),
  ];
}

/** What bad lines do, and what a picture's way takes on a good one: `webui/e2e/bench`. */
function losses() {
  const [two, five] = load("losses").found;
  const percent = ({ frozen_share: share }) => share * 100;
  const held = ({ ours, janus }, loss) => beside(`a frame is held back at ${loss} % loss`, "ms", ours.held_ms, janus.held_ms, janus.name, null);
  return [
    beside("frozen at 2 % loss, 50 ms one way", "%", percent(two.ours), percent(two.janus), two.janus.name, 0.5),
    alone("frozen at 2 % loss, 50 ms one way", "%", percent(two.ours), 0.5),
    alone("frozen at 5 % loss, 50 ms one way", "%", percent(five.ours), 2),
    // What fewer freezes cost.
    held(two, 2),
    held(five, 5),
  ];
}

function bandwidth() {
  const { sound, back_ms: back } = load("bandwidth");
  const narrow = "4 → 1 → 4 Mb/s";
  return [
    // What libwebrtc counts as an interruption of the sound (kInterruptionLenMs); what is shorter it makes up.
    alone(`${narrow}: longest gap in the sound`, "ms", sound.longest_gap_ms, 150),
    alone(`${narrow}: 90 % of the former rate`, "s", (back ?? Number.POSITIVE_INFINITY) / 1000, 10),
  ];
}

function blackout() {
  const { back } = load("blackout");
  const slowest = ({ sees, hears, is_seen: seen, is_heard: heard }) =>
    Math.max(...[sees, hears, seen, heard].map((ms) => ms ?? Number.POSITIVE_INFINITY));
  const inTime = back.filter((one) => slowest(one) <= 500).length;
  const dark = `media both ways in 0.5 s after a blackout of 10 s, of ${back.length} times`;
  return [atLeast(dark, "", inTime, back.length)];
}

function restart() {
  const { restarts, frames_lost: lost, gaps_ms: gaps } = load("restart");
  return [
    alone(`${restarts} ICE restarts by the page: frames lost`, "", Math.max(...lost), 0),
    alone("ICE restart by the page: longest gap between frames", "ms", Math.max(...gaps), 150),
  ];
}

function glass() {
  const { rows, p50_ms, p95_ms } = load("glass");
  return [
    alone(`glass to glass, ${rows} rows, median`, "ms", p50_ms, 80),
    told(`glass to glass, ${rows} rows, 95 of 100`, "ms", p95_ms),
  ];
}

function glassThroughTheMix() {
  const { runs, p50_ms, p95_ms } = load("glass-sip");
  const bySip = "glass to glass, browser → mix → room system (SIP)";
  return [
    alone(`${bySip}, median, worst of ${runs.length} runs`, "ms", p50_ms, 120),
    told(`${bySip}, 95 of 100, worst of ${runs.length} runs`, "ms", p95_ms),
  ];
}

function mixCost() {
  const seen = ({ pictures, drawn }) => (pictures === drawn ? "" : `, of which ${drawn} are seen`);
  // Of each round by itself: what disturbs the machine disturbs both sides of it.
  return load("mix-cost").mixes.map((one) => ({
    ...beside(`mix of ${one.pictures} × 720p${seen(one)}`, "cores", one.studio_cores, one.bare_cores, "bare pipeline", 1.1),
    ratio: one.ratio,
  }));
}

function mixPath() {
  const { runs, p50_ms, p95_ms, sound_added_ms, skew_ms, psnr_db } = load("mix-path");
  const worst = `worst of ${runs.length} runs`;
  const through = "picture through the mix, RTP in to RTP out";
  return [
    alone(`${through}, median, ${worst}`, "ms", p50_ms, 25),
    alone(`${through}, 95 of 100, ${worst}`, "ms", p95_ms, 50),
    alone(`sound through the mix: added, ${worst}`, "ms", sound_added_ms, 20),
    alone(`sound through the mix: apart from the picture, ${worst}`, "ms", skew_ms, 45),
    atLeast("mixed picture against its source, luma", "dB", psnr_db, 35),
  ];
}

function mixDisturbances() {
  const { longest_gap_ms: gap, added_ms: added } = load("mix-disturbances");
  return [
    alone("a source comes, goes or changes: longest gap of the others", "ms", gap, 80),
    alone("a source comes, goes or changes: latency of the others after 300 ms, added", "ms", added, 5),
  ];
}

function mixShared() {
  const { other_cores: others, first_cores: first } = load("mix-shared");
  return [beside("second to tenth room system on one picture", "cores", others, first, "the first", 0.05)];
}

/** Who joins over a line that loses packets both ways, by one attempt each: `webui/e2e/bench/joins.bench.ts`. */
function joinsOver(client, name) {
  const { joins, connected, times_ms: times } = load(name);
  const what = `${joins} joins of ${client} at 5 % loss`;
  // Who was not connected took longer than all others.
  const p95 = times[Math.ceil(joins * 0.95) - 1] ?? Number.POSITIVE_INFINITY;
  return [
    atLeast(`${what}: connected`, "", connected, joins),
    alone(`${what}: offer to connection, 95 of 100`, "ms", p95, 2000),
  ];
}

function clicks() {
  const joins = read("target/e2e/smoke.json").joins_ms.slice().sort((a, b) => a - b);
  const median = (joins[Math.floor((joins.length - 1) / 2)] + joins[Math.ceil((joins.length - 1) / 2)]) / 2;
  return [
    alone(`click to first remote picture, median of ${joins.length} joins`, "ms", median, 400),
    alone("click to first remote picture, slowest", "ms", joins.at(-1), 1000),
  ];
}

function start() {
  return [alone("second make run, until its address is printed", "ms", read("target/start.json").second_start_ms, 10_000)];
}

/** By what is measured. One that failed leaves the others' rows as they are. */
const MEASUREMENTS = {
  "a forwarded packet": forwarding,
  "time in the switchboard": latency,
  "a meeting of 50": meeting,
  joining,
  "lines that lose packets": losses,
  "a line that is narrow for a while": bandwidth,
  blackouts: blackout,
  "ICE restarts": restart,
  "glass to glass": glass,
  "glass to glass through the mix": glassThroughTheMix,
  "joins of webrtcbin over a bad line": () => joinsOver("webrtcbin", "joins-webrtcbin"),
  "joins of Chromium over a bad line": () => joinsOver("Chromium", "joins-chromium"),
  "what a mix costs": mixCost,
  "the way through the mix": mixPath,
  "a mix whose sources change": mixDisturbances,
  "a mix for several room systems": mixShared,
  "joins by a click": clicks,
  "the espace client": portal,
  "make run": start,
};

const meets = ({ ours, ratio, goal, at_least }) =>
  goal === null || (at_least ? (ratio ?? ours) >= goal : (ratio ?? ours) <= goal);
const figure = (value) => (value === null ? "–" : value.toFixed(Number.isInteger(value) || value >= 100 ? 0 : 2));

function cells(row) {
  const peer = row.peer === null ? "–" : `${figure(row.peer)} (${row.peer_name})`;
  const goal = row.goal === null ? "–" : `${row.at_least ? "≥" : "≤"} ${row.goal}`;
  const verdict = row.goal === null ? "told" : meets(row) ? "ok" : "MISSED";
  const ours = `${figure(row.ours)} ${row.unit}`.trimEnd();
  return [row.name, ours, peer, figure(row.ratio), goal, verdict];
}

const rows = [];
const missing = [];
for (const [what, measured] of Object.entries(MEASUREMENTS)) {
  try {
    rows.push(...measured());
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    missing.push(what);
  }
}
writeFileSync("target/bench.json", `${JSON.stringify(rows, null, 2)}\n`);
const table = [["", "ours", "peer", "ratio", "goal", "verdict"], ...rows.map(cells)];
const widths = table[0].map((_, column) => Math.max(...table.map((line) => line[column].length)));
for (const line of table) {
  console.log(line.map((cell, column) => cell.padEnd(widths[column])).join("   ").trimEnd());
}
for (const what of missing) console.log(`not measured: ${what}`);
process.exit(rows.every(meets) && missing.length === 0 ? 0 : 1);
