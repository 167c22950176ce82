//! What a browser's seat in a meeting and the box say to each other over the WebSocket.
//!
//! Each event carries the whole state of its subject (all participants, the whole queue, all slots), so that a client
//! that missed some is right again with the next one; a client that comes back names the last sequence number that
//! it saw and whose it was, and gets [`SeatEvent::Welcome`] only where it missed something.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Browser to box: one text frame.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct SeatRequest {
    /// Chosen by the client; the reply carries it.
    pub id: u32,
    /// What is asked.
    #[serde(flatten)]
    pub command: SeatCommand,
}

/// What a seat may ask for.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SeatCommand {
    /// First on each connection, within 5 s.
    Attach {
        /// The seat's secret, from the REST answer that gave the seat.
        seat_token: String,
        /// On a connection that replaces a lost one: the last [`SeatEvent::Welcome`]'s.
        epoch: Option<u32>,
        /// Last sequence number seen, in that epoch.
        after: Option<u64>,
    },
    /// Joins the meeting with this SDP offer («Rejoindre la réunion»). Reply: [`SeatReply::Answer`].
    Enter {
        /// SDP offer: what is published first (`sendrecv`/`sendonly`), then the `recvonly` slots.
        offer: String,
        /// Which of its m-lines carry a shared screen and its sound, by their `mid`.
        #[serde(default)]
        slides: Vec<String>,
        /// Whether the microphone is on.
        microphone: bool,
        /// Whether the camera is on.
        camera: bool,
        /// As in [`SeatCommand::LimitBandwidth`].
        #[serde(default)]
        limit_kbps: Option<u32>,
    },
    /// Which servers relay: asked before each offer that looks for ways to the box, the first one and an ICE restart, as what they are
    /// given for ends. Not before the seat is accepted. Reply: [`SeatReply::IceServers`].
    IceServers,
    /// A further offer (ICE restart, a camera found later, a screen that is shared). Reply: [`SeatReply::Answer`].
    Renegotiate {
        /// SDP offer.
        offer: String,
        /// As in [`SeatCommand::Enter`], of all that the offer has.
        #[serde(default)]
        slides: Vec<String>,
    },
    /// What is switched on, shown to the others. Reply: [`SeatReply::Done`].
    MediaState {
        /// Whether the microphone is on.
        microphone: bool,
        /// Whether the camera is on.
        camera: bool,
    },
    /// How large the own slots are shown, so that each gets a picture of that size. Reply: [`SeatReply::Done`].
    ShowTiles {
        /// Those that have changed.
        tiles: Vec<TileView>,
    },
    /// The most that is to come here («Limitation bande passante», CALL-10); what is sent, the page limits by itself.
    /// Reply: [`SeatReply::Done`].
    LimitBandwidth {
        /// kb/s, 100 to 100,000; none: as much as the line carries.
        kbps: Option<u32>,
    },
    /// An organizer decides over a request to enter (WAIT-02). Reply: [`SeatReply::Done`].
    Decide {
        /// Whose request.
        seat: u64,
        /// What becomes of it.
        decision: Decision,
    },
    /// A waiting participant withdraws («Annuler la demande»). Reply: [`SeatReply::Done`].
    Cancel,
    /// Leaves the meeting («Raccrocher»). Reply: [`SeatReply::Done`].
    Leave,
    /// Whether the box can still be reached: a network that is gone closes no connection. Reply: [`SeatReply::Done`].
    Ping,
}

/// What an organizer does with a request: three different acts, and the participant is told which (WAIT-03).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// May enter.
    Accept,
    /// May not enter, and is told so.
    Refuse,
    /// The request is removed from the list; the participant may ask again.
    Delete,
}

/// Box to browser: one text frame.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum SeatFrame {
    /// To one request.
    Reply {
        /// [`SeatRequest::id`].
        reply_to: u32,
        /// The outcome.
        #[serde(flatten)]
        reply: SeatReply,
    },
    /// By itself.
    Event {
        /// Grows by one per event of this seat.
        seq: u64,
        /// What happened.
        #[serde(flatten)]
        event: SeatEvent,
    },
}

/// The outcome of a request.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SeatReply {
    /// It was done.
    Done,
    /// An SDP answer.
    Answer {
        /// SDP with its candidates (no trickle).
        answer: String,
    },
    /// Servers that relay.
    IceServers {
        /// None where the office has none.
        servers: Vec<IceServer>,
    },
    /// It was not done.
    Error {
        /// For the program: `not_accepted`, `not_organizer`, `no_such_seat`, `bad_offer`, `media_unavailable`,
        /// `box_overloaded`, `meeting_closed`, `unknown_seat`, `bad_request`.
        code: String,
        /// For the user, in French: what happened and what to do.
        message: String,
    },
}

/// A TURN server (RFC 8656) and a right to it, as `RTCIceServer` has them.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct IceServer {
    /// Its addresses (RFC 7065).
    pub urls: Vec<String>,
    /// Made for this answer; it names nobody.
    pub username: String,
    /// Good for twelve hours.
    pub credential: String,
}

