//! Which encoding of each picture a browser should get: by the tiles that it shows, by what its line carries.

use super::{
    Switchboard,
    allocation::{Wish, allocate},
    seat::{Place as SeatPlace, SlotState},
};
use std::{cmp::Reverse, time::Instant};
use tabellion_media_protocol::{Content, MediaKind, RoomId, SeatId, control::Event};

/// Bit/s of one voice with its packets' headers: kept free on each line before any picture.
const VOICE: u64 = 64_000;
/// What of an estimate is given to media, in hundredths: the rest is for what is sent again.
const USABLE: u64 = 95;
/// What is asked for beyond the pictures' rates, in hundredths: a larger picture is begun with that much in hand.
const SOUGHT: u64 = 120;

impl Switchboard {
    /// Chooses for one browser's slots. A change waits for a key frame, which is asked for.
    pub(super) fn choose_for_browser(&mut self, seat: SeatId, now: Instant) {
        let speaker = self.seats.get(&seat).and_then(|seat| self.speaker(seat.room));
        let Some(state) = self.seats.get_mut(&seat) else { return };
        let SeatPlace::Browser(place) = &mut state.place else { return };
        let voices = place.slots.iter().filter(|slot| slot.kind == MediaKind::Audio && slot.track.is_some());
        let voices = voices.count() as u64 * VOICE;

        let mut slots: Vec<&mut SlotState> = place
            .slots
            .iter_mut()
            .filter(|slot| slot.kind == MediaKind::Video && slot.track.is_some())
            .collect();
        let track = |slot: &SlotState| slot.track.and_then(|id| self.tracks.get(&id));
        slots.sort_by_key(|slot| {
            let slides = track(slot).is_some_and(|track| track.content == Content::Slides);
            let speaks = track(slot).is_some_and(|track| Some(track.seat) == speaker);
            (Reverse(slides), Reverse(speaks), Reverse(slot.tile.unwrap_or(u32::MAX)))
        });
        let wishes: Vec<_> = slots
            .iter()
            .map(|slot| Wish {
                choices: slot
                    .track
                    .and_then(|id| self.tracks.get(&id))
                    .map(|track| track.encodings.choices(slot.tile))
                    .unwrap_or_default(),
                current: slot.view.target,
            })
            .collect();

        let targets = match place.browser.estimate() {
            Some(estimate) => allocate((estimate * USABLE / 100).saturating_sub(voices), &wishes),
            // Its line is not known: it does not say what arrives (transport-cc).
            None => wishes.iter().map(Wish::filled).collect(),
        };
        let rate_of = |wish: &Wish, layer| {
            wish.choices.iter().find(|(one, _)| Some(*one) == layer).map_or(0, |(_, rate)| *rate)
        };
        let given: u64 = wishes.iter().zip(&targets).map(|(wish, layer)| rate_of(wish, *layer)).sum();
        let possible = |slot: &SlotState, wish: &Wish| {
            let track = slot.track.and_then(|id| self.tracks.get(&id));
            let rate = track.zip(wish.filled()).map(|(track, layer)| track.encodings.possible_rate(layer));
            rate.unwrap_or(0).max(rate_of(wish, wish.filled()))
        };
        let wished: u64 = slots.iter().zip(&wishes).map(|(slot, wish)| possible(slot, wish)).sum();
        // What the next larger picture takes.
        let step = wishes.iter().zip(&targets).filter_map(|(wish, layer)| {
            let next = wish.choices.iter().find(|(one, _)| Some(*one) > *layer)?;
            Some(next.1 - rate_of(wish, *layer))
        });
        let next = step.min().map(|step| given + step);

        let mut told_anew = false;
        for ((slot, wish), target) in slots.into_iter().zip(&wishes).zip(targets) {
            let narrow = target < wish.filled();
            let suspended = target.is_none() && narrow;
            told_anew |= suspended != slot.suspended;
            slot.suspended = suspended;
            let Some(target) = target else {
                slot.view.pause(MediaKind::Video);
                continue;
            };
            slot.view.target = Some(target);
            let Some(track) = slot.track.and_then(|id| self.tracks.get_mut(&id)) else { continue };
            let nearest = track.encodings.nearest(target, narrow, now);
            // A key frame that comes before the receiver is connected is lost on it: it is asked for then.
            if let Some(layer) = slot.view.choose(nearest)
                && place.connected
            {
                track.key_frames.want(layer);
            }
        }
        place.given = given + voices;
        let sought = |rate: u64| (rate + voices) * SOUGHT / 100;
        place.browser.seek(next.map_or(0, sought), sought(wished));
        if told_anew {
            let slots = self.slots(seat);
            self.event(Event::Slots { seat, slots });
        }
    }

    /// A browser's line carries another rate than before. What is too much for it stops at once; what has room again waits for
    /// the next look.
    pub(super) fn line_changed(&mut self, seat: SeatId, now: Instant) {
        let too_much = self
            .browser(seat)
            .is_some_and(|place| place.browser.estimate().is_some_and(|estimate| estimate < place.given));
        if too_much {
            self.choose_for_browser(seat, now);
        }
    }

    /// Who speaks in a room, or spoke last.
    pub(super) fn speaker(&self, room: RoomId) -> Option<SeatId> {
        self.speakers.get(&room).and_then(|speakers| speakers.first())
    }
}
