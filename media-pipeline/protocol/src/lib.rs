//! What the three kinds of process say to each other.
//!
//! - `tabellion` (control) ↔ `tabellion-media` (switchboard): [`control`], JSON messages behind a length prefix on
//!   a Unix stream socket ([`frame`]).
//! - `tabellion-media` ↔ `tabellion-studio`: [`studio`], datagrams on a Unix SEQPACKET socket, JSON for words and
//!   raw RTP for media.
//!
//! Control never speaks to a studio: the switchboard owns the studios, so that a studio that dies is replaced and
//! told everything again while control is away. Both ends of a link are always of the same release (they are
//! installed together), so a message that cannot be read is a fault and closes the link; [`PROTOCOL`] says which.

pub mod addresses;
mod codecs;
pub mod control;
pub mod frame;
mod ids;
mod leg;
pub mod studio;

pub use codecs::{ChosenCodec, CodecFailure, CodecTrial, TrialOutcome, VideoCodecs};
pub use ids::{RoomId, SeatId, TrackId};
pub use leg::{
    AudioCodec, Content, LegAudio, LegConfig, LegVideo, LegView, MediaKind, Notice, PacketizationMode,
    VideoCodec,
};

/// Version of both links. Raised with every change that the other side must know of.
pub const PROTOCOL: u32 = 5;
