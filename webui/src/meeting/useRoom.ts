import { useEffect, useState, useSyncExternalStore } from "react";
import { Room, type RoomState } from "../room/room";

/** The room of a seat, for as long as the calling view is shown. */
export function useRoom(seatToken: string): [Room | null, RoomState | null] {
  const [room, setRoom] = useState<Room | null>(null);
  useEffect(() => {
    const mine = new Room(seatToken);
    setRoom(mine);
    return () => mine.close();
  }, [seatToken]);
  const state = useSyncExternalStore(room?.state.subscribe ?? nothing, room?.state.get ?? none);
  return [room, state];
}

const nothing = () => () => {};
const none = () => null;
