//! Which encoding of each picture a browser should get: by the tiles that it shows, by what its line carries.

use super::{
    Switchboard,
    allocation::{Budget, Wish, allocate},
    browser::Browser,
    codecs::is_decodable,
    encodings::Layer,
    load::Limits,
    seat::{Place as SeatPlace, SlotState},
    track::Track,
};
use std::{
    cmp::Reverse,
    collections::BTreeMap,
    time::{Duration, Instant},
};
use tabellion_media_protocol::{Content, MediaKind, RoomId, SeatId, TrackId, control::Event};

/// Bit/s of one voice with its packets' headers: kept free on each line before any picture.
const VOICE: u64 = 64_000;
/// The same with the piece before in each packet.
const VOICE_TWICE: u64 = 96_000;
/// What of an estimate is given to media, in hundredths: the rest is for what is sent again.
const USABLE: u64 = 95;
/// What is asked for beyond the pictures' rates, in hundredths: a larger picture is begun with that much in hand.
const SOUGHT: u64 = 120;
/// How long a picture goes on that a line does not seem to carry.
const DIP: Duration = Duration::from_millis(1_500);
/// Bit/s.
const STEP: u64 = 500_000;

/// What a line's rate is given to.
struct Division {
    /// The encoding of each wish.
    targets: Vec<Option<Layer>>,
    /// Bit/s that they take together.
    given: u64,
    /// Bit/s with the next larger picture that the limit has room for; none where there is no such picture.
    next: Option<u64>,
    /// Bit/s with which every tile is filled.
    wished: u64,
}

impl Division {
    fn of(budget: Budget, wishes: &[Wish]) -> Self {
        let targets = allocate(budget, wishes);
        let each = || wishes.iter().zip(&targets);
        let given = each().map(|(wish, layer)| wish.rate_of(*layer)).sum();
        let steps = each().filter_map(|(wish, layer)| {
            let larger = wish.choices.iter().find(|(one, _)| Some(*one) > *layer)?;
            Some(larger.1.saturating_sub(wish.rate_of(*layer)))
        });
        let next = steps.min().map(|step| given + step).filter(|next| *next <= budget.limit);
        let wished = wishes.iter().map(|wish| wish.possible).sum();
        Self { targets, given, next, wished }
    }
}

