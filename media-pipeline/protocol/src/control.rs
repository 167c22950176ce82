//! Control ↔ switchboard. Control connects to the switchboard's socket and asks; the switchboard answers each
//! request once, in any order, and reports events. One control at a time: a new connection replaces the old one.
//!
//! The switchboard keeps its rooms when control goes away. A control that comes back asks for a [`Snapshot`] first,
//! then closes what it no longer knows; events that happened meanwhile are not replayed, the snapshot has their sum.

use crate::{CodecFailure, Content, LegConfig, LegView, MediaKind, RoomId, SeatId, VideoCodec};
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// What may be asked as a limit of bandwidth, kb/s. Less has no room for one voice and what belongs to it; more is no limit.
pub const BANDWIDTH_LIMITS: RangeInclusive<u32> = 100..=100_000;

/// Control to switchboard.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ToMedia {
    /// Chosen by control; the answer carries it.
    pub id: u64,
    /// What is asked.
    pub request: Request,
}

/// What control asks.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Request {
    /// First on each connection. Answer: [`Answer::Hello`].
    Hello {
        /// [`crate::PROTOCOL`] of control.
        protocol: u32,
    },
    /// The state of everything. Answer: [`Answer::Snapshot`].
    Snapshot,
    /// How busy the switchboard is. Answer: [`Answer::Load`].
    Load,
    /// Which devices' codecs have failed. Answer: [`Answer::CodecFailures`].
    CodecFailures,
    /// Seats a browser. A seat that is there already gets a new transport in place of the old one (page reload).
    /// The offer carries `sendrecv` or `sendonly` m-lines (what the browser publishes: one of sound and one of picture at most, and
    /// as many for slides) and `recvonly` m-lines: the slots that others' tracks are shown in. Answer: [`Answer::Sdp`].
    JoinBrowser {
        /// Where to.
        room: RoomId,
        /// Who.
        seat: SeatId,
        /// Drawn over its picture in mixes.
        name: String,
        /// The browser's SDP offer.
        offer: String,
        /// Which of the offer's m-lines are [`Content::Slides`], by their `mid`.
        slides: Vec<String>,
        /// What the seat may send. What it sends beyond that is dropped by the switchboard.
        publish: Publish,
        /// Whether its microphone is off, as [`Request::SetMuted`] says later.
        muted: bool,
        /// What it wants to get at most, as [`Request::LimitBandwidth`] says later.
        limit_kbps: Option<u32>,
    },
    /// A further offer on the transport that the seat has: ICE restart, a track added. Answer: [`Answer::Sdp`].
    RenegotiateBrowser {
        /// Who.
        seat: SeatId,
        /// The browser's SDP offer.
        offer: String,
        /// As in [`Request::JoinBrowser`], of all that the offer has.
        slides: Vec<String>,
    },
    /// How large a browser shows its slots: each gets the smallest encoding that fills it. Slots that are not named, or that
    /// the browser does not have, stay as they are; until it is told, a slot gets the largest. Answer: [`Answer::Done`].
    ShowTiles {
        /// Who.
        seat: SeatId,
        /// Its tiles.
        tiles: Vec<Tile>,
    },
    /// The most that a browser's user wants to get, pictures and sound together (CALL-10). Sound is never left out for it. It stays
    /// until another one is asked for, or the browser joins anew. What the browser sends, its page limits.
    /// Answer: [`Answer::Done`], or [`MediaError::BadLimit`].
    LimitBandwidth {
        /// Who.
        seat: SeatId,
        /// kb/s with the packets' headers, among [`BANDWIDTH_LIMITS`]; none: as much as its line carries.
        kbps: Option<u32>,
    },
    /// Opens a SIP leg's media, or changes it (re-INVITE). Starts the room's studio when it has none.
    /// Answer: [`Answer::Done`] once the leg's sockets are bound.
    OpenLeg {
        /// Where to.
        room: RoomId,
        /// Who.
        seat: SeatId,
        /// Drawn over its picture.
        name: String,
        /// The agreed media.
        leg: LegConfig,
        /// What it sees first.
        view: LegView,
        /// What the seat may send into the meeting, once its view is [inside](LegView::is_inside).
        publish: Publish,
    },
    /// Changes what a SIP leg sees. Answer: [`Answer::Done`].
    ShowLeg {
        /// Who.
        seat: SeatId,
        /// What it sees from now on.
        view: LegView,
    },
    /// Changes what a seat may send. Answer: [`Answer::Done`].
    SetPublish {
        /// Who.
        seat: SeatId,
        /// What it may send from now on.
        publish: Publish,
    },
    /// Whether a browser's user has switched the microphone off: drawn beside the name in mixes. Answer: [`Answer::Done`].
    SetMuted {
        /// Who.
        seat: SeatId,
        /// Whether it is off.
        muted: bool,
    },
    /// Asks a seat's source for a key frame (SIP INFO `picture_fast_update` from elsewhere, RFC 5168).
    /// Answer: [`Answer::Done`].
    KeyFrame {
        /// Whose picture.
        seat: SeatId,
    },
    /// Ends a seat's media, browser or leg. A room without seats goes by itself. Answer: [`Answer::Done`], also
    /// for a seat that is not there.
    Leave {
        /// Who.
        seat: SeatId,
    },
}

