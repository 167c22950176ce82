use crate::{Role, SeatId};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

/// What a participant joins with.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A page in a browser.
    Browser,
    /// SIP equipment, of this office or from outside.
    RoomSystem,
}

/// What stands behind a name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// Logged in with a second factor.
    Account,
    /// Equipment registered on this box with its password.
    RegisteredDevice,
    /// Came by a personal link, which was sent to the address that the organizer had given.
    Invited,
    /// What the person typed, or what the caller's equipment sent: nothing proves it.
    Declared,
}

/// Where a seat stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum Stage {
    /// A room system that has yet to dial the code.
    Code,
    /// Before the organizer's decision.
    Waiting,
    /// May enter.
    Accepted,
    /// In the meeting.
    Inside,
    /// Over.
    Ended {
        /// How.
        reason: EndReason,
    },
}

impl Stage {
    /// Whether the seat still counts.
    #[must_use]
    pub fn is_open(self) -> bool {
        !matches!(self, Self::Ended { .. })
    }
}

/// How a seat's time in a meeting ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// Left by itself.
    Left,
    /// An organizer refused the request.
    Refused,
    /// An organizer deleted the request.
    Deleted,
    /// Withdrew its own request.
    Cancelled,
    /// The meeting was deactivated or deleted.
    MeetingClosed,
    /// The meeting's code was changed, or switched on, while it waited: what it gave counts no more.
    CodeChanged,
    /// Not heard of for too long.
    Lost,
    /// The account that it was taken with is deleted, or may not take part any more.
    AccountEnded,
    /// The invitation that it was taken by is withdrawn, or was changed.
    Uninvited,
    /// Gave no right code in the attempts and the time that it had.
    WrongCode,
    /// So many wrong codes came from where it calls from that it has to pause.
    TooManyCodes,
}

/// What an organizer does with a request (WAIT-02): three different acts, and the participant is told which.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// May enter.
    Accept,
    /// May not enter.
    Refuse,
    /// The request goes from the list; the participant may ask again.
    Delete,
}

/// One who asks to enter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewSeat {
    /// Its number, from the store.
    pub id: SeatId,
    /// As the others see it.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// What it joins with.
    pub channel: Channel,
    /// What stands behind the name.
    pub identity: Identity,
}

/// One participant's place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seat {
    /// Its number.
    pub id: SeatId,
    /// As the others see it.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// What it joins with.
    pub channel: Channel,
    /// What stands behind the name.
    pub identity: Identity,
    /// Where it stands.
    pub stage: Stage,
    /// When it asked to enter.
    pub since: OffsetDateTime,
    /// Whether its microphone is on.
    pub microphone: bool,
    /// Whether its camera is on.
    pub camera: bool,
    pub(super) digits: String,
    pub(super) wrong_codes: u32,
    pub(super) deadline: Option<OffsetDateTime>,
}

impl Seat {
    pub(super) fn new(new: NewSeat, stage: Stage, now: OffsetDateTime) -> Self {
        Self {
            id: new.id,
            name: new.name,
            role: new.role,
            channel: new.channel,
            identity: new.identity,
            stage,
            since: now,
            microphone: new.channel == Channel::RoomSystem,
            camera: new.channel == Channel::RoomSystem,
            digits: String::new(),
            wrong_codes: 0,
            deadline: None,
        }
    }

    pub(super) fn is_organizer(&self) -> bool {
        self.role == Role::Organizer
    }

    /// Participants who are inside or may enter see who is inside (WAIT-04).
    #[must_use]
    pub fn sees_participants(&self) -> bool {
        matches!(self.stage, Stage::Accepted | Stage::Inside)
    }

    pub(super) fn give_until(&mut self, now: OffsetDateTime, patience: Duration) {
        self.deadline = Some(now + patience);
    }
}
