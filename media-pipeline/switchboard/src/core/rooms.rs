//! Who is in a room, and which of its tracks each receiver gets.

use super::{
    Switchboard,
    encodings::Encodings,
    seat::{Place as SeatPlace, slot_views},
    slots::assign,
    studio::Studio,
    track::{Origin, Track},
};
use std::{cmp::Reverse, collections::BTreeMap, time::Instant};
use tabellion_media_protocol::{
    Content, MediaKind, RoomId, SeatId, TrackId,
    control::{Encoding, Event, Publish, SeatState, Snapshot},
    studio::ToStudio,
};
use tracing::warn;

/// By how much a voice must be louder than one that is heard, to take its place: dB.
const HYSTERESIS: f32 = 6.0;

impl Switchboard {
    pub(super) fn new_track(
        &mut self,
        room: RoomId,
        seat: SeatId,
        what: (MediaKind, Content),
        origin: Origin,
    ) -> TrackId {
        let id = TrackId(self.next_track);
        self.next_track = self.next_track.wrapping_add(1).max(1);
        self.tracks.insert(id, Track::new(id, room, seat, what, origin));
        id
    }

    /// The place of one who arrives now.
    pub(super) fn new_order(&mut self) -> u64 {
        self.next_order += 1;
        self.next_order
    }

    /// After a further offer: what the browser does not send any more.
    pub(super) fn withdraw_gone_uplinks(&mut self, seat: SeatId) {
        let Some(place) = self.browser(seat) else { return };
        // A line that shows something else from now on is another track.
        let sends = |track: &Track| match track.origin {
            Origin::Browser { mid } => {
                place.content(mid) == track.content
                    && place.browser.uplinks.iter().any(|(line, _)| *line == mid)
            }
            Origin::Studio { .. } => true,
        };
        let gone: Vec<_> = self
            .tracks
            .values()
            .filter(|track| track.seat == seat && !sends(track))
            .map(|track| (track.room, track.id, track.kind, track.content))
            .collect();
        for (room, track, kind, content) in gone {
            self.tracks.remove(&track);
            let Some(seat) = self.seats.get_mut(&seat) else { continue };
            seat.tracks.retain(|id| *id != track);
            if seat.may_publish(kind, content) {
                self.tell_source_gone(room, track);
            }
        }
    }

    /// Publishes a browser's uplinks.
    pub(super) fn publish_uplinks(&mut self, seat: SeatId) {
        let Some(room) = self.seats.get(&seat).map(|seat| seat.room) else { return };
        let uplinks = self.browser(seat).map(|place| place.browser.uplinks.clone()).unwrap_or_default();
        for (mid, kind) in uplinks {
            let known = self.tracks.values().any(|track| {
                track.seat == seat && matches!(track.origin, Origin::Browser { mid: its } if its == mid)
            });
            if known {
                continue;
            }
            let Some(place) = self.browser(seat) else { return };
            let offered = place.browser.encodings.get(&mid).cloned();
            let codecs = place.browser.codecs.get(&mid).cloned().unwrap_or_default();
            let what = (kind, place.content(mid));
            // One of each is all that a page sends; more would take the others' slots.
            let has_one =
                self.tracks.values().any(|track| track.seat == seat && (track.kind, track.content) == what);
            if has_one {
                continue;
            }
            let track = self.new_track(room, seat, what, Origin::Browser { mid });
            if let Some(seat) = self.seats.get_mut(&seat) {
                seat.tracks.push(track);
            }
            if let Some(track) = self.tracks.get_mut(&track) {
                track.encodings = Encodings::offered(offered.unwrap_or_default());
                track.codecs = codecs;
            }
            self.tell_source(track);
        }
    }

    /// Tells the room's studio of a browser's track, where there is a studio.
    pub(super) fn tell_source(&mut self, track: TrackId) {
        let Some(track) = self.tracks.get(&track) else { return };
        let Some(studio) = self.studios.get(&track.room) else { return };
        let Some(seat) = self.seats.get(&track.seat) else { return };
        if matches!(track.origin, Origin::Browser { .. }) && seat.may_publish(track.kind, track.content) {
            let message = ToStudio::Source {
                track: track.id,
                seat: track.seat,
                name: seat.name.clone(),
                kind: track.kind,
                content: track.content,
            };
            studio.tell(&message, &mut self.studio_actions);
        }
    }

