use crate::messages::EndReason;
use std::time::Duration;
use tabellion_store::StoreError;

/// Why someone gets no seat.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// The link leads nowhere: mistyped, or its meeting is deleted.
    #[error("no meeting has this link")]
    UnknownLink,
    /// No such meeting (any more).
    #[error("no such meeting")]
    UnknownMeeting,
    /// The meeting is switched off.
    #[error("the meeting is not active")]
    Inactive,
    /// The scheduled meeting is cancelled, or its day is over.
    #[error("the meeting is over")]
    Over,
    /// The code is not the meeting's.
    #[error("wrong code, {attempts_left} attempts left")]
    WrongCode {
        /// Before this link pauses for this caller.
        attempts_left: u32,
    },
    /// Too many wrong codes.
    #[error("too many wrong codes, again in {} s", retry_after.as_secs())]
    TooManyAttempts {
        /// When the next attempt is looked at.
        retry_after: Duration,
    },
    /// The user manages meetings and enters none (USER-02).
    #[error("this user does not take part in meetings")]
    NotParticipant,
    /// As many requests as may come from one place wait already.
    #[error("too many requests from there wait already")]
    TooManyRequests,
    /// A field of the form cannot be accepted.
    #[error("{field}: {message}")]
    Invalid {
        /// Which, by its JSON name.
        field: &'static str,
        /// For the user, in French.
        message: String,
    },
    /// The store failed: this box's fault.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The meeting's actor ended in this moment: try again.
    #[error("the meeting is being restarted")]
    Restarting,
}

/// Why a page cannot take its seat.
#[derive(Debug, thiserror::Error)]
pub enum AttachError {
    /// The seat's secret is not known.
    #[error("no seat has this secret")]
    UnknownSeat,
    /// The seat is over; its page may not have heard of it yet.
    #[error("the seat is over")]
    Over(EndReason),
    /// The store failed: this box's fault.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The meeting's actor ended in this moment: try again.
    #[error("the meeting is being restarted")]
    Restarting,
}
