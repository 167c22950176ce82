import type { Memory } from "./bandwidth";
import { chooseScreen, type Devices, openDevices } from "./devices";
import { type MediaHandlers, MediaSession } from "./media";
import type { Socket, Timers } from "./signalling";

/** What a room needs of its surroundings: a browser's, or a test's. */
export interface RoomDependencies {
  socket(): Socket;
  timers: Timers;
  devices(): Promise<Devices>;
  /** The screen, window or tab that the user chooses, with its sound; null where the choice is not made. */
  screen(): Promise<MediaStream | null>;
  media(local: MediaStream, handlers: MediaHandlers): MediaSession;
  mark(name: string): void;
  /** What was chosen on this device. */
  memory: Memory;
}

const timers: Timers = {
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds);
    return () => clearTimeout(timer);
  },
};

export function browser(): RoomDependencies {
  return {
    socket: () => new WebSocket(`wss://${location.host}/api/seat`) as unknown as Socket,
    timers,
    devices: () => openDevices(navigator.mediaDevices),
    screen: () => chooseScreen(navigator.mediaDevices),
    media: (local, handlers) => new MediaSession(local, handlers, timers),
    mark: (name) => performance.mark(name),
    memory: localStorage,
  };
}