    fn tell_source_gone(&mut self, room: RoomId, track: TrackId) {
        if let Some(studio) = self.studios.get(&room) {
            studio.tell(&ToStudio::SourceGone { track }, &mut self.studio_actions);
        }
    }

    /// Removes a seat with its tracks and its transport, for good.
    pub(super) fn remove(&mut self, seat: SeatId, now: Instant) {
        let room = self.seats.get(&seat).map(|seat| seat.room);
        self.take_out(seat, now);
        let Some((room, speakers)) = room.and_then(|room| Some((room, self.speakers.get_mut(&room)?))) else {
            return;
        };
        let spoke = speakers.first();
        speakers.forget(seat);
        let speaks = speakers.first();
        if !self.seats.values().any(|other| other.room == room) {
            self.speakers.remove(&room);
        } else if let Some(seat) = speaks.filter(|_| speaks != spoke) {
            self.event(Event::Speaker { room, seat });
        }
    }

    /// Removes a seat's tracks and its transport; it may come back.
    pub(super) fn take_out(&mut self, seat: SeatId, now: Instant) {
        let Some(mut gone) = self.seats.remove(&seat) else { return };
        let room = gone.room;
        for track in std::mem::take(&mut gone.tracks) {
            let what = self.tracks.remove(&track).map(|track| (track.kind, track.content));
            if matches!(gone.place, SeatPlace::Browser(_))
                && what.is_some_and(|(kind, content)| gone.may_publish(kind, content))
            {
                self.tell_source_gone(room, track);
            }
        }
        match &mut gone.place {
            SeatPlace::Browser(place) => {
                let mut reports = Vec::new();
                place.browser.close(now, &mut reports);
                for report in reports {
                    if let super::Report::Transmit(transmit) = report {
                        self.transmits.push_back(transmit);
                    }
                }
                self.demux.forget(seat);
                self.written.remove(&seat);
            }
            SeatPlace::Leg(_) => self.leg_gone(room, seat),
        }
        self.reassign(room, now);
    }

    pub(super) fn set_publish(&mut self, seat: SeatId, publish: Publish, now: Instant) -> bool {
        let Some(state) = self.seats.get_mut(&seat) else { return false };
        let before = [
            (MediaKind::Audio, Content::Main),
            (MediaKind::Video, Content::Main),
            (MediaKind::Audio, Content::Slides),
            (MediaKind::Video, Content::Slides),
        ]
        .map(|(kind, content)| ((kind, content), state.may_publish(kind, content)));
        state.publish = publish;
        let changed: Vec<_> = before
            .into_iter()
            .filter(|((kind, content), might)| state.may_publish(*kind, *content) != *might)
            .collect();
        let (room, tracks) = (state.room, state.tracks.clone());
        self.tell_muted(seat);
        match &self.seats[&seat].place {
            SeatPlace::Leg(_) => self.tell_leg(seat),
            SeatPlace::Browser(_) => {
                for track in tracks {
                    let what = self.tracks.get(&track).map(|track| (track.kind, track.content));
                    match changed.iter().find(|(changed, _)| Some(*changed) == what) {
                        Some((_, true)) => self.tell_source_gone(room, track),
                        Some((_, false)) => self.tell_source(track),
                        None => {}
                    }
                }
            }
        }
        self.reassign(room, now);
        true
    }

    /// Gives each receiver of a room its tracks anew, and tells those whose slots changed.
    pub(super) fn reassign(&mut self, room: RoomId, now: Instant) {
        self.choose_codecs(room, now);
        let receivers: Vec<_> = self
            .seats
            .iter()
            .filter(|(_, seat)| seat.room == room && matches!(seat.place, SeatPlace::Browser(_)))
            .map(|(id, _)| *id)
            .collect();
        for seat in receivers {
            self.reassign_seat(room, seat, now);
        }
    }

