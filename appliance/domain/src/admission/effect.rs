use super::{Decision, EndReason, Stage};
use crate::SeatId;
use serde::{Deserialize, Serialize};

/// What an adapter has to do after a change, in the order given. Stage changes are committed before anyone is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Effect {
    /// The seat's stage changed: store it, then tell the seat.
    Stage(SeatId, Stage),
    /// Who is inside changed: tell all that may see it.
    Participants,
    /// Who waits changed: tell the organizers.
    Queue,
    /// A room system's picture changes.
    Show(SeatId, Screen),
    /// A room system's call is to be ended now.
    HangUp(SeatId),
    /// The seat's media ends.
    CloseMedia(SeatId),
    /// For the audit journal.
    Journal(JournalEntry),
}

/// What a room system shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Screen {
    /// Asks for the code.
    EnterCode {
        /// Codes already refused in this call.
        wrong: u32,
    },
    /// Waits for the organizer (WAIT-06).
    Waiting,
    /// The meeting.
    Meeting,
    /// Tells why it is over, before the call is ended.
    Ended(EndReason),
}

/// What the audit journal keeps of a meeting.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum JournalEntry {
    /// Someone asked to enter.
    Requested {
        /// Who.
        seat: SeatId,
    },
    /// An organizer decided.
    Decided {
        /// Over whom.
        seat: SeatId,
        /// The organizer's seat.
        by: SeatId,
        /// What.
        decision: Decision,
    },
    /// A wrong code.
    WrongCode {
        /// Which room system's. None: a guest's, who has no seat before the code is right.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seat: Option<SeatId>,
    },
    /// Someone went in.
    Entered {
        /// Who.
        seat: SeatId,
    },
    /// Neither picture nor sound of someone inside comes through.
    MediaLost {
        /// Whose.
        seat: SeatId,
    },
    /// They come through again.
    MediaBack {
        /// Whose.
        seat: SeatId,
    },
    /// Someone's time in the meeting, or in front of it, ended.
    Ended {
        /// Who.
        seat: SeatId,
        /// How.
        reason: EndReason,
    },
}
