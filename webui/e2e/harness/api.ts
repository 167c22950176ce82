import { readFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { eventually } from "./patience.ts";

/** An answer of the box. */
export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for
  readonly body: any;
}

/** A mail or SMS that the demonstration shows instead of sending. */
export interface Message {
  readonly id: number;
  readonly kind: "mail" | "sms";
  readonly to: string;
  /** Of a mail. */
  readonly subject: string | null;
  readonly text: string;
}

/** A permanent meeting, as the box lists it. */
export interface PermanentMeeting {
  readonly id: number;
  readonly name: string;
  readonly number: string;
  readonly address: string;
  readonly link: string;
}

/** For whoever asks a box that starts again: its former process may have taken the connection. */
export function unlessHungUp(problem: NodeJS.ErrnoException): { status: 0 } {
  if (problem.code === "ECONNREFUSED" || problem.code === "ECONNRESET") return { status: 0 };
  throw problem;
}

/** The box's REST interface, for what a test needs but does not test. Trusts the box's authority only. */
export class Api {
  private readonly agent: Agent;
  private cookie = "";

  constructor(
    private readonly url: string,
    authority: string,
    localAddress?: string,
  ) {
    const from = localAddress === undefined ? {} : { localAddress };
    this.agent = new Agent({ ca: readFileSync(authority), keepAlive: false, ...from });
  }

  /** The session's cookie, `name=value`; empty before a login. */
  get session(): string {
    return this.cookie;
  }

  /** @param more headers besides */
  async call(
    method: string,
    path: string,
    body?: unknown,
    more: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const text = body === undefined ? "" : JSON.stringify(body);
    const headers: Record<string, string> = { "X-Tabellion": "1", ...more };
    if (this.cookie) headers["Cookie"] = this.cookie;
    if (text) headers["Content-Type"] = "application/json";
    return await new Promise((done, fail) => {
      const asked = request(`${this.url}${path}`, { method, headers, agent: this.agent }, (answer) => {
        // A device's own cookie is no session.
        const cookies = answer.headers["set-cookie"] ?? [];
        const session = cookies.find((cookie) => cookie.startsWith("__Host-tabellion="));
        if (session !== undefined) this.cookie = session.split(";")[0] ?? "";
        const parts: Buffer[] = [];
        answer.on("data", (part: Buffer) => parts.push(part));
        answer.on("end", () => {
          const read = Buffer.concat(parts).toString();
          const json = answer.headers["content-type"]?.includes("json") === true;
          done({ status: answer.statusCode ?? 0, body: json && read ? JSON.parse(read) : read });
        });
      });
      asked.on("error", fail);
      asked.end(text);
    });
  }

  /** As {@link call}; anything but success is an error. */
  async expect(method: string, path: string, body?: unknown): Promise<Answer["body"]> {
    const answer = await this.call(method, path, body);
    if (answer.status >= 300)
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** Confirms a change of the settings, as soon as the box takes that. */
  async confirmSettings({ change, token }: { change: number; token: string }): Promise<void> {
    await eventually("the box takes the confirmation", 20_000, async () => {
      const { status } = await this.call("POST", "/api/system/settings/confirmation", {
        change,
        token,
      }).catch(unlessHungUp);
      return status === 204 ? true : undefined;
    });
  }

  /** Logs in with password and SMS; the session's cookie, `name=value`. */
  async logIn(login: string, password: string): Promise<string> {
    const before = (await this.messages()).length;
    await this.expect("POST", "/api/session", { login, password });
    await this.expect("POST", "/api/session/sms");
    const code = await this.smsCode(before);
    await this.expect("POST", "/api/session/second-factor", { method: "sms", code });
    return this.cookie;
  }

  /** Mails and SMS of the demonstration, newest first. */
  async messages(): Promise<Message[]> {
    return (await this.expect("GET", "/api/demonstration/messages")).messages;
  }

  /** The six digits of the SMS that follows `before` messages. */
  async smsCode(before: number): Promise<string> {
    return await eventually("an SMS with a code", 5000, async () => {
      const messages = await this.messages();
      const sms = messages.slice(0, messages.length - before).find((message) => message.kind === "sms");
      return sms?.text.match(/\b\d{6}\b/)?.[0];
    });
  }

  async createMeeting(meeting: {
    description: string;
    active: boolean;
    code?: string;
  }): Promise<PermanentMeeting> {
    const { description, active, code } = meeting;
    const body = {
      description,
      active,
      code_active: code !== undefined,
      ...(code === undefined ? {} : { code }),
    };
    return await this.expect("POST", "/api/permanent-meetings", body);
  }
}
