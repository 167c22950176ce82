import i18next from "i18next";
import { remember, remembered } from "./bandwidth";
import { browser, type RoomDependencies } from "./dependencies";
import { type Devices, stopTracks, switchTracks } from "./devices";
import { Establishment } from "./establishment";
import type { MediaSession } from "./media";
import { Observable } from "./observable";
import { Retry } from "./retry";
import { Refused, Signalling } from "./signalling";
import { type RoomState, START } from "./state";
import { type Shown, Tiles } from "./tiles";
import type { Decision, Encoding, IceServer, SeatEvent, SeatReply, Slot } from "./wire";

export type { RoomState } from "./state";

/** How long hanging up waits for the box's word, in milliseconds. */
const LEAVE_PATIENCE = 1_500;
/** How long an interruption of the media may heal by itself, in milliseconds. */
const RESTART_PATIENCE = 2_000;

/** So many transports in a row that do not come up are no accident: the user is told what may be done. */
const NO_ACCIDENT = 3;

/** After these refusals the same request is refused again. */
const FINAL = ["not_accepted", "meeting_closed", "unknown_seat", "bad_request"];

const LOST = "media.lost";

/** Why there is no picture of somebody whose camera is on. */
export type Missing = "suspended" | "undecodable";

/** One's place in front of a meeting and in it: everything that happens, without a view. */
export class Room {
  readonly state = new Observable<RoomState>(START);
  readonly #signalling: Signalling;
  readonly #entering: Retry;
  readonly #establishment: Establishment;
  readonly #tiles: Tiles;
  #media: MediaSession | null = null;
  /** One's own screen, while it is shown to all. */
  #screen: MediaStream | null = null;
  /** What of one's own pictures is to be sent, as the box told last. */
  #encodings: readonly Encoding[] = [];
  /** Whether picture and sound were lost and do not flow again yet. */
  #lost = false;
  #closed = false;
  #choosing = false;
  #negotiating = Promise.resolve();

