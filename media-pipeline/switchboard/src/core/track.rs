use super::{
    key_frames::KeyFrames,
    packet::{Format, Unwrapper},
    speakers::Loudness,
};
use std::time::Instant;
use str0m::{media::Mid, rtp::Ssrc};
use tabellion_media_protocol::{MediaKind, RoomId, SeatId, TrackId};

/// Where a track comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Origin {
    /// A browser's uplink; the SSRC that it sends with now, once a packet has come.
    Browser { mid: Mid, ssrc: Option<Ssrc> },
    /// A room system, through the room's studio.
    Studio { unwrapper: Unwrapper, ssrc: Option<u32> },
}

/// One published stream.
#[derive(Debug)]
pub(super) struct Track {
    pub id: TrackId,
    pub room: RoomId,
    pub seat: SeatId,
    pub kind: MediaKind,
    pub origin: Origin,
    /// Once its first packet has come.
    pub format: Option<Format>,
    pub key_frames: KeyFrames,
    pub loudness: Loudness,
    pub heard_at: Option<Instant>,
}

impl Track {
    pub(super) fn new(id: TrackId, room: RoomId, seat: SeatId, kind: MediaKind, origin: Origin) -> Self {
        Self {
            id,
            room,
            seat,
            kind,
            origin,
            format: None,
            key_frames: KeyFrames::default(),
            loudness: Loudness::default(),
            heard_at: None,
        }
    }

    /// RTP clock in Hz.
    pub(super) fn clock_rate(kind: MediaKind) -> u32 {
        match kind {
            MediaKind::Audio => 48_000,
            MediaKind::Video => 90_000,
        }
    }
}
