use std::time::{Duration, Instant};

/// Over which a stream is measured. Longer than the time between two key frames of a sender that is asked often.
const WINDOW: Duration = Duration::from_secs(1);
/// What a packet costs besides its payload, in bytes: IPv4, UDP and RTP with extensions and authentication tag.
const OVERHEAD: usize = 20 + 8 + 12 + 16 + 16;

/// How much a stream takes of a line.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Meter {
    since: Option<Instant>,
    bits: u64,
    rate: Option<u64>,
}

impl Meter {
    /// Notes a packet.
    pub(super) fn count(&mut self, payload: usize, now: Instant) {
        let since = *self.since.get_or_insert(now);
        let elapsed = now.saturating_duration_since(since);
        if elapsed >= WINDOW {
            // A stream that stood still says nothing of what it needs.
            if elapsed < 2 * WINDOW {
                let measured = self.bits * 1_000 / (elapsed.as_millis() as u64).max(1);
                // Up at once, as a line that is too full loses packets; down slowly, as a key frame comes again.
                self.rate = Some(self.rate.map_or(measured, |rate| measured.max((rate * 3 + measured) / 4)));
            }
            (self.since, self.bits) = (Some(now), 0);
        }
        self.bits += (payload + OVERHEAD) as u64 * 8;
    }

    /// Bit/s; none before the first second has passed.
    pub(super) fn rate(&self) -> Option<u64> {
        self.rate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
    fn rises_at_once_falls_slowly_and_outlasts_a_pause() {
        let mut now = Instant::now();
        let mut meter = Meter::default();
        let mut send = |meter: &mut Meter, packets: u32, payload| {
            for _ in 0..packets {
                meter.count(payload, now);
                now += Duration::from_millis(10);
            }
        };
        let kilobits = |meter: &Meter| meter.rate().map(|rate| (rate + 5_000) / 10_000 * 10);
        assert_eq!(kilobits(&meter), None);
        send(&mut meter, 101, 928);
        assert_eq!(kilobits(&meter), Some(800));
        send(&mut meter, 100, 1_928);
        assert_eq!(kilobits(&meter), Some(1_590), "its first packet was a small one yet");
        send(&mut meter, 100, 928);
        assert_eq!(kilobits(&meter), Some(1_400));
        now += Duration::from_secs(60);
        meter.count(10, now);
        assert_eq!(kilobits(&meter), Some(1_400));
    }
}
