import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { artefacts, REPOSITORY } from "./paths.ts";
import { runToEnd, stop } from "./programs.ts";

/** One way of a line; what is not named is as on a line without limits. */
export interface Way {
  /** Bit/s. */
  rate?: number;
  /** Seconds, one way. */
  delay?: number;
  /** A share of the packets, 0 to 1. */
  loss?: number;
  /** Seconds that a packet waits at most. */
  queue?: number;
  /** Nothing passes. */
  cut?: boolean;
  /** Whether UDP passes: some firms' firewalls let none out. */
  udp?: boolean;
}

let lines = 0;

/** A line of somebody's own to the box, in a namespace of its own (see hw-tests/link). */
export class Line {
  private readonly answers: AsyncIterator<string>;
  private walled = false;

  private constructor(
    private readonly name: string,
    private readonly net: string,
    private readonly link: ChildProcess,
  ) {
    const output = link.stdout as NodeJS.ReadableStream;
    this.answers = createInterface({ input: output })[Symbol.asyncIterator]();
  }

  /** Without limits. @param outside whether its end is on the internet, and not on a private network */
  static async lay(outside = false): Promise<Line> {
    lines += 1;
    const name = `line${lines}`;
    // RFC 5737: an address of nobody.
    const net = outside ? "203.0.113" : `10.78.${lines}`;
    await runToEnd("ip", "netns", "add", name);
    const ends = [
      ["box", `${name}-box`, 1],
      [name, "line", 2],
    ].map(([space, device, host]) => `/run/netns/${space},${device},${net}.${host}/24`);
    const link = spawn(join(REPOSITORY, "hw-tests/link/link"), ends, { stdio: ["pipe", "pipe", "inherit"] });
    const line = new Line(name, net, link);
    await line.expect("ready");
    await runToEnd("ip", "-n", name, "link", "set", "lo", "up");
    await line.route();
    return line;
  }

  /** Whoever is at its end has another address from now on, as after a change of network. */
  async move(): Promise<void> {
    await runToEnd("ip", "-n", this.name, "address", "flush", "dev", "line");
    await runToEnd("ip", "-n", this.name, "address", "add", `${this.net}.3/24`, "dev", "line");
    await this.route();
  }

  private async route(): Promise<void> {
    await runToEnd("ip", "-n", this.name, "route", "replace", "default", "via", `${this.net}.1`);
  }

  /** `down` is from the box. A way that is not named stays as it is. */
  async set(ways: { down?: Way; up?: Way }): Promise<void> {
    this.link.stdin?.write(`${JSON.stringify(ways)}\n`);
    await this.expect("ok");
  }

  /** A firewall on the way lets nothing else out any more: ports of addresses, by TCP. */
  async letOutOnly(...open: readonly { address: string; port: number }[]): Promise<void> {
    const from = `iifname "${this.name}-box"`;
    const rules = open.map(({ address, port }) => `${from} ip daddr ${address} tcp dport ${port} accept;`);
    await this.wall([...rules, `${from} drop;`]);
  }

  /**
   * A firewall on the way swallows for good all that comes from whichever ports send by UDP to this one within so many seconds from now
   * on, and lets nothing to it by TCP; what comes from other ports later passes.
   */
  async swallow(port: number, seconds: number): Promise<void> {
    const from = `iifname "${this.name}-box"`;
    const rules = [
      `${from} tcp dport ${port} drop;`,
      `${from} udp dport ${port} udp sport @swallowed drop;`,
      `${from} udp dport @open add @swallowed { udp sport } drop;`,
    ];
    const [add, type] = [`add set inet ${this.name}`, "type inet_service; flags"];
    const open = `${add} open { ${type} timeout; elements = { ${port} timeout ${seconds}s }; };`;
    await this.wall(rules, `${open} ${add} swallowed { ${type} dynamic; size 64; };`);
  }

  /** A program that starts another one at the line's end. */
  starter(program: string): string {
    const path = join(artefacts("lines"), this.name);
    writeFileSync(path, `#!/bin/sh\nexec nsenter --net=/run/netns/${this.name} ${program} "$@"\n`);
    chmodSync(path, 0o755);
    return path;
  }

  async close(): Promise<void> {
    if (this.walled) await this.nft(`delete table inet ${this.name}`);
    await stop(this.link);
    await runToEnd("ip", "netns", "delete", this.name);
  }

  /** @param sets what the rules name */
  private async wall(rules: readonly string[], sets = ""): Promise<void> {
    const chain = `type filter hook prerouting priority filter; ${rules.join(" ")}`;
    await this.nft(`add table inet ${this.name}; ${sets} add chain inet ${this.name} out { ${chain} }`);
    this.walled = true;
  }

  private async nft(command: string): Promise<void> {
    await runToEnd("nsenter", "--net=/run/netns/box", "nft", command);
  }

  private async expect(wanted: string): Promise<void> {
    const { value } = await this.answers.next();
    if (value !== wanted) throw new Error(`the line says “${value}” instead of “${wanted}”`);
  }
}
