//! What pictures are sent as: H.264, which room systems take, or VP8 as long as somebody in the room takes nothing else (a Firefox
//! whose H.264 plug-in has not come). The senders change over; nothing is transcoded.

use super::{
    Switchboard,
    packet::Format,
    seat::{Place as SeatPlace, SlotState},
    track::{Origin, Track},
};
use std::{collections::BTreeSet, time::Instant};
use tabellion_media_protocol::{MediaKind, RoomId, SeatId, VideoCodec};

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
