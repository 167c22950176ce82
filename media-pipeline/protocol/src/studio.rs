//! Switchboard ↔ studio: one SEQPACKET connection a room. The first byte of a datagram says what follows:
//! [`WORDS`] JSON, [`MEDIA`] a track's number (four bytes, big endian) and one RTP packet (RFC 3550).
//!
//! The studio is told its whole state again when it replaces one that died; it asks nobody else.

use crate::{CodecFailure, Content, LegConfig, LegView, MediaKind, RoomId, SeatId, TrackId};
use serde::{Deserialize, Serialize};

/// First byte of a JSON datagram.
pub const WORDS: u8 = b'J';
/// First byte of an RTP datagram.
pub const MEDIA: u8 = b'R';
/// Largest datagram in bytes, either kind.
pub const MAX_DATAGRAM: usize = 64 * 1024;
/// Bytes before the RTP packet in a [`MEDIA`] datagram.
pub const MEDIA_HEADER: usize = 5;

/// Payload type of H.264 on this link (mode 1, RFC 6184). The switchboard translates.
pub const H264: u8 = 96;
/// Payload type of Opus on this link.
pub const OPUS: u8 = 97;
/// Payload type of VP8 on this link.
pub const VP8: u8 = 98;

/// Switchboard to studio.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "tell", rename_all = "snake_case")]
pub enum ToStudio {
    /// First message.
    Open {
        /// [`crate::PROTOCOL`] of the switchboard.
        protocol: u32,
        /// The room that this studio serves.
        room: RoomId,
    },
    /// A browser's track: its RTP follows on [`MEDIA`] datagrams.
    Source {
        /// Number of the RTP datagrams.
        track: TrackId,
        /// Who publishes it.
        seat: SeatId,
        /// Drawn over the picture.
        name: String,
        /// Sound ([`OPUS`]) or picture ([`H264`], [`VP8`]: the packets' payload type says which).
        kind: MediaKind,
        /// What it shows.
        content: Content,
    },
    /// The track is gone.
    SourceGone {
        /// Which.
        track: TrackId,
    },
    /// Opens a leg, or changes the one with this seat.
    Leg {
        /// Who.
        seat: SeatId,
        /// Drawn over the picture.
        name: String,
        /// The agreed media.
        config: LegConfig,
        /// What it sees.
        view: LegView,
        /// Number under which its sound is sent to the switchboard (as [`OPUS`]), while its view is inside.
        audio_track: TrackId,
        /// Number under which its picture is sent to the switchboard (as [`H264`]), while its view is inside.
        video_track: TrackId,
        /// Whether its sound may enter the meeting.
        publish_audio: bool,
        /// Whether its picture may enter the meeting.
        publish_video: bool,
    },
    /// Changes what a leg sees.
    Show {
        /// Who.
        seat: SeatId,
        /// What it sees from now on.
        view: LegView,
    },
    /// Ends a leg.
    LegGone {
        /// Who.
        seat: SeatId,
    },
    /// Who speaks, and who spoke before, the latest first. Sent whole at each change.
    Speakers {
        /// All who have spoken and are still there.
        seats: Vec<SeatId>,
    },
    /// Whether somebody's sound is switched off, which is drawn beside the name. Nobody's is before it is told.
    Muted {
        /// Who.
        seat: SeatId,
        /// Whether it is.
        muted: bool,
    },
    /// Whether a leg's picture is sent as VP8 besides, for browsers that take nothing else. It is not before it is told.
    Translate {
        /// Who.
        seat: SeatId,
        /// Number under which it is sent to the switchboard (as [`VP8`]), while its view is inside; none: it is not.
        track: Option<TrackId>,
    },
    /// A subscriber needs a key frame of a leg's picture.
    KeyFrame {
        /// The leg's `video_track`, or the one of [`ToStudio::Translate`].
        track: TrackId,
    },
}

/// How large a source's picture is drawn, at the most.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct SourceTile {
    /// Which.
    pub track: TrackId,
    /// Height in pixels.
    pub rows: u32,
    /// The most that it may come with, in kb/s, where it goes on to equipment as it comes ([`LegView::Call`]): no more than `rows`, then,
    /// and not what fills them.
    pub max_kbps: Option<u32>,
}

/// Studio to switchboard.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "report", rename_all = "snake_case")]
pub enum FromStudio {
    /// First message, before anything is asked.
    Ready {
        /// [`crate::PROTOCOL`] of the studio.
        protocol: u32,
        /// Process id.
        pid: u32,
    },
    /// A leg's sockets are bound and its pipelines run: the answer to [`ToStudio::Leg`].
    LegOpened {
        /// Who.
        seat: SeatId,
    },
    /// A leg cannot be carried, or no longer.
    LegFailed {
        /// Who.
        seat: SeatId,
        /// Why.
        reason: String,
    },
    /// How large the browsers' pictures are drawn: each is sent in the smallest size that fills its tile. Sent whole at each change;
    /// what is not among them is drawn nowhere, and nothing of it is to be sent. Until it is told, all is wanted as large as can be.
    Tiles {
        /// Those that are drawn.
        tiles: Vec<SourceTile>,
    },
    /// A source's decoder needs a key frame.
    KeyFrameWanted {
        /// Which source.
        track: TrackId,
    },
    /// See [`crate::control::Event::KeyFrameByInfo`].
    KeyFrameByInfo {
        /// Who.
        seat: SeatId,
    },
    /// See [`crate::control::Event::Digit`].
    Digit {
        /// Who.
        seat: SeatId,
        /// The key.
        digit: char,
    },
    /// A device's codec has failed, and software has taken its place.
    CodecFailed {
        /// Which, and why.
        failure: CodecFailure,
    },
    /// See [`crate::control::Event::LegSilent`].
    LegSilent {
        /// Who.
        seat: SeatId,
        /// Whole seconds since the last packet.
        seconds: u32,
    },
}
