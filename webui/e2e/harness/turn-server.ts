import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { ADDRESS } from "./box.ts";
import { artefacts } from "./paths.ts";
import { eventually } from "./patience.ts";
import { start, stop } from "./programs.ts";

/** A TURN server that shares a secret with the box (coturn), at an address of the clients' side. */
export class TurnServer {
  private constructor(
    private readonly process: ChildProcess,
    readonly address: string,
    readonly port: number,
    readonly secret: string,
  ) {}

  static async start(address: string): Promise<TurnServer> {
    const [port, secret] = [3478, "un-secret-que-la-boite-connait-aussi"];
    const folder = artefacts("turn");
    const log = join(folder, "turn.log");
    rmSync(log, { force: true });
    const parameters = ["-n", "--no-cli", "--no-tls", "--no-dtls", "--log-file=stdout", "--verbose"];
    parameters.push(`--listening-ip=${address}`, `--relay-ip=${address}`, `--listening-port=${port}`);
    parameters.push("--realm=turn.test", "--use-auth-secret", `--static-auth-secret=${secret}`);
    // As docs/install.md has it: to the box, and nowhere else.
    parameters.push("--denied-peer-ip=0.0.0.0-255.255.255.255", `--allowed-peer-ip=${ADDRESS}`);
    parameters.push(`--pidfile=${join(folder, "pid")}`, `--userdb=${join(folder, "users")}`);
    const server = new TurnServer(start("turnserver", parameters, log), address, port, secret);
    await eventually("the TURN server listens", 10_000, () => server.listens());
    return server;
  }

  /** The table of the settings that has the box send browsers here. */
  get settings(): { uris: string[]; secret: string } {
    const uris = ["udp", "tcp"].map((way) => `turn:${this.address}:${this.port}?transport=${way}`);
    return { uris, secret: this.secret };
  }

  async stop(): Promise<void> {
    await stop(this.process);
  }

  private async listens(): Promise<true | undefined> {
    const socket = connect(this.port, this.address);
    try {
      await once(socket, "connect");
      return true;
    } catch {
      return undefined;
    } finally {
      socket.destroy();
    }
  }
}