impl Switchboard {
    /// Chooses for one browser's slots. A change waits for a key frame, which is asked for.
    pub(super) fn choose_for_browser(&mut self, seat: SeatId, now: Instant) {
        let speaker = self.seats.get(&seat).and_then(|seat| self.speaker(seat.room));
        let Some(SeatPlace::Browser(place)) = self.seats.get_mut(&seat).map(|seat| &mut seat.place) else {
            return;
        };
        let voices = place.slots.iter().filter(|slot| slot.kind == MediaKind::Audio && slot.track.is_some());
        let voice = if place.browser.hears_twice() { VOICE_TWICE } else { VOICE };
        let voices = voices.count() as u64 * voice;
        let mut slots: Vec<_> = place
            .slots
            .iter_mut()
            .filter(|slot| slot.kind == MediaKind::Video && slot.track.is_some())
            .collect();
        let mut told_anew = false;
        for slot in &mut slots {
            let track = slot.track.and_then(|id| self.tracks.get(&id));
            let undecodable = track.is_some_and(|track| !is_decodable(track, slot, &place.browser));
            told_anew |= std::mem::replace(&mut slot.undecodable, undecodable) != undecodable;
        }
        slots.sort_by_key(|slot| importance(slot, &self.tracks, speaker));
        let limits = self.load.limits();
        let wishes: Vec<_> = slots.iter().map(|slot| wish(slot, &self.tracks, limits, speaker)).collect();
        let budget = Budget {
            line: (place.browser.estimate() * USABLE / 100).saturating_sub(voices),
            limit: place.browser.limit().saturating_sub(voices),
        };
        let Division { targets, given, next, wished } = Division::of(budget, &wishes);
        let left = place.browser.is_limited().then(|| budget.limit.saturating_sub(given));

        for ((slot, wish), target) in slots.into_iter().zip(&wishes).zip(targets) {
            let Some(track) = slot.track.and_then(|id| self.tracks.get_mut(&id)) else { continue };
            let receiver = place.connected.then_some(&place.browser);
            told_anew |= aim(slot, (wish, target, left), track, receiver, now);
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
        let too_much = self.browser(seat).is_some_and(|place| place.browser.bandwidth() < place.given);
        if too_much {
            self.choose_for_browser(seat, now);
        }
    }

    /// Who speaks in a room, or spoke last.
    pub(super) fn speaker(&self, room: RoomId) -> Option<SeatId> {
        self.speakers.get(&room).and_then(|speakers| speakers.first())
    }
}

/// What is shown to all first, then who speaks, then the larger tile.
fn importance(
    slot: &SlotState,
    tracks: &BTreeMap<TrackId, Track>,
    speaker: Option<SeatId>,
) -> impl Ord + use<> {
    let track = slot.track.and_then(|id| tracks.get(&id));
    let slides = track.is_some_and(|track| track.content == Content::Slides);
    let speaks = track.is_some_and(|track| Some(track.seat) == speaker);
    (Reverse(slides), Reverse(speaks), Reverse(slot.tile.unwrap_or(u32::MAX)))
}

/// What a slot may get. What it may come to need is counted in steps: what is sought on the line must not change with each
/// measurement.
fn wish(
    slot: &SlotState,
    tracks: &BTreeMap<TrackId, Track>,
    limits: Limits,
    speaker: Option<SeatId>,
) -> Wish {
    let shown = slot.track.filter(|_| !slot.undecodable);
    let Some(track) = shown.and_then(|id| tracks.get(&id)) else { return Wish::default() };
    let choices = track.encodings.choices_within(slot.tile, largest(track, limits, speaker));
    let possible = choices
        .last()
        .map_or(0, |(layer, rate)| track.encodings.possible_rate(*layer).max(*rate).next_multiple_of(STEP));
    Wish { choices, current: slot.view.target, possible }
}

/// The largest encoding of a picture that the box has time for.
pub(super) fn largest(track: &Track, limits: Limits, speaker: Option<SeatId>) -> Layer {
    match track.content {
        Content::Slides => Layer::WHOLE,
        Content::Main if Some(track.seat) == speaker => limits.speaker,
        Content::Main => limits.others,
    }
}

/// Gives a slot its target, beside which the user's limit, where there is one, leaves so many bit/s; `receiver`: once it is connected. Whether what the page
/// is to be told of it has changed.
fn aim(
    slot: &mut SlotState,
    (wish, target, left): (&Wish, Option<Layer>, Option<u64>),
    track: &mut Track,
    receiver: Option<&Browser>,
    now: Instant,
) -> bool {
    let narrow = target < wish.filled();
    let lacking = target.is_none() && narrow;
    let since = slot.lacking_since.unwrap_or(now);
    slot.lacking_since = lacking.then_some(since);
    // An estimate dips for a moment each time that it has gone too far.
    let smallest = wish.choices.first().map(|(layer, _)| *layer);
    let bears = lacking && slot.view.target.is_some() && now.saturating_duration_since(since) < DIP;
    let target = if bears { smallest } else { target };
    let suspended = target.is_none() && narrow;
    let changed = std::mem::replace(&mut slot.suspended, suspended) != suspended;
    let Some(target) = target else {
        slot.view.pause(MediaKind::Video);
        return changed;
    };
    slot.view.target = Some(target);
    let most = left.map(|left| left + wish.rate_of(Some(target)));
    // What comes may all be more than the limit: then the target is waited for.
    let nearest = track.encodings.nearest(target, narrow, most, now).or(most.and(Some(target)));
    // A key frame that comes before the receiver is connected is lost on it: it is asked for then. One of what it does not take is of
    // no use: what it does take begins with one.
    if let Some(layer) = slot.view.choose(nearest)
        && let Some(browser) = receiver
        && track.encodings.get(layer).newest.is_none_or(|(format, _)| browser.takes(slot.mid, format))
    {
        track.key_frames.want(layer);
    }
    changed
}
