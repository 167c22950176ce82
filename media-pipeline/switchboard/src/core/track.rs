use super::{
    encodings::{Encodings, Layer},
    key_frames::KeyFrames,
    packet::{Packet, Unwrapper},
    rewrite::{Place, Rewriter},
    speakers::Loudness,
};
use std::time::Instant;
use str0m::media::Mid;
use tabellion_media_protocol::{Content, MediaKind, RoomId, SeatId, TrackId, VideoCodec};

/// Where a track comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Origin {
    /// A browser's uplink.
    Browser { mid: Mid },
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
    pub content: Content,
    pub origin: Origin,
    /// What its sender can send a picture as, the preferred one first.
    pub codecs: Vec<VideoCodec>,
    /// What a picture is, or is to be, sent as.
    pub codec: Option<VideoCodec>,
    /// The same picture as something else, for those who do not take this one.
    pub translation: Option<TrackId>,
    /// Whether nothing of it is sent until somebody needs it.
    pub asleep: bool,
    pub key_frames: KeyFrames,
    pub loudness: Loudness,
    pub encodings: Encodings,
    /// What the room's studio gets of it.
    pub to_studio: View,
    /// Rows of the largest tile that the studio draws it in, 0 where it draws none; none: as large as can be.
    pub studio_tile: Option<u32>,
    /// The most that it may come to the studio with, bit/s, where it goes on to equipment as it comes.
    pub studio_limit: Option<u64>,
}

/// Which of a track's encodings somebody gets, as one continuous stream.
#[derive(Clone, Debug)]
pub(super) struct View {
    /// That it gets now.
    pub layer: Option<Layer>,
    /// That it gets from its next key frame on; none: the first that comes.
    pub wanted: Option<Layer>,
    /// That it should get, whether that comes now or not. None: nothing at all.
    pub target: Option<Layer>,
    pub rewriter: Rewriter,
}

impl View {
    pub(super) fn new(kind: MediaKind) -> Self {
        let rewriter = Rewriter::new(Track::clock_rate(kind));
        Self { layer: None, wanted: None, target: Some(Layer::ONLY), rewriter }
    }

    /// Another track is shown from now on.
    pub(super) fn show_other(&mut self, kind: MediaKind) {
        self.begin_anew(kind);
        self.wanted = None;
        self.target = Some(Layer::ONLY);
    }

    /// Another run of the track is shown from now on.
    pub(super) fn begin_anew(&mut self, kind: MediaKind) {
        self.layer = None;
        self.rewriter.switch(kind == MediaKind::Video);
    }

    /// That it gets, or is about to get, where that is known.
    pub(super) fn shown(&self) -> Option<Layer> {
        self.layer.or(self.wanted).filter(|_| self.target.is_some())
    }

    /// What comes cannot be shown: what comes next that can begins with a key frame.
    pub(super) fn interrupt(&mut self, kind: MediaKind) {
        if self.layer.is_some() {
            self.begin_anew(kind);
        }
    }

    /// Nothing of it is sent until there is a target again.
    pub(super) fn pause(&mut self, kind: MediaKind) {
        if self.target.take().is_some() {
            self.wanted = None;
            self.begin_anew(kind);
        }
    }

    /// Wants this encoding, if any comes. One whose key frame is to be asked for: another one than it gets now.
    pub(super) fn choose(&mut self, layer: Option<Layer>) -> Option<Layer> {
        self.wanted = layer.or(self.wanted);
        self.wanted.filter(|wanted| self.layer != Some(*wanted))
    }

    /// Where a packet of this encoding goes in the view's stream, if it is for it. The change to another encoding is made at a
    /// key frame, and nothing of the former one is missing before. Who sees nothing yet begins with a smaller one, too.
    pub(super) fn place(
        &mut self,
        layer: Layer,
        packet: &Packet,
        key_frame: bool,
        now: Instant,
    ) -> Option<Place> {
        self.target?;
        if self.layer != Some(layer) {
            let suits = match (self.wanted, self.layer) {
                (None, _) => true,
                (Some(wanted), None) => layer <= wanted,
                (Some(wanted), Some(_)) => layer == wanted,
            };
            if !key_frame || !suits {
                return None;
            }
            if self.layer.replace(layer).is_some() {
                self.rewriter.switch(false);
            }
        }
        self.rewriter.place(packet.sequence, packet.timestamp, key_frame, now)
    }
}

impl Track {
    pub(super) fn new(
        id: TrackId,
        room: RoomId,
        seat: SeatId,
        (kind, content): (MediaKind, Content),
        origin: Origin,
    ) -> Self {
        Self {
            id,
            room,
            seat,
            kind,
            content,
            origin,
            codecs: Vec::new(),
            codec: None,
            translation: None,
            asleep: false,
            key_frames: KeyFrames::default(),
            loudness: Loudness::default(),
            encodings: Encodings::default(),
            to_studio: View::new(kind),
            studio_tile: None,
            studio_limit: None,
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
