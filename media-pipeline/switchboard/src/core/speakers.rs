//! Who is heard, where there are more voices than a receiver has slots.

use std::time::{Duration, Instant};

/// Weight of a new level: a voice counts after about 200 ms, a cough does not.
const SMOOTHING: f32 = 0.1;
/// A track without sound for this long is silent.
const FORGOTTEN: Duration = Duration::from_millis(500);
/// Level of silence (RFC 6464 §3).
const SILENCE: f32 = -127.0;

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

#[cfg(test)]
mod tests {
    use super::*;

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
