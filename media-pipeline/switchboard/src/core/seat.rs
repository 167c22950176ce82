use super::{browser::Browser, rewrite::Rewriter, track::Track};
use str0m::media::Mid;
use tabellion_media_protocol::{
    LegConfig, LegView, MediaKind, RoomId, SeatId, TrackId,
    control::{Publish, Slot},
};

/// One participant.
pub(super) struct Seat {
    pub room: RoomId,
    /// Order of arrival in the room.
    pub order: u64,
    pub name: String,
    pub publish: Publish,
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
}

/// One receive slot.
pub(super) struct SlotState {
    pub mid: Mid,
    pub kind: MediaKind,
    pub track: Option<TrackId>,
    pub rewriter: Rewriter,
}

/// A room system, carried by the room's studio.
pub(super) struct LegSeat {
    pub config: LegConfig,
    pub view: LegView,
    pub audio_track: TrackId,
    pub video_track: TrackId,
    /// Whether the studio has said that its sockets are bound.
    pub opened: bool,
}

impl BrowserSeat {
    pub(super) fn new(browser: Browser) -> Self {
        let slots = browser
            .downlinks
            .iter()
            .map(|(mid, kind)| SlotState {
                mid: *mid,
                kind: *kind,
                track: None,
                rewriter: Rewriter::new(Track::clock_rate(*kind)),
            })
            .collect();
        Self { browser, connected: false, slots }
    }

    /// After a further offer: slots that came with it, and slots that went.
    pub(super) fn follow_offer(&mut self) {
        let lines = &self.browser.downlinks;
        self.slots.retain(|slot| lines.iter().any(|(mid, _)| *mid == slot.mid));
        for (mid, kind) in &self.browser.downlinks {
            if !self.slots.iter().any(|slot| slot.mid == *mid) {
                let rewriter = Rewriter::new(Track::clock_rate(*kind));
                self.slots.push(SlotState { mid: *mid, kind: *kind, track: None, rewriter });
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
    pub(super) fn may_publish(&self, kind: MediaKind) -> bool {
        let allowed = match kind {
            MediaKind::Audio => self.publish.audio,
            MediaKind::Video => self.publish.video,
        };
        let inside = match &self.place {
            Place::Browser(_) => true,
            Place::Leg(leg) => matches!(leg.view, LegView::Meeting { .. }) && leg.sends(kind),
        };
        allowed && inside
    }
}

/// The slots as control sees them.
pub(super) fn slot_views(slots: &[SlotState], owner: impl Fn(TrackId) -> Option<SeatId>) -> Vec<Slot> {
    slots
        .iter()
        .map(|slot| Slot { mid: slot.mid.to_string(), kind: slot.kind, seat: slot.track.and_then(&owner) })
        .collect()
}