/// How large a slot is shown.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Tile {
    /// The slot's m-line, by its `mid` in the browser's offer.
    pub mid: String,
    /// Height in pixels of the screen. 0: it is not shown, and nothing of it is sent.
    pub rows: u32,
}

/// What a seat may send into its room.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Publish {
    /// Sound.
    pub audio: bool,
    /// Picture.
    pub video: bool,
    /// A shared screen and its sound.
    pub slides: bool,
}

impl Publish {
    /// Takes part.
    pub const ALL: Self = Self { audio: true, video: true, slides: true };
    /// Sees and hears, and no more.
    pub const NOTHING: Self = Self { audio: false, video: false, slides: false };
}

/// Switchboard to control.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "snake_case")]
pub enum FromMedia {
    /// To one request.
    Answer {
        /// [`ToMedia::id`].
        id: u64,
        /// The outcome.
        result: Result<Answer, MediaError>,
    },
    /// By itself.
    Event(Event),
}

/// The outcome of a request.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Answer {
    /// It was done.
    Done,
    /// The switchboard's side of the greeting.
    Hello {
        /// [`crate::PROTOCOL`] of the switchboard.
        protocol: u32,
        /// Unique to this run of the switchboard: another value than before means that its rooms are gone.
        instance: String,
    },
    /// An SDP answer for the browser, candidates included (ICE lite, no trickle).
    Sdp {
        /// The SDP.
        answer: String,
    },
    /// Everything there is.
    Snapshot(Snapshot),
    /// How busy the switchboard is.
    Load(LoadState),
    /// [`Request::CodecFailures`]: since the media engine was started, the last of each element.
    CodecFailures {
        /// Those that were left for software.
        failures: Vec<CodecFailure>,
    },
}

/// Why a request was refused.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "error", rename_all = "snake_case")]
pub enum MediaError {
    /// The offer cannot be answered: the caller's fault, do not try again with the same.
    #[error("the offer cannot be answered: {reason}")]
    BadOffer {
        /// What is wrong with it.
        reason: String,
    },
    /// A limit of bandwidth that is none: the caller's fault, do not try again with the same.
    #[error("a bandwidth of {kbps} kb/s cannot be kept")]
    BadLimit {
        /// The one asked for.
        kbps: u32,
    },
    /// No such seat (it left meanwhile).
    #[error("seat {seat} is not in any room")]
    NoSuchSeat {
        /// Which.
        seat: SeatId,
    },
    /// Mixing cannot be done right now: this box's fault, may be tried again.
    #[error("the studio is not available: {reason}")]
    Studio {
        /// What happened.
        reason: String,
    },
    /// The box has no time for anybody else: may be tried again in some minutes.
    #[error("the box is too busy for another participant")]
    Overloaded,
    /// The two ends are of different releases.
    #[error("the switchboard speaks protocol {ours}, not {asked}")]
    Protocol {
        /// The switchboard's.
        ours: u32,
        /// The one asked for.
        asked: u32,
    },
}

