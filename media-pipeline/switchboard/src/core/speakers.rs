//! Who is heard, where there are more voices than a receiver has slots; and who speaks.

use std::time::{Duration, Instant};
use tabellion_media_protocol::SeatId;

/// Weight of a new level: a voice counts after about 200 ms, a cough does not.
const SMOOTHING: f32 = 0.1;
/// A track without sound for this long is silent.
const FORGOTTEN: Duration = Duration::from_millis(500);
/// Level of silence (RFC 6464 §3).
const SILENCE: f32 = -127.0;

/// Quieter than this is no voice: the noise of a room, dB.
const VOICE: f32 = -50.0;
/// By how much somebody must be louder than who speaks, to be taken for the speaker instead, dB: an echo in another room is not.
const LOUDER: f32 = 6.0;
/// For how long: an interjection is no change of speaker.
const PERSISTENT: Duration = Duration::from_millis(600);

/// How loud a track is, by the levels in its packets (RFC 6464).
#[derive(Clone, Copy, Debug)]
pub(super) struct Loudness {
    level: f32,
    at: Option<Instant>,
}

impl Default for Loudness {
    fn default() -> Self {
        Self { level: SILENCE, at: None }
    }
}

impl Loudness {
    /// Notes a packet's level, in dB below the loudest: −127 to 0.
    pub(super) fn heard(&mut self, level: i8, now: Instant) {
        self.level += (f32::from(level) - self.level) * SMOOTHING;
        self.at = Some(now);
    }

    /// In dB, −127 to 0.
    #[must_use]
    pub(super) fn level(&self, now: Instant) -> f32 {
        match self.at {
            Some(at) if now.saturating_duration_since(at) < FORGOTTEN => self.level,
            _ => SILENCE,
        }
    }
}

/// Who speaks in a room, or spoke last; then who spoke before.
#[derive(Clone, Default, Debug)]
pub(super) struct Speakers {
    order: Vec<SeatId>,
    /// Who may be the next, and since when.
    candidate: Option<(SeatId, Instant)>,
}

impl Speakers {
    /// All who spoke and are still there, the latest first.
    pub(super) fn order(&self) -> &[SeatId] {
        &self.order
    }

    pub(super) fn first(&self) -> Option<SeatId> {
        self.order.first().copied()
    }

    /// Its place among those who have spoken, 0 for who speaks; none for one who has not.
    pub(super) fn place(&self, seat: SeatId) -> Option<usize> {
        self.order.iter().position(|other| *other == seat)
    }

    /// Somebody has left.
    pub(super) fn forget(&mut self, seat: SeatId) {
        self.order.retain(|other| *other != seat);
    }

    /// Looks at everybody's level. Whether somebody else speaks now.
    pub(super) fn look(&mut self, levels: &[(SeatId, f32)], now: Instant) -> bool {
        let level_of =
            |seat| levels.iter().find(|(one, _)| *one == seat).map_or(SILENCE, |(_, level)| *level);
        let loudest = levels.iter().copied().max_by(|(_, a), (_, b)| a.total_cmp(b));
        let current = self.first();
        let threshold = current.map_or(VOICE, |seat| VOICE.max(level_of(seat) + LOUDER));
        let Some((seat, _)) = loudest.filter(|(seat, level)| current != Some(*seat) && *level > threshold)
        else {
            self.candidate = None;
            return false;
        };
        let since =
            self.candidate.filter(|(candidate, _)| *candidate == seat).map_or(now, |(_, since)| since);
        self.candidate = Some((seat, since));
        // The first one in a meeting takes nobody's place.
        let persistent = current.is_none() || now.saturating_duration_since(since) >= PERSISTENT;
        if persistent {
            self.candidate = None;
            self.forget(seat);
            self.order.insert(0, seat);
        }
        persistent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
    fn the_speaker_changes_when_somebody_else_is_louder_for_a_while() {
        let start = Instant::now();
        let mut speakers = Speakers::default();
        let [a, b, c] = [1, 2, 3].map(SeatId);
        let mut tick = 0;
        let mut look = |speakers: &mut Speakers, levels: [f32; 3]| {
            tick += 1;
            let levels: Vec<_> = [a, b, c].into_iter().zip(levels).collect();
            speakers.look(&levels, start + Duration::from_millis(300) * tick)
        };
        assert!(!look(&mut speakers, [-60.0, -70.0, -127.0]), "noise");
        assert_eq!(speakers.first(), None);
        assert!(look(&mut speakers, [-30.0, -70.0, -127.0]));
        assert_eq!(speakers.first(), Some(a));
        for _ in 0..10 {
            assert!(!look(&mut speakers, [-30.0, -26.0, -127.0]), "an echo");
        }
        assert!(!look(&mut speakers, [-60.0, -20.0, -127.0]));
        assert!(!look(&mut speakers, [-30.0, -60.0, -127.0]), "an interjection");
        assert!(!look(&mut speakers, [-60.0, -20.0, -127.0]));
        assert!(!look(&mut speakers, [-60.0, -20.0, -127.0]));
        assert!(look(&mut speakers, [-60.0, -20.0, -127.0]));
        assert_eq!((speakers.first(), speakers.place(a), speakers.place(c)), (Some(b), Some(1), None));
        for _ in 0..10 {
            assert!(!look(&mut speakers, [-127.0; 3]), "who spoke last stays in a silence");
        }
        speakers.forget(b);
        assert_eq!(speakers.first(), Some(a));
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
    fn a_voice_outweighs_a_cough_and_is_forgotten_when_it_stops() {
        let start = Instant::now();
        let frame = Duration::from_millis(20);
        let (mut voice, mut cough) = (Loudness::default(), Loudness::default());
        for i in 0..25 {
            voice.heard(-30, start + frame * i);
            cough.heard(if i == 24 { -10 } else { -90 }, start + frame * i);
        }
        let now = start + frame * 25;
        assert!(voice.level(now) > cough.level(now));
        assert_eq!(voice.level(now + FORGOTTEN).to_bits(), SILENCE.to_bits());
    }
}
