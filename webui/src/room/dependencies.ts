import { type Devices, openDevices } from "./devices";
import { type MediaHandlers, MediaSession } from "./media";
import type { Socket, Timers } from "./signalling";

/** What a room needs of its surroundings: a browser's, or a test's. */
export interface RoomDependencies {
  socket(): Socket;
  timers: Timers;
  devices(): Promise<Devices>;
  media(local: MediaStream, handlers: MediaHandlers): MediaSession;
  mark(name: string): void;
}

export function browser(): RoomDependencies {
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
