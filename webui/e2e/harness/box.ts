import type { ChildProcess } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Api, unlessHungUp } from "./api.ts";
import { Deaths } from "./deaths.ts";
import { artefacts, REPOSITORY } from "./paths.ts";
import { eventually } from "./patience.ts";
import { start, stop } from "./programs.ts";

/** The box's address in the tests' network (see network.sh). */
export const ADDRESS = "10.77.0.1";
export const HTTPS_PORT = 8443;
/** Where the guests' pages are, and nothing else. */
export const GUESTS_PORT = 8444;
export const MEDIA_PORT = 7000;
const PORTS = {
  "--https-port": `${HTTPS_PORT}`,
  "--guests-port": `${GUESTS_PORT}`,
  "--sip-port": "5060",
  "--sips-port": "5061",
  "--media-port": `${MEDIA_PORT}`,
};
/** A first start makes the database and hashes passwords, and builds for debugging are slow. */
const START_LIMIT = 60_000;

/** The programs that a box is made of and that `tabellion demo` names. */
export type Program = "control" | "media" | "studios";

/** A whole appliance with demonstration data, in the box's side of the network. */
export class Box {
  readonly url = `https://${ADDRESS}:${PORTS["--https-port"]}`;
  private readonly pids = new Map<string, number>();
  private readonly killed = new Map<string, number>();
  /** What has ended by itself. */
  readonly deaths = new Deaths();

  private constructor(
    private readonly process: ChildProcess,
    readonly state: string,
    readonly log: string,
  ) {}

  /**
   * Starts one with fresh data; one box at a time, for its address is fixed.
   *
   * @param programs the folder of its programs
   */
  static async start(label = "box", programs = join(REPOSITORY, "target/debug")): Promise<Box> {
    const state = artefacts(label, "state");
    rmSync(state, { recursive: true });
    const log = join(artefacts(label), "box.log");
    rmSync(log, { force: true });
    const parameters = ["--net=/run/netns/box", join(programs, "tabellion"), "demo", "--json"];
    parameters.push("--state", state, "--pages", join(REPOSITORY, "webui/dist"), "--address", ADDRESS);
    parameters.push("--updater", join(state, "firmware"));
    parameters.push(...Object.entries(PORTS).flat());
    const box = new Box(start("nsenter", parameters, log), state, log);
    await box.ready();
    return box;
  }

  /** The port of guests. */
  readonly guestsUrl = `https://${ADDRESS}:${GUESTS_PORT}`;

  /** The authority that browsers and room systems have to trust. */
  get authority(): string {
    return join(this.state, "ca.pem");
  }

  /** A client of its own for the REST interface. @param from another one of the clients' addresses */
  api(from?: string): Api {
    return new Api(this.url, this.authority, from);
  }

  /** `kill -9`; returns when the process is gone. */
  async kill(program: Program | "studio"): Promise<void> {
    const pid = program === "studio" ? studioPid() : this.pids.get(program);
    if (pid === undefined) throw new Error(`no process of ${program} runs`);
    this.killed.set(program, pid);
    this.deaths.expect(pid);
    process.kill(pid, "SIGKILL");
    await eventually(`${program} is dead`, 2000, async () => (isAlive(pid) ? undefined : true));
  }

  /** A program is about to end by itself, in order, and to be started again: that is no crash. */
  expectRestart(program: Program): void {
    const pid = this.pids.get(program);
    if (pid === undefined) throw new Error(`no process of ${program} runs`);
    this.killed.set(program, pid);
    this.deaths.expect(pid);
  }

  /** Waits until a program that was killed has been started again. */
  async started(program: Program): Promise<void> {
    const before = this.killed.get(program);
    await eventually(`${program} is started again`, 10_000, async () =>
      this.pids.get(program) !== before ? true : undefined,
    );
  }

  /** Kills a program, keeps it dead while `during` runs, and waits until it has been started again. */
  async without(program: Program, during: () => Promise<void>): Promise<void> {
    // A supervisor that stands still starts nothing.
    this.process.kill("SIGSTOP");
    try {
      await this.kill(program);
      await during();
    } finally {
      this.process.kill("SIGCONT");
    }
    await this.started(program);
  }

  /** Whether control answers; false where nobody listens, or nobody any more. */
  async isServing(): Promise<boolean> {
    const { status } = await this.api().call("GET", "/api/health").catch(unlessHungUp);
    return status === 200;
  }

  /** The process of the room that has a studio; undefined where none has. */
  get studio(): number | undefined {
    return studioPid();
  }

  /** How many threads a program has. */
  threads(program: Program): number {
    return readdirSync(`/proc/${this.pids.get(program)}/task`).length;
  }

  async stop(): Promise<void> {
    await stop(this.process, 15_000);
  }

  /** What has ended by itself since `mark`, which {@link Deaths.mark} gave: nothing, in a test that goes well. */
  crashesSince(mark: number): readonly string[] {
    // One that died in this moment has not been missed by anybody else yet.
    for (const [program, pid] of this.pids) if (!isAlive(pid)) this.deaths.of(program, pid);
    return this.deaths.since(mark);
  }

  private async ready(): Promise<void> {
    let running = false;
    const lines = createInterface({ input: this.process.stdout as NodeJS.ReadableStream });
    lines.on("line", (line) => {
      if (!line.startsWith("{")) return;
      const fact = JSON.parse(line) as {
        ready?: true;
        pids?: Record<string, number>;
        restarted?: string;
        pid?: number;
      };
      for (const [name, pid] of Object.entries(fact.pids ?? {})) this.pids.set(name, pid);
      if (fact.restarted !== undefined) this.deaths.of(fact.restarted, this.pids.get(fact.restarted));
      if (fact.restarted !== undefined && fact.pid !== undefined) this.pids.set(fact.restarted, fact.pid);
      if (fact.ready) running = true;
    });
    const words = createInterface({ input: this.process.stderr as NodeJS.ReadableStream });
    words.on("line", (line) => {
      const studio = studioEnd(line);
      if (studio) this.deaths.of("studio", studio);
    });
    await eventually("the box is ready", START_LIMIT, async () => {
      if (this.process.exitCode !== null)
        throw new Error(`the box ended while starting; its log: ${this.log}\n${tail(this.log)}`);
      return running || undefined;
    });
  }
}

/** The studio of the room that has one: it is started by socket activation, so that nobody announces it. */
function studioPid(): number | undefined {
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const words = readFileSync(`/proc/${entry}/cmdline`, "utf8").split("\0");
      if (words[0]?.endsWith("/tabellion-studio")) return Number(entry);
    } catch {
      // It ended between the listing and the reading.
    }
  }
  return undefined;
}

/** The process of a studio that ended badly, by the word of systemd-socket-activate, which started it. */
function studioEnd(line: string): number | undefined {
  const [, pid, code] = /\bChild (\d+) died with code (\d+)/.exec(line) ?? [];
  return pid !== undefined && code !== "0" ? Number(pid) : undefined;
}

function isAlive(pid: number): boolean {
  try {
    // A zombie is dead.
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

function tail(file: string): string {
  return readFileSync(file, "utf8").split("\n").slice(-15).join("\n");
}
