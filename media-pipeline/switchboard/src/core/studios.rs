//! Room systems, and the studios that carry them.

use super::{
    Switchboard,
    encodings::Layer,
    packet::Unwrapper,
    seat::{LegSeat, Place as SeatPlace, Seat},
    studio::{Link, StudioAction},
    track::Origin,
};
use std::time::Instant;
use tabellion_media_protocol::{
    CodecFailure, Content, LegConfig, LegView, MediaKind, PROTOCOL, RoomId, SeatId, TrackId, VideoCodec,
    control::{Answer, Event, MediaError, Publish},
    studio::{FromStudio, MEDIA, MEDIA_HEADER, SourceTile, ToStudio, WORDS},
};

impl Switchboard {
    /// A datagram from a room's studio.
    pub fn studio_datagram(&mut self, room: RoomId, bytes: &[u8], now: Instant) {
        match bytes {
            [MEDIA, rest @ ..] if bytes.len() > MEDIA_HEADER => {
                let Some(number) = rest.first_chunk::<4>() else { return };
                self.studio_packet(room, TrackId(u32::from_be_bytes(*number)), &rest[4..], now);
            }
            [WORDS, json @ ..] => match serde_json::from_slice(json) {
                Ok(report) => self.studio_report(room, report, now),
                Err(error) => self.studio_lost(room, &format!("it cannot be understood: {error}"), now),
            },
            _ => {}
        }
    }

    /// The connection to a room's studio could not be made, or has ended.
    pub fn studio_lost(&mut self, room: RoomId, reason: &str, now: Instant) {
        let Some(studio) = self.studios.get_mut(&room) else { return };
        studio.lost(reason, now);
        self.studio_actions.push_back(StudioAction::Close(room));
        for seat in self.seats.values_mut().filter(|seat| seat.room == room) {
            if let SeatPlace::Leg(leg) = &mut seat.place {
                leg.opened = false;
            }
        }
        let mut carried = Vec::new();
        for track in self.tracks.values_mut().filter(|track| track.room == room) {
            if let Origin::Studio { unwrapper, ssrc } = &mut track.origin {
                (*unwrapper, *ssrc) = (Unwrapper::default(), None);
                carried.push(track.id);
            }
        }
        // The next one counts from anywhere.
        for track in carried {
            self.restarted(track, Layer::ONLY);
        }
    }

    /// The shell has connected to a studio.
    pub fn studio_connected(&mut self, room: RoomId, now: Instant) {
        if let Some(studio) = self.studios.get_mut(&room) {
            studio.starts(now);
        }
    }

