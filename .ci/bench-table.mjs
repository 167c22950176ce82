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

function mediaEngine() {
  const { watchers, switchboard, januses, floor_us_a_packet: floor } = load("forwarding");
  const latency = load("latency");
  const meeting = load("meeting");
  const { alone: first, as_fiftieth: fiftieth } = load("joining");
  const needs = (figure) => januses.map((janus) => ({ name: janus.name, needs: janus[figure] }));
  const packet = `CPU of a forwarded packet, ${watchers} receivers`;
  const of50 = `${meeting.browsers} browsers`;
  const full = "time of a packet in the switchboard at 80 % load";
  return [
    ...besideEach(packet, "µs", switchboard.cpu_us_a_packet, needs("cpu_us_a_packet"), 0.2),
    beside(`${packet}, against the floor`, "µs", switchboard.cpu_us_a_packet, floor, "AES-GCM and UDP GSO, nothing else", 1.8),
    ...besideEach("memory of a receiver", "KiB", switchboard.memory_kib_a_watcher, needs("memory_kib_a_watcher"), 0.6),
    alone(`${full}, median`, "ms", latency.p50_ms, 0.3),
    alone(`${full}, 99 of 100`, "ms", latency.p99_ms, 2),
    alone(`${of50}, nine pictures and three voices each`, "cores", meeting.cores, 1),
    alone(`${of50}: packets lost, of ${meeting.received}`, "", meeting.lost, 0),
    alone("joining alone: offer to first picture, median", "ms", first.median_ms, 150),
    alone("joining alone: offer to first picture, 95 of 100", "ms", first.p95_ms, 300),
    alone("joining as the 50th: offer to first picture, median", "ms", fiftieth.median_ms, 300),
    alone("joining as the 50th: offer to first picture, 95 of 100", "ms", fiftieth.p95_ms, 600),
  ];
}

/** What bad lines do, and what a picture's way takes on a good one: `webui/e2e/bench`. */
function badLines() {
  const [two, five] = load("losses").found;
  const bandwidth = load("bandwidth");
  const blackout = load("blackout").back;
  const restart = load("restart");
  const glass = load("glass");
  const sip = load("glass-sip");
  const percent = ({ frozen_share: share }) => share * 100;
  const slowest = ({ sees, hears, is_seen: seen, is_heard: heard }) =>
    Math.max(...[sees, hears, seen, heard].map((ms) => ms ?? Number.POSITIVE_INFINITY));
  const inTime = blackout.filter((one) => slowest(one) <= 500).length;
  const dark = `media both ways in 0.5 s after a blackout of 10 s, of ${blackout.length} times`;
  const bySip = "glass to glass, browser → mix → room system (SIP)";
  const narrow = "4 → 1 → 4 Mb/s";
  return [
    beside("frozen at 2 % loss, 50 ms one way", "%", percent(two.ours), percent(two.janus), two.janus.name, 0.5),
    alone("frozen at 2 % loss, 50 ms one way", "%", percent(two.ours), 0.5),
    alone("frozen at 5 % loss, 50 ms one way", "%", percent(five.ours), 2),
    // What libwebrtc counts as an interruption of the sound (kInterruptionLenMs); what is shorter it makes up.
    alone(`${narrow}: longest gap in the sound`, "ms", bandwidth.sound.longest_gap_ms, 150),
    alone(`${narrow}: 90 % of the former rate`, "s", (bandwidth.back_ms ?? Number.POSITIVE_INFINITY) / 1000, 10),
    atLeast(dark, "", inTime, blackout.length),
    alone(`${restart.restarts} ICE restarts by the page: frames lost`, "", Math.max(...restart.frames_lost), 0),
    alone("ICE restart by the page: longest gap between frames", "ms", Math.max(...restart.gaps_ms), 150),
    alone(`glass to glass, ${glass.rows} rows, median`, "ms", glass.p50_ms, 80),
    told(`glass to glass, ${glass.rows} rows, 95 of 100`, "ms", glass.p95_ms),
    alone(`${bySip}, median, worst of ${sip.runs.length} runs`, "ms", sip.p50_ms, 120),
    told(`${bySip}, 95 of 100, worst of ${sip.runs.length} runs`, "ms", sip.p95_ms),
  ];
}

function mix() {
  const { mixes } = load("mix-cost");
  const path = load("mix-path");
  const disturbances = load("mix-disturbances");
  const shared = load("mix-shared");
  const seen = ({ pictures, drawn }) => (pictures === drawn ? "" : `, of which ${drawn} are seen`);
  const worst = `worst of ${path.runs.length} runs`;
  const through = "picture through the mix, RTP in to RTP out";
  return [
    // Of each round by itself: what disturbs the machine disturbs both sides of it.
    ...mixes.map((one) => ({
      ...beside(`mix of ${one.pictures} × 720p${seen(one)}`, "cores", one.studio_cores, one.bare_cores, "bare pipeline", 1.1),
      ratio: one.ratio,
    })),
    alone(`${through}, median, ${worst}`, "ms", path.p50_ms, 25),
    alone(`${through}, 95 of 100, ${worst}`, "ms", path.p95_ms, 50),
    alone("a source comes, goes or changes: longest gap of the others", "ms", disturbances.longest_gap_ms, 80),
    alone("a source comes, goes or changes: latency of the others after 300 ms, added", "ms", disturbances.added_ms, 5),
    alone(`sound through the mix: added, ${worst}`, "ms", path.sound_added_ms, 20),
    alone(`sound through the mix: apart from the picture, ${worst}`, "ms", path.skew_ms, 45),
    atLeast("mixed picture against its source, luma", "dB", path.psnr_db, 35),
    beside("second to tenth room system on one picture", "cores", shared.other_cores, shared.first_cores, "the first", 0.05),
  ];
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

function product() {
  const joins = read("target/e2e/smoke.json").joins_ms.slice().sort((a, b) => a - b);
  const median = (joins[Math.floor((joins.length - 1) / 2)] + joins[Math.ceil((joins.length - 1) / 2)]) / 2;
  return [
    alone(`click to first remote picture, median of ${joins.length} joins`, "ms", median, 400),
    alone("click to first remote picture, slowest", "ms", joins.at(-1), 1000),
    alone("second make run, until its address is printed", "ms", read("target/start.json").second_start_ms, 10_000),
  ];
}

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

const joins = [...joinsOver("webrtcbin", "joins-webrtcbin"), ...joinsOver("Chromium", "joins-chromium")];
const rows = [...mediaEngine(), ...badLines(), ...joins, ...mix(), ...product()];
writeFileSync("target/bench.json", `${JSON.stringify(rows, null, 2)}\n`);
const table = [["", "ours", "peer", "ratio", "goal", "verdict"], ...rows.map(cells)];
const widths = table[0].map((_, column) => Math.max(...table.map((line) => line[column].length)));
for (const line of table) {
  console.log(line.map((cell, column) => cell.padEnd(widths[column])).join("   ").trimEnd());
}
process.exit(rows.every(meets) ? 0 : 1);
