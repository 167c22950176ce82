//! A SIP leg's media, as agreed by offer and answer (RFC 3264), and what its screen shows.

use serde::{Deserialize, Serialize};
use std::net::{IpAddr, SocketAddr};

/// Sound or picture.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    /// Sound.
    Audio,
    /// Picture.
    Video,
}

/// What a track shows or says, as SDP's `content` attribute has it (RFC 4796 §5).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// A person: camera, microphone.
    #[default]
    Main,
    /// What somebody shows to all: a screen, and its sound.
    Slides,
}

/// Audio codecs that a SIP leg may use.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AudioCodec {
    /// G.711 A-law, 8 kHz, static payload type 8 (RFC 3551).
    Pcma,
    /// G.711 µ-law, 8 kHz, static payload type 0 (RFC 3551).
    Pcmu,
    /// G.722, 16 kHz sampled, 8 kHz RTP clock, static payload type 9 (RFC 3551 §4.5.2).
    G722,
    /// Opus, 48 kHz RTP clock, two channels in SDP (RFC 7587).
    Opus,
}

/// Video codecs of tracks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VideoCodec {
    /// H.264, RTP payload format of RFC 6184, 90 kHz.
    H264,
    /// VP8, RTP payload format of RFC 7741, 90 kHz.
    Vp8,
}

/// RFC 6184 §5.4: which NAL unit packets the peer takes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PacketizationMode {
    /// Mode 0: one NAL unit a packet; the encoder must keep slices under the MTU.
    SingleNal,
    /// Mode 1: STAP-A and FU-A allowed.
    NonInterleaved,
}

/// A SIP leg's sound, in both directions.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LegAudio {
    /// Our even RTP port; RTCP is the port above (RFC 3550 §11).
    pub local_port: u16,
    /// Where RTP goes. The studio sends RTCP to the port above.
    pub remote: SocketAddr,
    /// Codec of both directions.
    pub codec: AudioCodec,
    /// Payload type of both directions.
    pub payload_type: u8,
    /// Payload type of telephone-event (RFC 4733), where agreed.
    pub telephone_event: Option<u8>,
    /// Whether we send (the peer's side is not `sendonly`/`inactive`, RFC 3264 §6.1).
    pub send: bool,
    /// Whether the peer sends.
    pub receive: bool,
}

/// A SIP leg's picture, in both directions.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LegVideo {
    /// Our even RTP port; RTCP is the port above.
    pub local_port: u16,
    /// Where RTP goes.
    pub remote: SocketAddr,
    /// Payload type that we send with: the one that the peer named for this format.
    pub payload_type: u8,
    /// Packetization of what we send.
    pub packetization: PacketizationMode,
    /// Largest width in pixels that we send.
    pub max_width: u16,
    /// Largest height in pixels that we send.
    pub max_height: u16,
    /// Largest rate that we send, in kb/s.
    pub max_kbps: u32,
    /// Whether the peer takes RTCP PLI or FIR (RFC 4585, RFC 5104): otherwise we ask by SIP INFO (RFC 5168).
    pub rtcp_feedback: bool,
    /// Whether we send.
    pub send: bool,
    /// Whether the peer sends.
    pub receive: bool,
}

/// Everything the studio needs to carry one SIP leg.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LegConfig {
    /// Address that the leg's sockets are bound to.
    pub local_address: IpAddr,
    /// Sound, where agreed.
    pub audio: Option<LegAudio>,
    /// Picture, where agreed.
    pub video: Option<LegVideo>,
}

/// Text shown on a room system's screen in place of a meeting. Already in the user's language.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Notice {
    /// The office's name, at the top.
    pub office: String,
    /// What this is about, large.
    pub title: String,
    /// What to do, or what happens, below it. May hold line breaks.
    pub text: String,
}

/// What a SIP leg sees and hears. A leg that is not in the meeting neither gets the room's media nor gives its own.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "view", rename_all = "snake_case")]
pub enum LegView {
    /// A picture with text and silence: code entry, waiting room.
    Notice(Notice),
    /// The meeting: the others' pictures in one, the others' sound without its own.
    Meeting {
        /// Shown while there is no other picture in the meeting.
        alone: Notice,
    },
    /// A direct call: as in a meeting, but while there is one other, a browser, its picture comes as it is, without a name in it, where the
    /// formats allow that: neither decoded nor encoded.
    Call {
        /// Shown while there is no other picture in the call.
        alone: Notice,
    },
}

impl LegView {
    /// Whether the leg gets the others' media, and they its own.
    #[must_use]
    pub fn is_inside(&self) -> bool {
        matches!(self, Self::Meeting { .. } | Self::Call { .. })
    }
}
