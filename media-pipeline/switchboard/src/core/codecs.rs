//! What pictures are sent as: H.264, which room systems take, or VP8 as long as somebody in the room takes nothing else (a Firefox
//! whose H.264 plug-in has not come). Browsers change over. Room systems cannot: the studio, which decodes their pictures for
//! its mix, encodes them for those few once more.

use super::{
    Switchboard,
    key_frames::KeyFrames,
    packet::Format,
    seat::{Place as SeatPlace, SlotState},
    track::{Origin, Track},
};
use std::{collections::BTreeSet, time::Instant};
use tabellion_media_protocol::{MediaKind, RoomId, SeatId, TrackId, VideoCodec};

impl Switchboard {
    /// Chooses for a room anew, and tells those who are to send something else than before.
    pub(super) fn choose_codecs(&mut self, room: RoomId, now: Instant) {
        let lacked = |codec| self.browsers_of(room).any(|(_, place)| place.browser.lacks(codec));
        // Every browser takes VP8 (RFC 7742 §5). Where what is none takes no VP8, nothing suits all.
        let suits = if lacked(VideoCodec::H264) && !lacked(VideoCodec::Vp8) {
            VideoCodec::Vp8
        } else {
            VideoCodec::H264
        };
        self.choose_translations(room, lacked(VideoCodec::H264));
        let mut changed = BTreeSet::new();
        let is_picture = |track: &&mut Track| {
            let is_a_browsers = matches!(track.origin, Origin::Browser { .. });
            track.room == room && track.kind == MediaKind::Video && is_a_browsers
        };
        for track in self.tracks.values_mut().filter(is_picture) {
            let codec = track.codecs.contains(&suits).then_some(suits).or(track.codecs.first().copied());
            if std::mem::replace(&mut track.codec, codec) != codec {
                changed.insert(track.seat);
            }
        }
        if changed.is_empty() {
            return;
        }
        for seat in changed {
            self.tell_encodings(seat);
        }
        let browsers: Vec<_> = self.browsers_of(room).map(|(seat, _)| seat).collect();
        for seat in browsers {
            self.choose_for_browser(seat, now);
        }
    }

    fn choose_translations(&mut self, room: RoomId, needed: bool) {
        let mut changed = Vec::new();
        for (id, seat) in self.seats.iter().filter(|(_, seat)| seat.room == room) {
            let SeatPlace::Leg(leg) = &seat.place else { continue };
            let Some(translation) = self.tracks.get_mut(&leg.translation) else { continue };
            if translation.asleep == needed {
                translation.asleep = !needed;
                // A wish of before would never come true.
                translation.key_frames = KeyFrames::default();
                changed.push(*id);
            }
        }
        for seat in changed {
            self.tell_translation(seat);
        }
    }

    /// Leaves out of the pictures that somebody wants each that there is in a form that suits the browser better.
    pub(super) fn leave_out_other_forms(&self, receiver: SeatId, wanted: &mut Vec<TrackId>) {
        let takes_h264 = self.browser(receiver).is_some_and(|place| !place.browser.lacks(VideoCodec::H264));
        let translated: Vec<_> =
            wanted.iter().filter_map(|id| Some((*id, self.tracks.get(id)?.translation?))).collect();
        wanted.retain(|id| {
            !translated.iter().any(|(original, other)| *id == if takes_h264 { *other } else { *original })
        });
    }

    fn browsers_of(&self, room: RoomId) -> impl Iterator<Item = (SeatId, &super::seat::BrowserSeat)> {
        self.seats.iter().filter(move |(_, seat)| seat.room == room).filter_map(|(id, seat)| {
            match &seat.place {
                SeatPlace::Browser(place) => Some((*id, &**place)),
                SeatPlace::Leg(_) => None,
            }
        })
    }
}

/// Whether a slot's browser can show what this picture is to be sent as.
pub(super) fn is_decodable(track: &Track, slot: &SlotState, browser: &super::browser::Browser) -> bool {
    track.codec.is_none_or(|codec| browser.takes(slot.mid, Format::Video(codec)))
}
