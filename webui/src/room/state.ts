import type { Devices } from "./devices";
import type { Me, Meeting, Participant, Slot, Stage, Waiting } from "./wire";

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
  /** Whose seat speaks, or spoke last. */
  speaker: number | null;
  devices: Devices | null;
  microphone: boolean;
  camera: boolean;
  /** Whether one's own screen is shown to all. */
  sharing: boolean;
  /** The most that is sent, and that is to come, kb/s; null: no limit. */
  bandwidth: number | null;
  joining: boolean;
  /** For the user, in French. */
  problem: string | null;
  /** Another page has taken this seat, or the box does not know it any more. */
  gone: "replaced" | "unknown" | null;
}

/** Before the first contact. What is on is what the user wants; the devices may not have it. */
export const START: RoomState = {
  connected: false,
  me: null,
  meeting: null,
  stage: null,
  participants: [],
  queue: [],
  slots: [],
  speaker: null,
  devices: null,
  microphone: true,
  camera: true,
  sharing: false,
  bandwidth: null,
  joining: false,
  problem: null,
  gone: null,
};
