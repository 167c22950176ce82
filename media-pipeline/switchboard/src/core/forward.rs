//! The path of one packet: from its track to every slot that shows it, and to the room's studio.

use super::{
    Switchboard,
    browser::Uplink,
    encodings::{Layer, Layers},
    packet::{self, Packet},
    quality::largest,
    seat::{Place as SeatPlace, SlotState},
    studio::StudioAction,
    track::{Origin, Track, View},
};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};
use str0m::media::Mid;
use tabellion_media_protocol::{Content, MediaKind, RoomId, SeatId, TrackId, studio::ToStudio};

/// A picture, or a receiver, that was away for longer than this needs a key frame.
pub(super) const SILENCE: Duration = Duration::from_millis(700);

/// The same of a screen that is shown to all: one that stands still is sent once a second.
const STANDSTILL: Duration = Duration::from_secs(3);

/// Level in dB of sound whose sender says none: a studio, which sends a room system's sound only while there is some.
const ASSUMED_LEVEL: i8 = -35;

impl Switchboard {
    pub(super) fn browser_packet(&mut self, seat: SeatId, from: &Uplink, packet: &Packet, now: Instant) {
        let own = self.tracks.values_mut().find(|track| {
            track.seat == seat && matches!(track.origin, Origin::Browser { mid } if mid == from.mid)
        });
        let Some(track) = own else { return };
        let id = track.id;
        let encoding = track.encodings.get_mut(from.layer);
        if let Some(known) = encoding.ssrc
            && known != from.ssrc
        {
            // A second stream on the line that has no name of its own: one of them is enough. It takes over when the
            // first falls silent.
            if encoding.heard_at.is_some_and(|at| now.saturating_duration_since(at) <= SILENCE) {
                return;
            }
            self.restarted(id, from.layer);
        }
        let Some(track) = self.tracks.get_mut(&id) else { return };
        let encoding = track.encodings.get_mut(from.layer);
        encoding.ssrc = Some(from.ssrc);
        if encoding.was_recovered(packet) {
            return;
        }
        // Who takes no sound with the piece before, a studio for one, is spared the loss on the way here.
        if let Some(before) = encoding.recover(packet) {
            self.forward(id, from.layer, &before, now);
        }
        self.forward(id, from.layer, packet, now);
    }

    /// RTP from a studio: a room system's sound or picture.
    pub(super) fn studio_packet(&mut self, room: RoomId, track: TrackId, rtp: &[u8], now: Instant) {
        let Some(track) = self.tracks.get_mut(&track).filter(|track| track.room == room) else { return };
        let Origin::Studio { unwrapper, ssrc } = &mut track.origin else { return };
        let now_from = packet::ssrc(rtp);
        let restarted = ssrc.is_some() && *ssrc != now_from;
        *ssrc = now_from;
        if restarted {
            *unwrapper = packet::Unwrapper::default();
        }
        let Some(packet) = packet::from_studio(rtp, unwrapper) else { return };
        let id = track.id;
        if restarted {
            self.restarted(id, Layer::ONLY);
        }
        self.forward(id, Layer::ONLY, &packet, now);
    }

    /// The numbers of a track's encoding begin anew: whoever watches comes in again, in step with what was sent before.
    pub(super) fn restarted(&mut self, id: TrackId, layer: Layer) {
        let Some(kind) = self.tracks.get(&id).map(|track| track.kind) else { return };
        for view in self.views(id).filter(|view| view.layer == Some(layer)) {
            view.begin_anew(kind);
        }
        if let Some(track) = self.tracks.get_mut(&id) {
            track.encodings.get_mut(layer).begin_anew();
        }
        self.want_key_frame(id, layer);
    }

    /// All that get this track: browsers' slots, and the room's studio.
    fn views(&mut self, id: TrackId) -> impl Iterator<Item = &mut View> {
        let slots = self.seats.values_mut().filter_map(|seat| match &mut seat.place {
            SeatPlace::Browser(place) => Some(place.slots.iter_mut()),
            SeatPlace::Leg(_) => None,
        });
        let slots = slots.flatten().filter(move |slot| slot.track == Some(id)).map(|slot| &mut slot.view);
        slots.chain(self.tracks.get_mut(&id).map(|track| &mut track.to_studio))
    }