    pub(super) fn advance_studios(&mut self, now: Instant) {
        let mut overdue = Vec::new();
        let mut hung = Vec::new();
        for studio in self.studios.values_mut() {
            overdue.extend(studio.overdue(now));
            if matches!(studio.link, Link::Away { retry_at } if retry_at <= now) {
                // The shell answers with `studio_connected` or `studio_lost` before anything else happens.
                studio.starts(now);
                self.studio_actions.push_back(StudioAction::Connect(studio.room));
            }
        }
        for studio in self.studios.values() {
            if matches!(studio.link, Link::Starting { until } if until <= now) {
                hung.push(studio.room);
            }
        }
        for room in hung {
            self.studio_lost(room, "it did not greet in time", now);
        }
        for request in overdue {
            let reason = "it did not open the call's media in time".to_owned();
            self.answer(request, Err(MediaError::Studio { reason }));
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the request's own fields")]
    pub(super) fn open_leg(
        &mut self,
        request: u64,
        room: RoomId,
        seat: SeatId,
        name: String,
        (config, view): (LegConfig, LegView),
        publish: Publish,
        now: Instant,
    ) {
        if let Err(error) = self.make_sure_of_room(seat) {
            self.answer(request, Err(error));
            return;
        }
        if !self
            .seats
            .get(&seat)
            .is_some_and(|seat| seat.room == room && matches!(seat.place, SeatPlace::Leg(_)))
        {
            self.remove(seat, now);
            self.seat_leg(room, seat, &name, (config.clone(), view.clone()), publish);
        }
        if let Some(state) = self.seats.get_mut(&seat)
            && let SeatPlace::Leg(leg) = &mut state.place
        {
            (leg.config, leg.view, leg.opened) = (config, view, false);
            (state.name, state.publish) = (name, publish);
        }
        if let Some(former) = self.ensure_studio(room, now).expect_open(seat, request, now) {
            let reason = "a later change of the same call took its place".to_owned();
            self.answer(former, Err(MediaError::Studio { reason }));
        }
        self.tell_leg(seat);
        self.tell_muted(seat);
        self.reassign(room, now);
        self.advance_studios(now);
    }

    fn seat_leg(
        &mut self,
        room: RoomId,
        seat: SeatId,
        name: &str,
        (config, view): (LegConfig, LegView),
        publish: Publish,
    ) {
        let origin = Origin::Studio { unwrapper: Unwrapper::default(), ssrc: None };
        let audio_track = self.new_track(room, seat, (MediaKind::Audio, Content::Main), origin);
        let video_track = self.new_track(room, seat, (MediaKind::Video, Content::Main), origin);
        let translation = self.new_track(room, seat, (MediaKind::Video, Content::Main), origin);
        if let Some(picture) = self.tracks.get_mut(&video_track) {
            (picture.codec, picture.translation) = (Some(VideoCodec::H264), Some(translation));
        }
        if let Some(picture) = self.tracks.get_mut(&translation) {
            (picture.codec, picture.asleep) = (Some(VideoCodec::Vp8), true);
        }
        let tracks = vec![audio_track, video_track, translation];
        let order = self.new_order();
        let leg = LegSeat { config, view, audio_track, video_track, translation, opened: false };
        let place = SeatPlace::Leg(Box::new(leg));
        self.seats
            .insert(seat, Seat { room, order, name: name.to_owned(), publish, muted: false, place, tracks });
    }

    pub(super) fn show_leg(
        &mut self,
        seat: SeatId,
        view: LegView,
        now: Instant,
    ) -> Result<Answer, MediaError> {
        let state = self.seats.get_mut(&seat).ok_or(MediaError::NoSuchSeat { seat })?;
        let SeatPlace::Leg(leg) = &mut state.place else { return Err(MediaError::NoSuchSeat { seat }) };
        leg.view = view.clone();
        let room = state.room;
        if let Some(studio) = self.studios.get(&room) {
            studio.tell(&ToStudio::Show { seat, view }, &mut self.studio_actions);
        }
        self.reassign(room, now);
        Ok(Answer::Done)
    }

    /// Tells the studio of a leg as it is to be.
    pub(super) fn tell_leg(&mut self, id: SeatId) {
        let Some(seat) = self.seats.get(&id) else { return };
        let SeatPlace::Leg(leg) = &seat.place else { return };
        let Some(studio) = self.studios.get(&seat.room) else { return };
        let message = ToStudio::Leg {
            seat: id,
            name: seat.name.clone(),
            config: leg.config.clone(),
            view: leg.view.clone(),
            audio_track: leg.audio_track,
            video_track: leg.video_track,
            publish_audio: seat.publish.audio,
            publish_video: seat.publish.video,
        };
        studio.tell(&message, &mut self.studio_actions);
        if self.tracks.get(&leg.translation).is_some_and(|track| !track.asleep) {
            self.tell_translation(id);
        }
    }

    /// Tells the studio whether a leg's picture is needed as VP8.
    pub(super) fn tell_translation(&mut self, id: SeatId) {
        let Some(seat) = self.seats.get(&id) else { return };
        let SeatPlace::Leg(leg) = &seat.place else { return };
        let track = Some(leg.translation)
            .filter(|track| self.tracks.get(track).is_some_and(|translation| !translation.asleep));
        if let Some(studio) = self.studios.get(&seat.room) {
            studio.tell(&ToStudio::Translate { seat: id, track }, &mut self.studio_actions);
        }
    }

    /// A leg has left; the last one takes the studio with it.
    pub(super) fn leg_gone(&mut self, room: RoomId, seat: SeatId) {
        let Some(studio) = self.studios.get_mut(&room) else { return };
        let refused = studio.opening.remove(&seat);
        studio.tell(&ToStudio::LegGone { seat }, &mut self.studio_actions);
        let others =
            self.seats.values().any(|other| other.room == room && matches!(other.place, SeatPlace::Leg(_)));
        if !others {
            self.studios.remove(&room);
            self.studio_actions.push_back(StudioAction::Close(room));
        }
        if let Some((request, _)) = refused {
            self.answer(request, Err(MediaError::NoSuchSeat { seat }));
        }
    }

    fn studio_report(&mut self, room: RoomId, report: FromStudio, now: Instant) {
        let Some(studio) = self.studios.get_mut(&room) else { return };
        if !studio.is_ready() {
            match studio.greeted(&report, now) {
                Ok(()) => self.tell_everything(room),
                Err(reason) => self.studio_lost(room, &reason, now),
            }
            return;
        }
        match report {
            FromStudio::Ready { .. } => {}
            FromStudio::LegOpened { seat } => self.leg_opened(room, seat),
            FromStudio::LegFailed { seat, reason } => self.leg_failed(room, seat, reason),
            FromStudio::Tiles { tiles } => self.studio_tiles(room, &tiles, now),
            FromStudio::KeyFrameWanted { track } => self.key_frame_wanted_by_studio(track),
            FromStudio::KeyFrameByInfo { seat } => self.event(Event::KeyFrameByInfo { seat }),
            FromStudio::Digit { seat, digit } => self.event(Event::Digit { seat, digit }),
            FromStudio::CodecFailed { failure } => self.codec_failed(failure),
            FromStudio::LegSilent { seat, seconds } => self.event(Event::LegSilent { seat, seconds }),
        }
    }

    /// The last failure of each element is kept: the status page asks for them.
    fn codec_failed(&mut self, failure: CodecFailure) {
        self.codec_failures.retain(|former| former.element != failure.element);
        self.codec_failures.push(failure);
    }

    /// A studio that has just started, or replaces one that died, is told the whole room.
    fn tell_everything(&mut self, room: RoomId) {
        let Some(studio) = self.studios.get_mut(&room) else { return };
        let replaced = studio.died.take();
        studio.tell(&ToStudio::Open { protocol: PROTOCOL, room }, &mut self.studio_actions);
        let tracks: Vec<_> =
            self.tracks.values().filter(|track| track.room == room).map(|track| track.id).collect();
        for track in &tracks {
            self.tell_source(*track);
            // The former one drew what this one may not.
            if let Some(track) = self.tracks.get_mut(track) {
                (track.studio_tile, track.studio_limit) = (None, None);
            }
        }
        self.tell_speakers(room);
        let muted: Vec<_> =
            self.in_room(room).filter(|(_, seat)| seat.is_muted()).map(|(id, _)| id).collect();
        for seat in muted {
            self.tell_muted(seat);
        }
        let is_leg = |(_, seat): &(SeatId, &Seat)| matches!(seat.place, SeatPlace::Leg(_));
        let legs: Vec<_> = self.in_room(room).filter(is_leg).map(|(id, _)| id).collect();
        for seat in legs {
            self.tell_leg(seat);
        }
        // Its decoders begin with a key frame, and so do those who watch its legs.
        for track in tracks {
            self.key_frame_wanted_by_studio(track);
        }
        if let Some(reason) = replaced {
            self.event(Event::StudioReplaced { room, reason });
        }
    }

    fn in_room(&self, room: RoomId) -> impl Iterator<Item = (SeatId, &Seat)> {
        self.seats.iter().filter(move |(_, seat)| seat.room == room).map(|(id, seat)| (*id, seat))
    }

    /// How large the studio draws what it gets.
    fn studio_tiles(&mut self, room: RoomId, tiles: &[SourceTile], now: Instant) {
        for track in self.tracks.values_mut().filter(|track| track.room == room) {
            let drawn = tiles.iter().find(|tile| tile.track == track.id);
            track.studio_tile = Some(drawn.map_or(0, |tile| tile.rows));
            track.studio_limit = drawn.and_then(|tile| tile.max_kbps).map(|kbps| u64::from(kbps) * 1_000);
        }
        self.choose_for_studio(room, now);
        self.tell_needed_encodings(now);
    }

    /// Tells the room's studio, where there is one, who speaks.
    pub(super) fn tell_speakers(&mut self, room: RoomId) {
        let (Some(studio), Some(speakers)) = (self.studios.get(&room), self.speakers.get(&room)) else {
            return;
        };
        let seats = speakers.order().to_vec();
        studio.tell(&ToStudio::Speakers { seats }, &mut self.studio_actions);
    }

    /// Tells the room's studio, where there is one, whether somebody is heard.
    pub(super) fn tell_muted(&mut self, seat: SeatId) {
        let Some(state) = self.seats.get(&seat) else { return };
        if let Some(studio) = self.studios.get(&state.room) {
            let message = ToStudio::Muted { seat, muted: state.is_muted() };
            studio.tell(&message, &mut self.studio_actions);
        }
    }

    fn leg_opened(&mut self, room: RoomId, seat: SeatId) {
        if let Some(SeatPlace::Leg(leg)) = self.seats.get_mut(&seat).map(|seat| &mut seat.place) {
            leg.opened = true;
        }
        let waiting = self.studios.get_mut(&room).and_then(|studio| studio.opening.remove(&seat));
        if let Some((request, _)) = waiting {
            self.answer(request, Ok(Answer::Done));
        }
    }

    fn leg_failed(&mut self, room: RoomId, seat: SeatId, reason: String) {
        let waiting = self.studios.get_mut(&room).and_then(|studio| studio.opening.remove(&seat));
        match waiting {
            Some((request, _)) => self.answer(request, Err(MediaError::Studio { reason })),
            None => self.event(Event::LegFailed { seat, reason }),
        }
    }
}