    /// Finds out who speaks, in each room.
    pub(super) fn look_who_speaks(&mut self, now: Instant) {
        let mut levels: BTreeMap<RoomId, Vec<(SeatId, f32)>> = BTreeMap::new();
        let is_voice = |track: &&Track| track.kind == MediaKind::Audio && track.content == Content::Main;
        for track in self.tracks.values().filter(is_voice) {
            if self.seats.get(&track.seat).is_some_and(|seat| seat.may_publish(track.kind, track.content)) {
                levels.entry(track.room).or_default().push((track.seat, track.loudness.level(now)));
            }
        }
        for (room, levels) in levels {
            let speakers = self.speakers.entry(room).or_default();
            if speakers.look(&levels, now)
                && let Some(seat) = speakers.first()
            {
                self.event(Event::Speaker { room, seat });
                self.tell_speakers(room);
                self.reassign(room, now);
            }
        }
    }

    /// Where there are more voices than slots, who is heard depends on who speaks.
    pub(super) fn reassign_crowded(&mut self, now: Instant) {
        let rooms: std::collections::BTreeSet<_> = self.seats.values().map(|seat| seat.room).collect();
        for room in rooms {
            let voices =
                self.tracks.values().filter(|track| track.room == room && track.kind == MediaKind::Audio);
            let fewest = self
                .seats
                .values()
                .filter(|seat| seat.room == room)
                .filter_map(|seat| match &seat.place {
                    SeatPlace::Browser(place) => {
                        Some(place.slots.iter().filter(|slot| slot.kind == MediaKind::Audio).count())
                    }
                    SeatPlace::Leg(_) => None,
                })
                .min();
            if fewest.is_some_and(|slots| voices.count() > slots + 1) {
                self.reassign(room, now);
            }
        }
    }

    fn reassign_seat(&mut self, room: RoomId, seat: SeatId, now: Instant) {
        let mut changed = false;
        for kind in [MediaKind::Audio, MediaKind::Video] {
            let mut wanted = self.wanted(room, seat, kind, now);
            if kind == MediaKind::Video {
                self.leave_out_other_forms(seat, &mut wanted);
                self.leave_out(&mut wanted);
            }
            let Some(place) = self.browser_mut(seat) else { return };
            let mut slots: Vec<_> = place.slots.iter_mut().filter(|slot| slot.kind == kind).collect();
            let current: Vec<_> = slots.iter().map(|slot| slot.track).collect();
            for (slot, track) in slots.iter_mut().zip(assign(&current, &wanted)) {
                if slot.track != track {
                    slot.show(track);
                    changed = true;
                }
            }
        }
        if changed {
            self.choose_for_browser(seat, now);
            let slots = self.slots(seat);
            self.event(Event::Slots { seat, slots });
        }
    }

    /// The tracks that a receiver should get, most important first: what is shown to all; pictures of those who spoke last, then
    /// in order of arrival; voices by loudness.
    fn wanted(&self, room: RoomId, receiver: SeatId, kind: MediaKind, now: Instant) -> Vec<TrackId> {
        let presenter = self.presenter(room);
        let mut wanted: Vec<_> = self
            .tracks
            .values()
            .filter(|track| track.room == room && track.kind == kind && track.seat != receiver)
            .filter_map(|track| Some((track, self.seats.get(&track.seat)?)))
            .filter(|(track, seat)| seat.may_publish(track.kind, track.content))
            // Of several who show something the one who began last.
            .filter(|(track, _)| track.content == Content::Main || Some(track.seat) == presenter)
            .collect();
        match kind {
            MediaKind::Video => {
                let speakers = self.speakers.get(&room);
                let spoke = |track: &Track| speakers.and_then(|speakers| speakers.place(track.seat));
                wanted.sort_by_key(|(track, seat)| {
                    (Reverse(track.content), spoke(track).unwrap_or(usize::MAX), seat.order)
                });
            }
            MediaKind::Audio => {
                let heard = self.browser(receiver).map(|place| place.slots.as_slice()).unwrap_or_default();
                let weight = |track: &Track| {
                    let is_heard = heard.iter().any(|slot| slot.track == Some(track.id));
                    track.loudness.level(now) + if is_heard { HYSTERESIS } else { 0.0 }
                };
                wanted.sort_by(|(a, _), (b, _)| {
                    let by_loudness = weight(b).total_cmp(&weight(a));
                    b.content.cmp(&a.content).then(by_loudness).then(a.id.cmp(&b.id))
                });
            }
        }
        wanted.into_iter().map(|(track, _)| track.id).collect()
    }

