import type { ChildProcess } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Api } from "./api.ts";
import { ADDRESS } from "./box.ts";
import { artefacts, REPOSITORY } from "./paths.ts";
import { eventually } from "./patience.ts";
import { start, stop } from "./programs.ts";

const PORT = 9443;
const OTHERS = { sip: 5070, sips: 5071, media: 7070, rtp_from: 21_000, rtp_to: 21_099 };

/** A box out of its carton: control alone, without settings, started again whenever it ends, as the service manager does. */
export class NewBox {
  readonly url = `https://${ADDRESS}:${PORT}`;
  /** What its set-up has to say so that it stays in the tests' network. */
  readonly ports = { https: PORT, ...OTHERS };
  private control: ChildProcess | undefined;
  private ended = false;

  private constructor(private readonly folder: string) {}

  static async start(): Promise<NewBox> {
    const folder = artefacts("new-box");
    rmSync(folder, { recursive: true });
    const box = new NewBox(artefacts("new-box"));
    box.run();
    await eventually("the set-up page is served", 30_000, async () => {
      try {
        return (await box.api().call("GET", "/api/setup")).status === 200 || undefined;
      } catch {
        return undefined;
      }
    });
    return box;
  }

  get authority(): string {
    return join(this.folder, "state/ca.pem");
  }

  /** What the attached screen shows. */
  get code(): string {
    const notice = JSON.parse(readFileSync(join(this.folder, "screen.json"), "utf8")) as {
      code: { code: string };
    };
    return notice.code.code;
  }

  /** The settings that the operating system is told. */
  get published(): { office: { name: string }; network: unknown } {
    return JSON.parse(readFileSync(join(this.folder, "settings.json"), "utf8"));
  }

  api(): Api {
    return new Api(this.url, this.authority);
  }

  async stop(): Promise<void> {
    this.ended = true;
    if (this.control) await stop(this.control);
  }

  private run(): void {
    const file = (name: string) => join(this.folder, name);
    const parameters = ["--net=/run/netns/box", join(REPOSITORY, "target/debug/tabellion"), "serve"];
    parameters.push("--state", file("state"), "--runtime", file("runtime"), "--address", ADDRESS);
    parameters.push("--pages", join(REPOSITORY, "webui/dist"), "--publish", file("settings.json"));
    parameters.push("--screen", file("screen.json"), "--https-port", String(PORT));
    this.control = start("nsenter", parameters, file("box.log"));
    this.control.once("exit", () => {
      if (!this.ended) this.run();
    });
  }
}