/// How busy the switchboard is.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct LoadState {
    /// The share of its time that it worked, over the last second, 0–100.
    pub share_percent: u8,
    /// What of the pictures was given up for it: 0 nothing, 1 the largest sizes, 2 the middle ones (nobody else is let in from here on),
    /// 3 all but four people's, 4 all but one's. Sound never is.
    pub step: u8,
}

/// All rooms.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Snapshot {
    /// Every seat with its state.
    pub seats: Vec<SeatState>,
    /// Rooms in which somebody has spoken, and who did last: as the last [`Event::Speaker`].
    pub speakers: Vec<(RoomId, SeatId)>,
    /// Rooms that have a studio, and its process id (for the status page, and for tests that kill it).
    pub studios: Vec<(RoomId, u32)>,
}

/// One seat.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct SeatState {
    /// Where.
    pub room: RoomId,
    /// Who.
    pub seat: SeatId,
    /// Whether media can flow now.
    pub connected: bool,
    /// Browser: which slot shows whom. A leg has none.
    pub slots: Vec<Slot>,
    /// Browser: as the last [`Event::Encodings`]. None for one that sends no picture.
    pub encodings: Vec<Encoding>,
}

/// One encoding of a picture that a browser sends.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Encoding {
    /// The m-line's `mid` in the browser's offer.
    pub mid: String,
    /// Its name in RTP (RFC 8852); none of a picture in one size.
    pub rid: Option<String>,
    /// What it is to be sent as: all encodings of a picture as the same.
    pub codec: VideoCodec,
}

/// One of a browser's receive slots.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Slot {
    /// The m-line's `mid` in the browser's offer.
    pub mid: String,
    /// What it carries.
    pub kind: MediaKind,
    /// Whose track it carries now.
    pub seat: Option<SeatId>,
    /// What that track shows.
    pub content: Content,
    /// Whether the picture is left out for now, as the browser's line does not carry it besides the sound.
    pub suspended: bool,
    /// Whether the picture is left out as the browser does not take what it is sent as.
    pub undecodable: bool,
}

/// What the switchboard reports.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A browser's transport is up (ICE and DTLS done, the fingerprint matched its SDP).
    Connected {
        /// Who.
        seat: SeatId,
    },
    /// A browser's transport is lost; it may come back by an ICE restart or a new join.
    Disconnected {
        /// Who.
        seat: SeatId,
        /// Why, for the log.
        reason: String,
    },
    /// Which slot of a browser shows whom. Sent whole at each change.
    Slots {
        /// Whose browser.
        seat: SeatId,
        /// All its slots.
        slots: Vec<Slot>,
    },
    /// Which encodings of its pictures a browser should send, the others are shown to nobody; and as what. Sent whole at each change,
    /// and for each new transport.
    Encodings {
        /// Whose browser.
        seat: SeatId,
        /// Each m-line's, smallest first.
        encodings: Vec<Encoding>,
    },
    /// Somebody else speaks now; who does not, goes on being shown as who spoke last.
    Speaker {
        /// Where.
        room: RoomId,
        /// Who.
        seat: SeatId,
    },
    /// A room system's user pressed a key (RFC 4733).
    Digit {
        /// Who.
        seat: SeatId,
        /// `0`–`9`, `*`, `#`, `A`–`D`.
        digit: char,
    },
    /// A leg's picture is needed and the peer takes no RTCP feedback: send SIP INFO `picture_fast_update`.
    KeyFrameByInfo {
        /// Who.
        seat: SeatId,
    },
    /// A leg's media failed for good (its sockets, its peer's address); the call should be ended.
    LegFailed {
        /// Who.
        seat: SeatId,
        /// Why.
        reason: String,
    },
    /// A leg has received no RTP for this long; the call may be dead.
    LegSilent {
        /// Who.
        seat: SeatId,
        /// Whole seconds since the last packet.
        seconds: u32,
    },
    /// A room's studio died and another one took its place.
    StudioReplaced {
        /// Which room.
        room: RoomId,
        /// How the old one ended.
        reason: String,
    },
}
