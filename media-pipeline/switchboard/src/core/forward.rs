//! The path of one packet: from its track to every slot that shows it, and to the room's studio.

use super::{
    Switchboard,
    packet::{self, Packet},
    seat::Place as SeatPlace,
    studio::StudioAction,
    track::{Origin, Track},
};
use std::time::{Duration, Instant};
use str0m::{media::Mid, rtp::Ssrc};
use tabellion_media_protocol::{MediaKind, RoomId, SeatId, TrackId, studio::ToStudio};

/// A picture, or a receiver, that was away for longer than this needs a key frame.
pub(super) const SILENCE: Duration = Duration::from_millis(700);

/// Level in dB of sound whose sender says none: a studio, which sends a room system's sound only while there is some.
const ASSUMED_LEVEL: i8 = -35;

impl Switchboard {
    pub(super) fn browser_packet(
        &mut self,
        seat: SeatId,
        mid: Mid,
        ssrc: Ssrc,
        packet: &Packet,
        now: Instant,
    ) {
        let own = self.tracks.values_mut().find(|track| {
            track.seat == seat && matches!(track.origin, Origin::Browser { mid: its, .. } if its == mid)
        });
        let Some(track) = own else { return };
        let id = track.id;
        if let Origin::Browser { ssrc: Some(known), .. } = track.origin
            && known != ssrc
        {
            // A second stream on the line is another layer of the same picture: one of them is enough. It takes
            // over when the first falls silent.
            if track.heard_at.is_some_and(|at| now.saturating_duration_since(at) <= SILENCE) {
                return;
            }
            self.restarted(id);
        }
        if let Some(track) = self.tracks.get_mut(&id) {
            track.origin = Origin::Browser { mid, ssrc: Some(ssrc) };
        }
        self.forward(id, packet, now);
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
            self.restarted(id);
        }
        self.forward(id, &packet, now);
    }

    /// A track's numbers begin anew: whoever watches comes in again, in step with what was sent before.
    pub(super) fn restarted(&mut self, id: TrackId) {
        let Some(kind) = self.tracks.get(&id).map(|track| track.kind) else { return };
        for seat in self.seats.values_mut() {
            let SeatPlace::Browser(place) = &mut seat.place else { continue };
            for slot in place.slots.iter_mut().filter(|slot| slot.track == Some(id)) {
                slot.rewriter.switch(kind == MediaKind::Video);
            }
        }
        self.want_key_frame(id);
    }

    fn forward(&mut self, id: TrackId, packet: &Packet, now: Instant) {
        let Some(track) = self.tracks.get_mut(&id) else { return };
        if !self.seats.get(&track.seat).is_some_and(|seat| seat.may_publish(track.kind)) {
            return;
        }
        let key_frame = note(track, packet, now);
        let room = track.room;
        let from_browser = matches!(track.origin, Origin::Browser { .. });
        for (id_of_seat, seat) in &mut self.seats {
            let SeatPlace::Browser(place) = &mut seat.place else { continue };
            if seat.room != room || !place.connected {
                continue;
            }
            for slot in place.slots.iter_mut().filter(|slot| slot.track == Some(id)) {
                let Some(at) = slot.rewriter.place(packet.sequence, packet.timestamp, key_frame, now) else {
                    continue;
                };
                if place.browser.send(slot.mid, at, packet, now) {
                    self.written.insert(*id_of_seat);
                }
            }
        }
        if from_browser && self.studios.get(&room).is_some_and(super::studio::Studio::is_ready) {
            self.studio_actions.push_back(StudioAction::Media(room, packet.to_studio(id.0)));
        }
    }

    /// A receiver asks for what one of its slots shows.
    pub(super) fn key_frame_wanted(&mut self, seat: SeatId, mid: Mid) {
        let slot = self.browser(seat).and_then(|place| place.slots.iter().find(|slot| slot.mid == mid));
        if let Some(track) = slot.and_then(|slot| slot.track) {
            self.want_key_frame(track);
        }
    }

    pub(super) fn want_key_frame(&mut self, track: TrackId) {
        if let Some(track) = self.tracks.get_mut(&track).filter(|track| track.kind == MediaKind::Video) {
            track.key_frames.want();
        }
    }

    /// For everything that a receiver watches.
    pub(super) fn want_all_key_frames(&mut self, seat: SeatId) {
        let watched: Vec<_> = self
            .browser(seat)
            .map(|place| place.slots.iter().filter_map(|slot| slot.track).collect())
            .unwrap_or_default();
        for track in watched {
            self.want_key_frame(track);
        }
    }

    /// Asks the sources whose time has come.
    pub(super) fn ask_key_frames(&mut self, now: Instant) {
        let due: Vec<_> = self
            .tracks
            .values_mut()
            .filter_map(|track| {
                track.key_frames.ask(now).then_some((track.id, track.room, track.seat, track.origin))
            })
            .collect();
        for (id, room, seat, origin) in due {
            match origin {
                Origin::Browser { ssrc: Some(ssrc), .. } => {
                    if let Some(place) = self.browser_mut(seat) {
                        place.browser.ask_key_frame(ssrc);
                        self.written.insert(seat);
                    }
                }
                // It has sent nothing yet: its first picture is a key frame.
                Origin::Browser { ssrc: None, .. } => {}
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
fn note(track: &mut Track, packet: &Packet, now: Instant) -> bool {
    track.format = Some(packet.format);
    if track.kind == MediaKind::Audio {
        track.loudness.heard(packet.level.unwrap_or(ASSUMED_LEVEL), now);
    }
    let returns = track.heard_at.is_some_and(|at| now.saturating_duration_since(at) > SILENCE);
    track.heard_at = Some(now);
    let key_frame = packet.format.starts_key_frame(&packet.payload);
    if track.kind == MediaKind::Video {
        if key_frame {
            track.key_frames.arrived();
        } else if returns {
            track.key_frames.want();
        }
    }
    key_frame
}