/// What the box tells a seat.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SeatEvent {
    /// Everything, at each attachment that is not a gapless resumption.
    Welcome {
        /// Whose sequence numbers these are: the box counts anew after a restart.
        epoch: u32,
        /// The own seat.
        me: Me,
        /// The meeting.
        meeting: Box<MeetingView>,
        /// Where the own seat stands.
        stage: Stage,
        /// Who is inside. Empty until accepted (WAIT-04).
        participants: Vec<ParticipantView>,
        /// Who waits. Organizers only.
        queue: Vec<WaitingView>,
        /// Which slot shows whom, while inside.
        slots: Vec<SlotView>,
        /// Which encodings of the own pictures to send, while inside: as [`SeatEvent::Encodings`].
        encodings: Vec<EncodingView>,
        /// Who speaks, or spoke last, once accepted: as [`SeatEvent::Speaker`].
        speaker: Option<u64>,
    },
    /// The meeting has another name.
    Meeting {
        /// All of it.
        meeting: Box<MeetingView>,
    },
    /// The own seat's stage changed.
    Stage {
        /// The new one.
        stage: Stage,
    },
    /// Who is inside, after each change. To those accepted or inside.
    Participants {
        /// All of them.
        participants: Vec<ParticipantView>,
    },
    /// Who waits, after each change. To organizers.
    Queue {
        /// All of them, oldest first.
        queue: Vec<WaitingView>,
    },
    /// Which slot shows whom, after each change. To those inside.
    Slots {
        /// All of them.
        slots: Vec<SlotView>,
    },
    /// Which encodings of the own pictures to send, and as what, after each change: the others are shown to nobody. To those inside.
    Encodings {
        /// Each m-line's, smallest first.
        encodings: Vec<EncodingView>,
    },
    /// Somebody else speaks now; who falls silent goes on being the one who spoke last. To those accepted or inside.
    Speaker {
        /// Whose seat.
        seat: u64,
    },
    /// The box's media engine lost this seat's transport: send [`SeatCommand::Enter`] again with a new connection.
    MediaLost {
        /// In French, for the user.
        message: String,
    },
    /// Another page took this seat (reload, second tab); this one is done.
    Replaced,
}

/// Where a seat stands.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum Stage {
    /// Before the organizer's decision.
    Waiting,
    /// May enter: «Votre demande a été acceptée».
    Accepted,
    /// In the meeting.
    Inside,
    /// Over.
    Ended {
        /// How.
        reason: EndReason,
    },
}

/// How a seat's time in a meeting ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
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
    /// The meeting's code was changed, or switched on, while it waited.
    CodeChanged,
    /// The personal link that it was taken by is withdrawn, or was replaced.
    Uninvited,
    /// Not heard of for too long.
    Lost,
}

/// The own seat.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct Me {
    /// Its number.
    pub seat: u64,
    /// As the others see it.
    pub name: String,
    /// What it may do.
    pub role: RoleView,
}

/// The roles' names on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoleView {
    /// «Organisateur».
    Organizer,
    /// «Invité».
    Guest,
    /// «Spectateur».
    Spectator,
}

/// The meeting as its participants see it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct MeetingView {
    /// Its name.
    pub name: String,
    /// Ten digits that room systems dial.
    pub number: String,
    /// The office's name.
    pub office: String,
}

/// Browser or room system.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A page in a browser.
    Browser,
    /// SIP equipment.
    RoomSystem,
}

/// What stands behind a name (shown to organizers).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// Logged in with a second factor.
    Account,
    /// Equipment registered on this box with its password.
    RegisteredDevice,
    /// Came by a personal link, which the organizer had sent.
    Invited,
    /// What the person typed, or the caller's name as sent: nothing proves it.
    Declared,
}

/// One who is inside.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct ParticipantView {
    /// Its seat.
    pub seat: u64,
    /// Its name.
    pub name: String,
    /// Its role.
    pub role: RoleView,
    /// What it joined with.
    pub channel: Channel,
    /// Whether its microphone is on.
    pub microphone: bool,
    /// Whether its camera is on.
    pub camera: bool,
}

/// One who waits.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct WaitingView {
    /// Its seat: what [`SeatCommand::Decide`] names.
    pub seat: u64,
    /// Its name.
    pub name: String,
    /// What it asks from.
    pub channel: Channel,
    /// What stands behind the name.
    pub identity: Identity,
    /// When it asked, RFC 3339, UTC.
    pub since: String,
}

/// How large a slot is shown.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct TileView {
    /// The m-line's `mid` in the browser's offer.
    pub mid: String,
    /// Height in pixels of the screen. 0: it is not shown.
    pub rows: u32,
}

/// One encoding of a picture that is sent.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct EncodingView {
    /// The m-line's `mid` in the browser's offer.
    pub mid: String,
    /// Its name there; none of a picture in one size.
    pub rid: Option<String>,
    /// What it is to be sent as: `h264` or `vp8`, all of a picture as the same.
    pub codec: String,
}

/// One receive slot.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct SlotView {
    /// The m-line's `mid` in the browser's offer.
    pub mid: String,
    /// `audio` or `video`.
    pub kind: String,
    /// Whose track it carries.
    pub seat: Option<u64>,
    /// `main`: the person; `slides`: the screen that it shares, and its sound (RFC 4796).
    pub content: String,
    /// Whether the picture is left out for now, as the line to this browser does not carry it besides the sound.
    pub suspended: bool,
    /// Whether the picture is left out as this browser does not take what it is sent as.
    pub undecodable: bool,
}