  constructor(
    seatToken: string,
    private readonly uses: RoomDependencies = browser(),
  ) {
    this.#entering = new Retry(
      uses.timers,
      () => this.#enterAgain(),
      (error) => this.#mayBeTriedAgain(error),
    );
    this.#establishment = new Establishment(uses.timers, (missed) => this.#isLate(missed));
    this.#tiles = new Tiles(
      uses.timers,
      () => (!this.#closed && this.state.get().stage?.name === "inside" ? this.state.get().slots : []),
      (tiles) => this.#signalling.request({ type: "show_tiles", tiles }),
    );
    this.#signalling = new Signalling(seatToken, uses.socket, uses.timers, {
      event: (event) => this.#event(event),
      connected: (connected) => this.#set({ connected }),
      over: () => this.#ends({ gone: "unknown" }),
    });
    this.#set({ bandwidth: remembered(uses.memory) });
    void this.#openDevices();
  }

  /** What a slot carries, whoever it is just now; null before the media exists. */
  slot(mid: string): MediaStream | null {
    return this.#media?.slot(mid) ?? null;
  }

  /** What a tile plays, by the slot that carries it. */
  stream(shown: Shown): MediaStream | null {
    const slot = this.#slotOf(shown);
    return slot ? this.slot(slot.mid) : null;
  }

  /** Why a picture is left out: the line to here does not carry it besides the sound, or this browser does not take its codec. */
  missing(shown: Shown): Missing | null {
    const { suspended = false, undecodable = false } = this.#slotOf(shown) ?? {};
    if (undecodable) return "undecodable";
    return suspended ? "suspended" : null;
  }

  /** A picture is shown with so many rows of the screen: the box sends it in that size. */
  shows(shown: Shown, rows: number): void {
    this.#tiles.shows(shown, rows);
  }

  #slotOf({ seat, content }: Shown): Slot | undefined {
    const isIt = (one: Slot) => one.kind === "video" && one.seat === seat && one.content === content;
    return this.state.get().slots.find(isIt);
  }

  /** «Rejoindre la réunion». */
  async join(): Promise<void> {
    this.uses.mark("tabellion:join-click");
    this.#set({ joining: true, problem: null });
    try {
      await this.#enter();
    } catch (error) {
      this.#fails(error);
    }
    this.#set({ joining: false });
  }

  toggleMicrophone(): void {
    this.#toggle({ microphone: !this.state.get().microphone });
  }

  toggleCamera(): void {
    this.#toggle({ camera: !this.state.get().camera });
  }

  /** «Limitation bande passante», both ways: kb/s; null: no limit. Kept on this device. */
  limitBandwidth(kbps: number | null): void {
    remember(this.uses.memory, kbps);
    this.#set({ bandwidth: kbps });
    const media = this.#media;
    media?.limit(kbps).catch((error) => {
      if (this.#media === media) this.#fails(error);
    });
    if (this.state.get().stage?.name !== "inside") return;
    this.#signalling.request({ type: "limit_bandwidth", kbps }).catch((error) => {
      // Where picture and sound are lost, the box is told as they come back.
      if (!this.#lost) this.#fails(error);
    });
  }

  /** Shows a screen to all, or no longer. */
  async toggleScreen(): Promise<void> {
    // Its choice takes the user a while; a second click meanwhile asks for nothing else.
    if (this.#choosing) return;
    this.#choosing = true;
    try {
      if (this.#screen) await this.#unshare();
      else await this.#share(await this.uses.screen());
    } catch (error) {
      this.#set({ problem: error instanceof Refused ? error.message : i18next.t("media.notShared") });
    } finally {
      this.#choosing = false;
    }
  }

  async #share(screen: MediaStream | null): Promise<void> {
    const media = this.#media;
    if (!screen) return;
    if (!media || this.#closed || this.state.get().stage?.name !== "inside") {
      stopTracks(screen);
      return;
    }
    this.#screen = screen;
    // The browser's own bar has a button to stop, too.
    for (const track of screen.getVideoTracks())
      track.onended = () => this.#unshare().catch((error) => this.#fails(error));
    try {
      await media.share(screen);
      await this.#renegotiate(media, () => media.reoffer());
      if (this.#screen === screen) this.#set({ sharing: true });
    } catch (error) {
      // A transport that took this one's place has taken the screen over.
      if (this.#media === media) await this.#unshare();
      throw error;
    }
  }

  async #unshare(): Promise<void> {
    const screen = this.#screen;
    if (!screen) return;
    this.#screen = null;
    stopTracks(screen);
    this.#set({ sharing: false });
    const media = this.#media;
    if (!media) return;
    await media.unshare();
    await this.#renegotiate(media, () => media.reoffer());
  }

  /** One offer after the other: a second one must wait for the first one's answer. */
  #renegotiate(media: MediaSession, makeOffer: () => Promise<string>): Promise<void> {
    // One that failed was told to whoever asked for it.
    this.#negotiating = this.#negotiating
      .catch(() => {})
      .then(async () => {
        if (this.#media !== media) return;
        const offer = await makeOffer();
        // As offered: what is shared, or no longer, since then is in the next offer.
        const { slides } = media;
        const reply = await this.#signalling.request({ type: "renegotiate", offer, slides });
        if (this.#media === media) await this.#answered(media, reply);
      });
    return this.#negotiating;
  }

  decide(seat: number, decision: Decision): void {
    this.#signalling.request({ type: "decide", seat, decision }).catch((error) => this.#fails(error));
  }

  /** «Raccrocher», or «Annuler la demande». Ends here at once where the box cannot be told. */
  async leave(): Promise<void> {
    const { stage, connected } = this.state.get();
    if (connected) {
      const told = this.#signalling
        .request({ type: stage?.name === "waiting" ? "cancel" : "leave" })
        .catch((error) => this.#fails(error));
      await Promise.race([told, this.#patience(LEAVE_PATIENCE)]);
    }
    this.close();
  }

  close(): void {
    this.#signalling.close();
    this.#release();
  }

  /** Nobody is seen or heard from here any more: the camera's lamp goes out. */
  #release(): void {
    this.#closed = true;
    this.#establishment.stop();
    this.#media?.close();
    this.#media = null;
    const { devices } = this.state.get();
    if (devices) stopTracks(devices.stream);
    if (this.#screen) stopTracks(this.#screen);
    this.#screen = null;
  }

  async #openDevices(): Promise<void> {
    const devices = await this.uses.devices();
    if (this.#closed) {
      // The user left while the browser still asked.
      stopTracks(devices.stream);
      return;
    }
    this.#set({ devices });
    this.#switchOff({ microphone: devices.microphone === null, camera: devices.camera === null });
    if (!this.#media) this.#prepare(devices);
    if (this.state.get().stage?.name === "inside") await this.#entering.run();
  }

  #prepare(devices: Devices): MediaSession {
    const media: MediaSession = this.uses.media(devices.stream, {
      iceServers: () => this.#iceServers(),
      interrupted: () => void this.#restart(media),
      failed: () => this.#failed(),
      connected: () => this.#recovered(),
      changed: () => {
        this.#renegotiate(media, () => media.reoffer()).catch((error) => this.#fails(error));
      },
    });
    this.#media = media;
    media.limit(this.state.get().bandwidth).catch((error) => this.#fails(error));
    // What was shown to all goes on over the new transport.
    const shared = this.#screen ? media.share(this.#screen) : Promise.resolve();
    shared.then(() => this.#offerAhead()).catch((error) => this.#fails(error));
    return media;
  }

  /** Makes the offer before the click, whose cost is then the answer's way back alone; but not for who may not enter yet. */
  #offerAhead(): void {
    const stage = this.state.get().stage?.name;
    if (stage !== "accepted" && stage !== "inside") return;
    const media = this.#media;
    media?.offer().catch((error) => {
      // A transport that was given up meanwhile offers nothing.
      if (this.#media === media) this.#fails(error);
    });
  }

  /** Without an answer, direct ways may do. */
  async #iceServers(): Promise<IceServer[]> {
    try {
      const reply = await this.#signalling.request({ type: "ice_servers" });
      return reply.type === "ice_servers" ? reply.servers : [];
    } catch {
      return [];
    }
  }

  async #enter(): Promise<void> {
    const { devices } = this.state.get();
    if (!devices) return;
    const media = this.#media ?? this.#prepare(devices);
    const entered = (async () => {
      const offer = await media.offer();
      const { slides } = media;
      const { microphone, camera, bandwidth: limit_kbps } = this.state.get();
      const enter = { type: "enter", offer, slides, microphone, camera, limit_kbps } as const;
      const reply = await this.#signalling.request(enter);
      await this.#answered(media, reply);
    })();
    // Further offers wait for this one's answer.
    this.#negotiating = entered.catch(() => {});
    await entered;
    if (this.#screen) this.#set({ sharing: true });
    this.#tiles.forgotten();
  }

  async #answered(media: MediaSession, reply: SeatReply): Promise<void> {
    if (reply.type === "answer") await media.answer(reply.answer);
    if (this.#media === media && !media.flows) this.#establishment.begin();
    // Of what was told before, a new connection knows nothing.
    if (this.#media === media) this.#send(this.#encodings);
    // Slots may have come before the answer: the views look again.
    this.#set({});
  }

  /** The network has changed or falters: another way to the box, with the same media. */
  async #restart(media: MediaSession): Promise<void> {
    if (this.#media !== media || this.state.get().stage?.name !== "inside") return;
    this.#lost = true;
    this.#set({ problem: i18next.t(LOST) });
    // The same network carries both.
    this.#signalling.check();
    // Most interruptions end by themselves; a restart then would only disturb.
    await this.#patience(RESTART_PATIENCE);
    if (this.#media !== media || media.flows || this.state.get().stage?.name !== "inside") return;
    try {
      await this.#renegotiate(media, () => media.restart());
    } catch {
      // The box does not know this transport any more.
      if (this.#media === media) this.#recover(i18next.t(LOST));
    }
  }

  #patience(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.uses.timers.after(milliseconds, resolve));
  }

  /** One that fails before it has carried anything is replaced when its time is over: the next one would fail as soon. */
  #failed(): void {
    if (!this.#establishment.underWay) this.#recover(i18next.t(LOST));
  }

  /** The transport that the box has answered has not come up. */
  #isLate(missed: number): void {
    // The same network carries both.
    this.#signalling.check();
    this.#recover(i18next.t(missed < NO_ACCIDENT ? "media.late" : "media.unreachable"));
  }

  /** The transport is lost: a new one, in the same seat, and the user is told until it carries. */
  #recover(problem: string): void {
    this.#establishment.stop();
    this.#media?.close();
    this.#media = null;
    if (this.state.get().stage?.name !== "inside") return;
    this.#lost = true;
    this.#set({ problem });
    void this.#entering.run();
  }

  #recovered(): void {
    this.#establishment.succeeds();
    if (!this.#lost) return;
    this.#lost = false;
    this.#set({ problem: null });
  }

  /** With a new transport where the last attempt's did not come to be. */
  async #enterAgain(): Promise<void> {
    if (this.#closed || this.state.get().stage?.name !== "inside") return;
    const entered = this.#enter();
    // The transport of this attempt; a later attempt may have another one when this one fails.
    const media = this.#media;
    try {
      await entered;
    } catch (error) {
      media?.close();
      if (this.#media === media) this.#media = null;
      throw error;
    }
  }

  #mayBeTriedAgain(error: unknown): boolean {
    if (this.#closed) return false;
    this.#lost = true;
    const passes = error instanceof Refused && !FINAL.includes(error.code);
    // The box's words are for somebody who has to click again; here it goes on by itself.
    if (passes) this.#set({ problem: this.state.get().problem ?? i18next.t(LOST) });
    else this.#fails(error);
    return passes || !(error instanceof Refused);
  }

  #toggle(change: { microphone?: boolean; camera?: boolean }): void {
    this.#set(change);
    this.#applySwitches();
    const { microphone, camera, stage } = this.state.get();
    if (stage?.name === "inside")
      this.#signalling
        .request({ type: "media_state", microphone, camera })
        .catch((error) => this.#fails(error));
  }

  /** What is not to be on stays off, whatever else is said of it later. */
  #switchOff(on: { microphone: boolean; camera: boolean }): void {
    const { microphone, camera } = this.state.get();
    this.#set({ microphone: microphone && on.microphone, camera: camera && on.camera });
    this.#applySwitches();
  }

  #applySwitches(): void {
    const { devices, microphone, camera } = this.state.get();
    if (devices) switchTracks(devices.stream, { microphone, camera });
  }

  #event(event: SeatEvent): void {
    switch (event.type) {
      case "welcome": {
        const { me, meeting, stage, participants, queue, slots, encodings, speaker = null } = event;
        const first = this.state.get().me === null;
        this.#set({ me, meeting, stage, participants, queue, slots, speaker });
        this.#tiles.changed();
        this.#send(encodings);
        if (first && stage.name === "inside") this.#reloaded();
        this.#offerAhead();
        break;
      }
      case "meeting":
        this.#set({ meeting: event.meeting });
        break;
      case "stage":
        if (event.stage.name === "ended") this.#ends({ stage: event.stage });
        else this.#set({ stage: event.stage });
        this.#offerAhead();
        break;
      case "participants":
        this.#set({ participants: event.participants });
        break;
      case "queue":
        this.#set({ queue: event.queue });
        break;
      case "slots":
        this.#set({ slots: event.slots });
        this.#tiles.changed();
        break;
      case "speaker":
        this.#set({ speaker: event.seat });
        break;
      case "encodings":
        this.#send(event.encodings);
        break;
      case "media_lost":
        this.#recover(event.message);
        break;
      case "replaced":
        this.#ends({ gone: "replaced" });
        break;
    }
  }

  /** Sends the sizes of one's own pictures that somebody watches, as what all can show. Told none, all are sent. */
  #send(encodings: readonly Encoding[]): void {
    const media = this.#media;
    this.#encodings = encodings;
    if (encodings.length === 0 || !media) return;
    media.send(encodings).catch((error) => {
      // A transport that was given up meanwhile has nothing to send.
      if (this.#media === media) this.#fails(error);
    });
  }

  /** A reload inside the meeting: the seat is kept with what was switched off, the media is new. */
  #reloaded(): void {
    const { me, participants, devices } = this.state.get();
    const own = participants.find((one) => one.seat === me?.seat);
    if (own) this.#switchOff(own);
    if (devices) void this.#entering.run();
  }

  #ends(how: Partial<RoomState>): void {
    this.#release();
    this.#set(how);
  }

  #fails(error: unknown): void {
    const message = error instanceof Refused ? error.message : i18next.t("media.failed");
    this.#set({ problem: message });
  }

  #set(change: Partial<RoomState>): void {
    this.state.update((state) => ({ ...state, ...change }));
  }
}