    fn forward(&mut self, id: TrackId, layer: Layer, packet: &Packet, now: Instant) {
        let Some(track) = self.tracks.get_mut(&id) else { return };
        if !self.seats.get(&track.seat).is_some_and(|seat| seat.may_publish(track.kind, track.content)) {
            return;
        }
        if track.encodings.get(layer).is_past(packet) {
            return;
        }
        let key_frame = note(track, layer, packet, now);
        let room = track.room;
        for (id_of_seat, seat) in &mut self.seats {
            let SeatPlace::Browser(place) = &mut seat.place else { continue };
            if seat.room != room || !place.connected {
                continue;
            }
            for slot in place.slots.iter_mut().filter(|slot| slot.track == Some(id)) {
                let Some(payload_type) = place.browser.payload_type(slot.mid, packet.format) else {
                    slot.view.interrupt(track.kind);
                    continue;
                };
                let Some(at) = slot.view.place(layer, packet, key_frame, now) else { continue };
                if place.browser.send((slot.mid, payload_type), at, packet, now) {
                    self.written.insert(*id_of_seat);
                }
            }
        }
        if matches!(track.origin, Origin::Browser { .. })
            && self.studios.get(&room).is_some_and(super::studio::Studio::is_ready)
            && let Some(at) = track.to_studio.place(layer, packet, key_frame, now)
        {
            self.studio_actions.push_back(StudioAction::Media(room, packet.to_studio(id.0, at)));
        }
    }

    /// A receiver asks for what one of its slots shows.
    pub(super) fn key_frame_wanted(&mut self, seat: SeatId, mid: Mid) {
        let slot = self.browser(seat).and_then(|place| place.slots.iter().find(|slot| slot.mid == mid));
        if let Some((track, layer)) = slot.and_then(SlotState::shown) {
            self.want_shown_key_frame(track, layer);
        }
    }

    /// The room's studio asks for what it gets of a track.
    pub(super) fn key_frame_wanted_by_studio(&mut self, track: TrackId) {
        if let Some(layer) = self.tracks.get(&track).map(|track| track.to_studio.shown()) {
            self.want_shown_key_frame(track, layer);
        }
    }

    /// Of what somebody gets. Who gets nothing yet wishes for what comes as soon as it is known; a studio has but one.
    fn want_shown_key_frame(&mut self, track: TrackId, layer: Option<Layer>) {
        let mixed = || {
            let origin = self.tracks.get(&track).map(|track| track.origin);
            matches!(origin, Some(Origin::Studio { .. })).then_some(Layer::ONLY)
        };
        if let Some(layer) = layer.or_else(mixed) {
            self.want_key_frame(track, layer);
        }
    }

    pub(super) fn want_key_frame(&mut self, track: TrackId, layer: Layer) {
        let comes = |track: &&mut Track| track.kind == MediaKind::Video && !track.asleep;
        if let Some(track) = self.tracks.get_mut(&track).filter(comes) {
            track.key_frames.want(layer);
        }
    }

    /// For everything that a receiver watches.
    pub(super) fn want_all_key_frames(&mut self, seat: SeatId) {
        let watched: Vec<_> = self
            .browser(seat)
            .map(|place| place.slots.iter().filter_map(SlotState::shown).collect())
            .unwrap_or_default();
        for (track, layer) in watched {
            self.want_shown_key_frame(track, layer);
        }
    }

    /// Chooses the encoding of each picture that each of those who get it should have.
    pub(super) fn choose_encodings(&mut self, now: Instant) {
        let seats: Vec<_> = self.seats.keys().copied().collect();
        for seat in seats {
            self.choose_for_browser(seat, now);
        }
        let mixed: Vec<_> =
            self.studios.values().filter(|studio| studio.is_ready()).map(|studio| studio.room).collect();
        for room in mixed {
            self.choose_for_studio(room, now);
        }
    }

    /// Chooses what a room's studio gets: the smallest encoding of each picture that fills its largest tile, or the largest that may go on to
    /// equipment as it comes.
    pub(super) fn choose_for_studio(&mut self, room: RoomId, now: Instant) {
        // What the studio itself sends does not go back to it.
        let mixed = |track: &&mut Track| {
            let comes_here = matches!(track.origin, Origin::Browser { .. });
            track.room == room && track.kind == MediaKind::Video && comes_here
        };
        let (limits, speaker) = (self.load.limits(), self.speaker(room));
        for track in self.tracks.values_mut().filter(mixed) {
            let most = largest(track, limits, speaker);
            let choices = track.encodings.choices_within(track.studio_tile, most);
            // What goes on as it comes must not be larger than the equipment takes; a tile may be filled by more than it needs.
            let may_go_on = |layer| {
                track.studio_limit.is_none_or(|limit| {
                    let height = track.encodings.get(layer).height;
                    track.encodings.possible_rate(layer) <= limit
                        && height.zip(track.studio_tile).is_none_or(|(height, most)| height <= most)
                })
            };
            let within = choices.iter().rev().find(|(layer, _)| may_go_on(*layer));
            let Some((target, _)) = within.or(choices.first()).copied() else {
                track.to_studio.pause(MediaKind::Video);
                continue;
            };
            track.to_studio.target = Some(target);
            let nearest = track.encodings.nearest(target, track.studio_limit.is_some(), None, now);
            if let Some(layer) = track.to_studio.choose(nearest) {
                track.key_frames.want(layer);
            }
        }
    }

