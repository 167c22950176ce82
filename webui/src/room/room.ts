import { type Devices, openDevices } from "./devices";
import { type MediaHandlers, MediaSession } from "./media";
import { Observable } from "./observable";
import { Refused, Signalling, type Socket, type Timers } from "./signalling";
import type { Decision, Me, Meeting, Participant, SeatEvent, SeatReply, Slot, Stage, Waiting } from "./wire";

export interface RoomState {
  /** Whether the box can be reached. */
  connected: boolean;
  /** Known after the first contact. */
  me: Me | null;
  meeting: Meeting | null;
  stage: Stage | null;
  participants: Participant[];
  queue: Waiting[];
  slots: Slot[];
  devices: Devices | null;
  microphone: boolean;
  camera: boolean;
  joining: boolean;
  /** For the user, in French. */
  problem: string | null;
  /** Another page has taken this seat, or the box does not know it any more. */
  gone: "replaced" | "unknown" | null;
}

export interface RoomDependencies {
  socket(): Socket;
  timers: Timers;
  devices(): Promise<Devices>;
  media(local: MediaStream, handlers: MediaHandlers): MediaSession;
  mark(name: string): void;
}

/** How long hanging up waits for the box's word, in milliseconds. */
const LEAVE_PATIENCE = 1_500;
/** How long an interruption of the media may heal by itself, in milliseconds. */
const RESTART_PATIENCE = 2_000;

const START: RoomState = {
  connected: false,
  me: null,
  meeting: null,
  stage: null,
  participants: [],
  queue: [],
  slots: [],
  devices: null,
  microphone: true,
  camera: true,
  joining: false,
  problem: null,
  gone: null,
};

/** One's place in front of a meeting and in it: everything that happens, without a view. */
export class Room {
  readonly state = new Observable<RoomState>(START);
  readonly #signalling: Signalling;
  #media: MediaSession | null = null;

  constructor(
    seatToken: string,
    private readonly uses: RoomDependencies = browser(),
  ) {
    this.#signalling = new Signalling(seatToken, uses.socket, uses.timers, {
      event: (event) => this.#event(event),
      connected: (connected) => this.#set({ connected }),
      over: () => this.#set({ gone: "unknown" }),
    });
    void this.#openDevices();
  }

  /** What a slot carries, whoever it is just now; null before the media exists. */
  slot(mid: string): MediaStream | null {
    return this.#media?.slot(mid) ?? null;
  }

  /** What a participant's tile plays, by the slot that carries it. */
  stream(seat: number, kind: "audio" | "video"): MediaStream | null {
    const slot = this.state.get().slots.find((one) => one.seat === seat && one.kind === kind);
    return slot ? this.slot(slot.mid) : null;
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
    this.#media?.close();
    this.#media = null;
    for (const track of this.state.get().devices?.stream.getTracks() ?? []) track.stop();
  }

  async #openDevices(): Promise<void> {
    const devices = await this.uses.devices();
    this.#set({
      devices,
      microphone: devices.microphone === null,
      camera: devices.camera === null,
    });
    // Before the click: its cost is then the answer's way back alone.
    if (!this.#media) this.#prepare(devices);
    if (this.state.get().stage?.name === "inside") await this.#enter().catch((error) => this.#fails(error));
  }

  #prepare(devices: Devices): MediaSession {
    const media: MediaSession = this.uses.media(devices.stream, {
      interrupted: () => void this.#restart(media),
      failed: () => void this.#recover(),
    });
    this.#media = media;
    media.offer().catch((error) => this.#fails(error));
    return media;
  }

  async #enter(): Promise<void> {
    const { devices, microphone, camera } = this.state.get();
    if (!devices) return;
    const media = this.#media ?? this.#prepare(devices);
    const reply = await this.#signalling.request({
      type: "enter",
      offer: await media.offer(),
      microphone,
      camera,
    });
    await this.#answered(media, reply);
  }

  async #answered(media: MediaSession, reply: SeatReply): Promise<void> {
    if (reply.type === "answer") await media.answer(reply.answer);
    // Slots may have come before the answer: the views look again.
    this.#set({});
  }

  /** The network has changed or falters: another way to the box, with the same media. */
  async #restart(media: MediaSession): Promise<void> {
    // Most interruptions end by themselves; a restart then would only disturb.
    await this.#patience(RESTART_PATIENCE);
    if (this.#media !== media || media.flows || this.state.get().stage?.name !== "inside") return;
    try {
      const reply = await this.#signalling.request({ type: "renegotiate", offer: await media.restart() });
      if (this.#media === media) await this.#answered(media, reply);
    } catch {
      // The box does not know this transport any more.
      if (this.#media === media) await this.#recover();
    }
  }

  #patience(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.uses.timers.after(milliseconds, resolve));
  }

  /** The transport is lost: a new one, in the same seat. */
  async #recover(): Promise<void> {
    this.#media?.close();
    this.#media = null;
    if (this.state.get().stage?.name !== "inside") return;
    await this.#enter().catch((error) => this.#fails(error));
  }

  #toggle(change: { microphone?: boolean; camera?: boolean }): void {
    this.#set(change);
    const { devices, microphone, camera, stage } = this.state.get();
    for (const track of devices?.stream.getAudioTracks() ?? []) track.enabled = microphone;
    for (const track of devices?.stream.getVideoTracks() ?? []) track.enabled = camera;
    if (stage?.name === "inside")
      this.#signalling
        .request({ type: "media_state", microphone, camera })
        .catch((error) => this.#fails(error));
  }

  #event(event: SeatEvent): void {
    switch (event.type) {
      case "welcome": {
        const { me, meeting, stage, participants, queue, slots } = event;
        const first = this.state.get().me === null;
        this.#set({ me, meeting, stage, participants, queue, slots });
        // A reload inside the meeting: the seat is kept, the media is new.
        if (first && stage.name === "inside" && this.state.get().devices)
          void this.#enter().catch((error) => this.#fails(error));
        break;
      }
      case "stage":
        this.#set({ stage: event.stage });
        if (event.stage.name === "ended") this.#media?.close();
        break;
      case "participants":
        this.#set({ participants: event.participants });
        break;
      case "queue":
        this.#set({ queue: event.queue });
        break;
      case "slots":
        this.#set({ slots: event.slots });
        break;
      case "media_lost":
        this.#set({ problem: event.message });
        void this.#recover().then(() => this.#set({ problem: null }));
        break;
      case "replaced":
        this.#set({ gone: "replaced" });
        this.#media?.close();
        break;
    }
  }

  #fails(error: unknown): void {
    const message =
      error instanceof Refused
        ? error.message
        : "Le navigateur n’a pas pu établir l’image et le son. Rechargez la page.";
    this.#set({ problem: message });
  }

  #set(change: Partial<RoomState>): void {
    this.state.update((state) => ({ ...state, ...change }));
  }
}

function browser(): RoomDependencies {
  return {
    socket: () => new WebSocket(`wss://${location.host}/api/seat`) as unknown as Socket,
    timers: {
      after(milliseconds, run) {
        const timer = setTimeout(run, milliseconds);
        return () => clearTimeout(timer);
      },
    },
    devices: () => openDevices(navigator.mediaDevices),
    media: (local, handlers) => new MediaSession(local, handlers),
    mark: (name) => performance.mark(name),
  };
}
