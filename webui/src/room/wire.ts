/** The seat's messages: types made from the box's own description, `src/api/schema.d.ts`. */
import type { components } from "../api/schema";

type Schemas = components["schemas"];
export type SeatFrame = Schemas["SeatFrame"];
export type SeatCommand = Schemas["SeatCommand"];
export type SeatReply = Schemas["SeatReply"];
export type SeatEvent = Schemas["SeatEvent"];
export type Participant = Schemas["ParticipantView"];
export type Waiting = Schemas["WaitingView"];
export type IceServer = Schemas["IceServer"];
export type Encoding = Schemas["EncodingView"];
export type Slot = Schemas["SlotView"];
export type Stage = Schemas["Stage"];
export type Me = Schemas["Me"];
export type Meeting = Schemas["MeetingView"];
export type Decision = Schemas["Decision"];