    /// Tells the browsers which encodings of their pictures are needed.
    pub(super) fn tell_needed_encodings(&mut self, now: Instant) {
        let mut needed: BTreeMap<TrackId, Layers> = BTreeMap::new();
        for seat in self.seats.values() {
            let SeatPlace::Browser(place) = &seat.place else { continue };
            for slot in &place.slots {
                let Some(track) = slot.track.and_then(|id| self.tracks.get(&id)) else { continue };
                let layers = needed.entry(track.id).or_default();
                let Some(target) = slot.view.target else { continue };
                // That it gets now, too, until the other one has come.
                layers.extend(track.encodings.ideal(target, now).chain(slot.view.layer));
            }
        }
        let mixed = |room: &RoomId| self.studios.contains_key(room);
        let mut changed = Vec::new();
        for track in self.tracks.values_mut() {
            let mut layers = needed.remove(&track.id).unwrap_or_default();
            if mixed(&track.room) {
                let ideal =
                    track.to_studio.target.into_iter().flat_map(|target| track.encodings.ideal(target, now));
                layers.extend(ideal.chain(track.to_studio.layer));
            }
            if track.encodings.need(layers, now) {
                // What is not sent any more has no key frame to wait for.
                track.encodings.not_told().for_each(|layer| track.key_frames.arrived(layer));
                changed.push(track.seat);
            }
        }
        for seat in changed {
            self.tell_encodings(seat);
        }
    }

    /// Asks the sources whose time has come.
    pub(super) fn ask_key_frames(&mut self, now: Instant) {
        for track in self.tracks.values_mut().filter(|track| track.key_frames.due(now).is_some()) {
            // What has not come yet begins with a key frame by itself; of what comes back `note` wishes for one.
            if matches!(track.origin, Origin::Browser { .. }) {
                let gone = Layer::all().filter(|layer| !track.encodings.comes(*layer, now));
                gone.for_each(|layer| track.key_frames.arrived(layer));
            }
        }
        let due: Vec<_> = self
            .tracks
            .values_mut()
            .filter_map(|track| track.key_frames.ask(now).then_some(track.id))
            .collect();
        for id in due {
            let Some(track) = self.tracks.get(&id) else { continue };
            let (room, seat) = (track.room, track.seat);
            match track.origin {
                Origin::Browser { .. } => {
                    let wanted: Vec<_> =
                        track.encodings.sent().filter(|(layer, _)| track.key_frames.wants(*layer)).collect();
                    if let (Some(place), false) = (self.browser_mut(seat), wanted.is_empty()) {
                        wanted.iter().for_each(|(_, ssrc)| place.browser.ask_key_frame(*ssrc));
                        self.written.insert(seat);
                    }
                }
                Origin::Studio { .. } => {
                    if let Some(studio) = self.studios.get(&room) {
                        studio.tell(&ToStudio::KeyFrame { track: id }, &mut self.studio_actions);
                    }
                }
            }
        }
    }
}

/// Notes what a packet tells of its track. Whether it begins a key frame.
fn note(track: &mut Track, layer: Layer, packet: &Packet, now: Instant) -> bool {
    if track.kind == MediaKind::Audio {
        track.loudness.heard(packet.level.unwrap_or(ASSUMED_LEVEL), now);
    }
    let encoding = track.encodings.get_mut(layer);
    let silence = match track.content {
        Content::Main => SILENCE,
        Content::Slides => STANDSTILL,
    };
    let returns = encoding.heard_at.is_some_and(|at| now.saturating_duration_since(at) > silence);
    encoding.heard(packet, now);
    let key_frame = packet.format.starts_key_frame(&packet.payload);
    if track.kind == MediaKind::Video {
        if key_frame {
            encoding.height = packet.format.height(&packet.payload).or(encoding.height);
            track.key_frames.arrived(layer);
        } else if returns {
            track.key_frames.want(layer);
        }
    }
    key_frame
}
