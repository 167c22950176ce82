use super::{browser::Browser, encodings::Layer, track::View};
use std::time::Instant;
use str0m::media::Mid;
use tabellion_media_protocol::{
    Content, LegConfig, LegView, MediaKind, RoomId, SeatId, TrackId,
    control::{Publish, Slot},
};

/// One participant.
pub(super) struct Seat {
    pub room: RoomId,
    /// Order of arrival in the room.
    pub order: u64,
    pub name: String,
    pub publish: Publish,
    /// Whether its user has switched the microphone off.
    pub muted: bool,
    pub place: Place,
    /// Its published tracks: sound, picture.
    pub tracks: Vec<TrackId>,
}

/// How a participant is reached.
pub(super) enum Place {
    Browser(Box<BrowserSeat>),
    Leg(Box<LegSeat>),
}

/// A browser and what its slots show.
pub(super) struct BrowserSeat {
    pub browser: Browser,
    pub connected: bool,
    pub slots: Vec<SlotState>,
    /// m-lines that it shares a screen on, by their `mid`.
    slides: Vec<String>,
    /// What its slots were given of its line, bit/s.
    pub given: u64,
}

/// One receive slot.
pub(super) struct SlotState {
    pub mid: Mid,
    pub kind: MediaKind,
    pub track: Option<TrackId>,
    pub view: View,
    /// Rows of the tile that it is shown in, 0 where it is not shown; none: as large as can be.
    pub tile: Option<u32>,
    /// Whether its picture is left out, as the line does not carry it.
    pub suspended: bool,
    /// Whether its picture is left out, as the browser does not take what it is to be sent as.
    pub undecodable: bool,
    /// Since when the line does not carry even its smallest picture.
    pub lacking_since: Option<Instant>,
}

impl SlotState {
    fn new(mid: Mid, kind: MediaKind) -> Self {
        Self {
            mid,
            kind,
            track: None,
            view: View::new(kind),
            tile: None,
            suspended: false,
            undecodable: false,
            lacking_since: None,
        }
    }

    /// Shows another track, or none, from now on.
    pub(super) fn show(&mut self, track: Option<TrackId>) {
        self.track = track;
        self.view.show_other(self.kind);
        (self.suspended, self.undecodable, self.lacking_since) = (false, false, None);
    }

    /// What it carries, or is about to carry.
    pub(super) fn shown(&self) -> Option<(TrackId, Option<Layer>)> {
        self.track.map(|track| (track, self.view.shown()))
    }
}

/// A room system, carried by the room's studio.
pub(super) struct LegSeat {
    pub config: LegConfig,
    pub view: LegView,
    pub audio_track: TrackId,
    pub video_track: TrackId,
    /// Its picture as VP8.
    pub translation: TrackId,
    /// Whether the studio has said that its sockets are bound.
    pub opened: bool,
}

impl BrowserSeat {
    pub(super) fn new(browser: Browser, slides: Vec<String>) -> Self {
        let slots = browser.downlinks.iter().map(|(mid, kind)| SlotState::new(*mid, *kind)).collect();
        Self { browser, connected: false, slots, slides, given: 0 }
    }

    /// What it sends on one of its m-lines.
    pub(super) fn content(&self, mid: Mid) -> Content {
        if self.slides.iter().any(|slides| *mid == **slides) { Content::Slides } else { Content::Main }
    }

    /// After a further offer: slots that came with it, and slots that went.
    pub(super) fn follow_offer(&mut self, slides: Vec<String>) {
        self.slides = slides;
        let lines = &self.browser.downlinks;
        self.slots.retain(|slot| lines.iter().any(|(mid, _)| *mid == slot.mid));
        for (mid, kind) in &self.browser.downlinks {
            if !self.slots.iter().any(|slot| slot.mid == *mid) {
                self.slots.push(SlotState::new(*mid, *kind));
            }
        }
    }
}

impl LegSeat {
    /// Whether the peer sends such media at all.
    fn sends(&self, kind: MediaKind) -> bool {
        match kind {
            MediaKind::Audio => self.config.audio.as_ref().is_some_and(|audio| audio.receive),
            MediaKind::Video => self.config.video.as_ref().is_some_and(|video| video.receive),
        }
    }
}

impl Seat {
    /// Whether nothing is heard of it, by its own will or by an organizer's.
    pub(super) fn is_muted(&self) -> bool {
        self.muted || !self.publish.audio
    }

    pub(super) fn may_publish(&self, kind: MediaKind, content: Content) -> bool {
        let allowed = match (content, kind) {
            (Content::Main, MediaKind::Audio) => self.publish.audio,
            (Content::Main, MediaKind::Video) => self.publish.video,
            (Content::Slides, _) => self.publish.slides,
        };
        let inside = match &self.place {
            Place::Browser(_) => true,
            Place::Leg(leg) => leg.view.is_inside() && leg.sends(kind),
        };
        allowed && inside
    }
}

/// The slots as control sees them.
pub(super) fn slot_views(
    slots: &[SlotState],
    owner: impl Fn(TrackId) -> Option<(SeatId, Content)>,
) -> Vec<Slot> {
    slots
        .iter()
        .map(|slot| {
            let (seat, content) = slot.track.and_then(&owner).unzip();
            Slot {
                mid: slot.mid.to_string(),
                kind: slot.kind,
                seat,
                content: content.unwrap_or_default(),
                suspended: slot.suspended,
                undecodable: slot.undecodable,
            }
        })
        .collect()
}
