use std::time::Instant;

/// First sequence number of a slot. Below 65536, as SRTP's rollover counter starts at 0 for both ends (RFC 3711 §3.3.1).
const FIRST_SEQUENCE: u64 = 1_000;
/// First timestamp of a slot.
const FIRST_TIMESTAMP: u32 = 10_000;

/// Makes one continuous stream of the tracks that a slot shows one after the other.
///
/// Sequence numbers go on without a gap, and the timestamp goes on by the time that passed. Without the latter a
/// switch stops Chromium's picture for three seconds, with no loss shown.
#[derive(Clone, Debug)]
pub struct Rewriter {
    clock_rate: u32,
    waits_for_key_frame: bool,
    source: Option<Source>,
    next_sequence: u64,
    last: Option<(u32, Instant)>,
}

#[derive(Clone, Copy, Debug)]
struct Source {
    first_sequence: u64,
    first_timestamp: u32,
    sequence_base: u64,
    timestamp_base: u32,
}

/// Where a packet goes in the slot's stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// Extended sequence number.
    pub sequence: u64,
    /// RTP timestamp.
    pub timestamp: u32,
}

impl Rewriter {
    /// A slot that has shown nothing. `clock_rate` in Hz.
    #[must_use]
    pub fn new(clock_rate: u32) -> Self {
        Self {
            clock_rate,
            waits_for_key_frame: false,
            source: None,
            next_sequence: FIRST_SEQUENCE,
            last: None,
        }
    }

    /// Another track is shown from now on; `from_key_frame`: from its next key frame.
    pub fn switch(&mut self, from_key_frame: bool) {
        self.source = None;
        self.waits_for_key_frame = from_key_frame;
    }

    /// Where this packet goes; none where it cannot be used: before the key frame, or older than where we came in.
    pub fn place(&mut self, sequence: u64, timestamp: u32, key_frame: bool, now: Instant) -> Option<Place> {
        if self.waits_for_key_frame {
            if !key_frame {
                return None;
            }
            self.waits_for_key_frame = false;
        }
        let source = *self.source.get_or_insert_with(|| Source {
            first_sequence: sequence,
            first_timestamp: timestamp,
            sequence_base: self.next_sequence,
            timestamp_base: continued(self.last, self.clock_rate, now),
        });
        let place = Place {
            sequence: source.sequence_base + sequence.checked_sub(source.first_sequence)?,
            timestamp: source.timestamp_base.wrapping_add(timestamp.wrapping_sub(source.first_timestamp)),
        };
        if place.sequence >= self.next_sequence {
            self.next_sequence = place.sequence + 1;
            self.last = Some((place.timestamp, now));
        }
        Some(place)
    }
}

/// The timestamp that a picture of now has, in a stream that showed `last`.
fn continued(last: Option<(u32, Instant)>, clock_rate: u32, now: Instant) -> u32 {
    let Some((timestamp, at)) = last else { return FIRST_TIMESTAMP };
    let elapsed = now.saturating_duration_since(at);
    let ticks = elapsed.as_micros() * u128::from(clock_rate) / 1_000_000;
    // At least a tick: two pictures at one timestamp would be one. Wrapping is RTP's (RFC 3550 §5.1).
    timestamp.wrapping_add((ticks as u32).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
    fn start() -> Instant {
        Instant::now()
    }

    #[test]
    fn a_switch_goes_on_in_sequence_and_in_time() {
        let start = start();
        let mut slot = Rewriter::new(90_000);
        let first = slot.place(70_000, 4_000_000_000, true, start).unwrap();
        assert_eq!(first, Place { sequence: 1_000, timestamp: 10_000 });
        let second = slot.place(70_001, 4_000_003_600, false, start + Duration::from_millis(40)).unwrap();
        assert_eq!(second, Place { sequence: 1_001, timestamp: 13_600 });

        slot.switch(true);
        let later = start + Duration::from_millis(140);
        assert_eq!(slot.place(5, 77, false, later), None, "not before its key frame");
        let third = slot.place(6, 99, true, later).unwrap();
        assert_eq!(third, Place { sequence: 1_002, timestamp: 13_600 + 9_000 });
    }

    #[test]
    fn reordering_and_loss_keep_their_gaps_so_that_they_can_be_repaired() {
        let now = start();
        let mut slot = Rewriter::new(90_000);
        let sequences: Vec<_> =
            [10, 12, 11, 15].iter().map(|seq| slot.place(*seq, 0, true, now).unwrap().sequence).collect();
        assert_eq!(sequences, [1_000, 1_002, 1_001, 1_005]);
        assert_eq!(slot.place(9, 0, true, now), None, "older than where we came in");
    }

    #[test]
    fn timestamps_wrap() {
        let now = start();
        let mut slot = Rewriter::new(90_000);
        slot.place(1, u32::MAX - 10, true, now);
        assert_eq!(slot.place(2, 20, false, now).unwrap().timestamp, 10_031);
    }
}
