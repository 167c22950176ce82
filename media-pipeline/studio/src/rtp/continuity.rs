use super::Packet;
use std::time::{Duration, Instant};

/// A larger step of a timestamp than this is a restart, in seconds.
const LARGEST_STEP: u64 = 10;

/// Makes one stream of what a peer sends, although its SSRC and numbers may begin anew in the middle (a hold, a
/// transfer, a room system that restarts its encoder): what decodes it need not be built again.
#[derive(Debug)]
pub struct Continuity {
    clock_rate: u32,
    source: Option<u32>,
    sequence_shift: u16,
    timestamp_shift: u32,
    last: Option<(u16, u32, Instant)>,
}

impl Continuity {
    /// For a clock of so many ticks a second.
    #[must_use]
    pub fn new(clock_rate: u32) -> Self {
        let (sequence_shift, timestamp_shift) = (0, 0);
        Self { clock_rate, source: None, sequence_shift, timestamp_shift, last: None }
    }

    /// Rewrites a packet's numbers in place. Whether the peer began anew. Bytes that are not RTP stay as they are.
    pub fn join(&mut self, bytes: &mut [u8], now: Instant) -> bool {
        let Some(packet) = Packet::parse(bytes) else { return false };
        let (sequence, timestamp, ssrc) = (packet.sequence, packet.timestamp, packet.ssrc);
        let anew = self.source.is_some_and(|source| source != ssrc || self.leaps(timestamp));
        if let Some((last_sequence, last_timestamp, at)) = self.last.filter(|_| anew) {
            let ticks = ticks(now.saturating_duration_since(at), self.clock_rate).max(1);
            self.sequence_shift = last_sequence.wrapping_add(1).wrapping_sub(sequence);
            self.timestamp_shift = last_timestamp.wrapping_add(ticks).wrapping_sub(timestamp);
        }
        self.source = Some(ssrc);
        let sequence = sequence.wrapping_add(self.sequence_shift);
        let timestamp = timestamp.wrapping_add(self.timestamp_shift);
        bytes[2..4].copy_from_slice(&sequence.to_be_bytes());
        bytes[4..8].copy_from_slice(&timestamp.to_be_bytes());
        bytes[8..12].fill(0);
        let latest = self.last.is_none_or(|(last, ..)| sequence.wrapping_sub(last).cast_signed() > 0);
        if anew || latest {
            self.last = Some((sequence, timestamp, now));
        }
        anew
    }

    fn leaps(&self, timestamp: u32) -> bool {
        self.last.is_some_and(|(_, last, _)| {
            let step = timestamp.wrapping_add(self.timestamp_shift).wrapping_sub(last).cast_signed();
            u64::from(step.unsigned_abs()) > LARGEST_STEP * u64::from(self.clock_rate)
        })
    }
}

/// A duration in ticks of a clock, modulo 2³².
pub(super) fn ticks(duration: Duration, clock_rate: u32) -> u32 {
    let ticks = duration.as_nanos() * u128::from(clock_rate) / 1_000_000_000;
    u32::try_from(ticks & u128::from(u32::MAX)).expect("the mask leaves 32 bits")
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
mod tests {
    use super::*;

    fn packet(ssrc: u32, sequence: u16, timestamp: u32) -> Vec<u8> {
        Packet { payload_type: 8, marker: false, sequence, timestamp, ssrc, payload: &[0] }.build()
    }

    fn numbers(bytes: &[u8]) -> (u16, u32) {
        let packet = Packet::parse(bytes).unwrap();
        (packet.sequence, packet.timestamp)
    }

    #[test]
    fn a_new_source_goes_on_where_the_former_stopped() {
        let (mut continuity, start) = (Continuity::new(8_000), Instant::now());
        let mut first = packet(1, 65_535, 4_000_000_000);
        assert!(!continuity.join(&mut first, start));
        assert_eq!(numbers(&first), (65_535, 4_000_000_000));
        let mut second = packet(2, 77, 5);
        assert!(continuity.join(&mut second, start + Duration::from_millis(100)));
        assert_eq!(numbers(&second), (0, 4_000_000_800));
        let mut third = packet(2, 78, 165);
        assert!(!continuity.join(&mut third, start + Duration::from_millis(120)));
        assert_eq!(numbers(&third), (1, 4_000_000_960));
    }

    #[test]
    fn late_packets_keep_their_place() {
        let (mut continuity, start) = (Continuity::new(8_000), Instant::now());
        let order = [10, 12, 11, 13];
        let out = order.map(|n| {
            let mut bytes = packet(1, n, u32::from(n) * 160);
            continuity.join(&mut bytes, start);
            numbers(&bytes).0
        });
        assert_eq!(out, order);
    }
}
