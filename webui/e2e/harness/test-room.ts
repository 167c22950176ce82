import type { Api, PermanentMeeting } from "./api.ts";
import { ADDRESS, type Box } from "./box.ts";
import type { Allowed } from "./browser.ts";
import { DEVICE, DEVICE_NAME, MEETING, ORGANIZER, PASSWORD } from "./demonstration.ts";
import { Guest } from "./guest.ts";
import { Line } from "./line.ts";
import { Organizer } from "./organizer.ts";
import { ANNE, BOB, DIANE, type Persona } from "./people.ts";
import { RoomSystem, type RoomSystemOptions } from "./room-system.ts";

/** Who the guests are; their colours and tones differ. */
const GUESTS: Record<string, Persona> = { "Bob Martin": BOB, "Anne Dubois": ANNE, "Diane Petit": DIANE };

/** A permanent meeting and those who come to it. All of them leave when it is closed. */
export class TestRoom {
  private readonly present: { close(): Promise<void> }[] = [];
  private readonly lines: Line[] = [];

  private constructor(
    readonly box: Box,
    readonly api: Api,
    private readonly cookie: string,
    readonly meeting: PermanentMeeting,
    /** The code that guests and room systems give. */
    readonly code: string,
    private readonly temporary: boolean,
  ) {}

  /** A new meeting of its own, so that nobody of an earlier test is in it. */
  static async open(box: Box, name: string): Promise<TestRoom> {
    const { api, cookie } = await office(box);
    const meeting = await api.createMeeting({ description: name, active: true, code: MEETING.code });
    return new TestRoom(box, api, cookie, meeting, MEETING.code, true);
  }

  /** The demonstration's own meeting. */
  static async demonstration(box: Box): Promise<TestRoom> {
    const { api, cookie } = await office(box);
    const { items } = (await api.expect("GET", "/api/permanent-meetings?sort=name&page=1")) as {
      items: PermanentMeeting[];
    };
    const meeting = items.find(({ number }) => number === MEETING.number);
    if (!meeting) throw new Error(`the box has no meeting ${MEETING.number}`);
    return new TestRoom(box, api, cookie, meeting, MEETING.code, false);
  }

  /** The organizer, logged in; nowhere yet. */
  async organizer(): Promise<Organizer> {
    return this.keep(await Organizer.open(this.box, this.cookie));
  }

  /** The organizer, in the meeting. */
  async organizerInside(): Promise<Organizer> {
    const organizer = await this.organizer();
    await organizer.openWaitingRoom(this.meeting.name);
    await organizer.join();
    return organizer;
  }

  /** A guest, before the link is followed. */
  async guest(name = "Bob Martin", allowed?: Allowed, line?: Line): Promise<Guest> {
    return this.keep(await Guest.open(this.box, personaOf(name), name, allowed, line));
  }

  /** A guest, let in by the organizer. */
  async guestInside(
    organizer: Organizer,
    name = "Bob Martin",
    allowed?: Allowed,
    line?: Line,
  ): Promise<Guest> {
    return await this.letIn(await this.guest(name, allowed, line), organizer);
  }

  /** A guest whose browser is a Firefox without H.264, let in by the organizer. */
  async firefoxInside(organizer: Organizer, name = "Anne Dubois"): Promise<Guest> {
    const guest = this.keep(await Guest.openFirefox(this.box, personaOf(name), name));
    return await this.letIn(guest, organizer);
  }

  /** A guest who has come, let in by the organizer. */
  async letIn(guest: Guest, organizer: Organizer): Promise<Guest> {
    await guest.follow(this.meeting.link);
    await guest.ask(this.code);
    await organizer.accept(guest.name);
    await guest.accepted();
    await guest.join();
    return guest;
  }

  /** A line for somebody who is not in the office, nor, `outside`, on any private network; it goes with the room. */
  async line(outside = false): Promise<Line> {
    const line = await Line.lay(outside);
    this.lines.push(line);
    return line;
  }

  /** The office's room system, registered. */
  async roomSystem(options: Partial<RoomSystemOptions> = {}): Promise<RoomSystem> {
    const transport = options.transport ?? "udp";
    const common = { label: `${this.meeting.number}-${transport}`, box: ADDRESS, ca: this.box.authority };
    return this.keep(await RoomSystem.start({ ...common, name: DEVICE_NAME, device: DEVICE, ...options }));
  }

  /** The room system, let in by the organizer. */
  async roomSystemInside(organizer: Organizer): Promise<RoomSystem> {
    const system = await this.roomSystem();
    await system.dial(this.meeting.number);
    await system.answered();
    await system.press(this.code);
    await organizer.accept(system.name);
    return system;
  }

  /** Everybody's screen, for the artefacts of a test that failed. */
  async screenshots(folder: string): Promise<void> {
    for (const [index, someone] of this.present.entries()) {
      if (someone instanceof RoomSystem) continue;
      const { page, persona } = someone as Guest | Organizer;
      await page.screenshot({ path: `${folder}/${index}-${persona.key}.png` }).catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.present.splice(0).map((someone) => someone.close()));
    await Promise.all(this.lines.splice(0).map((line) => line.close()));
    // The table stays on one page. A test may have deleted it already.
    if (this.temporary) await this.api.call("DELETE", `/api/permanent-meetings/${this.meeting.id}`);
  }

  private keep<T extends { close(): Promise<void> }>(someone: T): T {
    this.present.push(someone);
    return someone;
  }
}

function personaOf(name: string): Persona {
  const persona = GUESTS[name];
  if (!persona) throw new Error(`no colour and tone for ${name}`);
  return persona;
}

/** One login a box: a code counts once, and another SMS comes only after a minute. */
const offices = new WeakMap<Box, Promise<{ api: Api; cookie: string }>>();

function office(box: Box): Promise<{ api: Api; cookie: string }> {
  const known = offices.get(box);
  if (known) return known;
  const api = box.api();
  const opened = api.logIn(ORGANIZER.login, PASSWORD).then((cookie) => ({ api, cookie }));
  offices.set(box, opened);
  return opened;
}