    /// Leaves out of what is wanted, the most important first, those people that the box has no time for.
    fn leave_out(&self, wanted: &mut Vec<TrackId>) {
        let mut people = 0;
        wanted.retain(|track| {
            let shows = self.tracks.get(track).is_some_and(|track| track.content == Content::Slides);
            people += usize::from(!shows);
            shows || people <= self.load.limits().people
        });
    }

    /// How busy the box is: the share of the switchboard's time, in hundredths, that it worked. Where that
    /// is too much, pictures are given up, and with less they come back.
    pub fn busy(&mut self, share: u8, now: Instant) {
        if !self.load.note(share, now) {
            return;
        }
        warn!(
            share_percent = share,
            step = self.load.step(),
            "pictures are given up, or come back, as the box is busy"
        );
        let rooms: std::collections::BTreeSet<_> = self.seats.values().map(|seat| seat.room).collect();
        for room in rooms {
            self.reassign(room, now);
        }
        self.choose_encodings(now);
        self.tell_needed_encodings(now);
    }

    /// Who shows something to all: of several the one who began last.
    fn presenter(&self, room: RoomId) -> Option<SeatId> {
        let slides = self.tracks.values().filter(|track| {
            let is_shown = track.room == room && track.kind == MediaKind::Video;
            let seat = self.seats.get(&track.seat);
            is_shown
                && track.content == Content::Slides
                && seat.is_some_and(|seat| seat.may_publish(track.kind, track.content))
        });
        slides.max_by_key(|track| track.id).map(|track| track.seat)
    }

    /// Tells a browser which encodings of its pictures to send, and as what.
    pub(super) fn tell_encodings(&mut self, seat: SeatId) {
        let encodings = self.encodings(seat);
        self.event(Event::Encodings { seat, encodings });
    }

    fn encodings(&self, seat: SeatId) -> Vec<Encoding> {
        let tracks = self.seats.get(&seat).map(|seat| seat.tracks.as_slice()).unwrap_or_default();
        let told = tracks.iter().filter_map(|track| self.tracks.get(track)).filter_map(|track| {
            let (Origin::Browser { mid }, Some(codec)) = (track.origin, track.codec) else { return None };
            let encoding = move |rid| Encoding { mid: mid.to_string(), rid, codec };
            Some(track.encodings.told().into_iter().map(encoding))
        });
        told.flatten().collect()
    }

    pub(super) fn slots(&self, seat: SeatId) -> Vec<tabellion_media_protocol::control::Slot> {
        let owner = |track: TrackId| self.tracks.get(&track).map(|track| (track.seat, track.content));
        self.browser(seat).map(|place| slot_views(&place.slots, owner)).unwrap_or_default()
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        let seats = self
            .seats
            .iter()
            .map(|(id, seat)| SeatState {
                room: seat.room,
                seat: *id,
                connected: match &seat.place {
                    SeatPlace::Browser(place) => place.connected,
                    SeatPlace::Leg(leg) => leg.opened,
                },
                slots: self.slots(*id),
                encodings: self.encodings(*id),
            })
            .collect();
        let studios = self.studios.values().filter_map(|studio| Some((studio.room, studio.pid()?))).collect();
        let speakers =
            self.speakers.iter().filter_map(|(room, speakers)| Some((*room, speakers.first()?))).collect();
        Snapshot { seats, studios, speakers }
    }

    pub(super) fn ensure_studio(&mut self, room: RoomId, now: Instant) -> &mut Studio {
        self.studios.entry(room).or_insert_with(|| Studio::new(room, now))
    }
}
