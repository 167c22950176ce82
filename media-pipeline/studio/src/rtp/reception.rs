use super::{Packet, continuity::ticks};
use std::time::{Duration, Instant};

/// What is received from one SSRC, counted as RFC 3550 appendices A.3 and A.8 have it, for the reports.
#[derive(Debug)]
pub struct Reception {
    /// Of whom.
    pub ssrc: u32,
    clock_rate: u32,
    origin: Instant,
    first: u32,
    highest: u32,
    received: u32,
    expected_before: u32,
    received_before: u32,
    transit: Option<u32>,
    jitter: f64,
    sender_report: Option<(u32, Instant)>,
}

impl Reception {
    /// Begins with a source's first packet.
    #[must_use]
    pub fn new(packet: &Packet<'_>, clock_rate: u32, now: Instant) -> Self {
        let first = u32::from(packet.sequence);
        Self {
            ssrc: packet.ssrc,
            clock_rate,
            origin: now,
            first,
            highest: first,
            received: 0,
            expected_before: 0,
            received_before: 0,
            transit: None,
            jitter: 0.0,
            sender_report: None,
        }
    }

    /// Counts a packet.
    pub fn received(&mut self, packet: &Packet<'_>, now: Instant) {
        self.received = self.received.wrapping_add(1);
        let [_, _, high, low] = self.highest.to_be_bytes();
        let step = packet.sequence.wrapping_sub(u16::from_be_bytes([high, low])).cast_signed();
        if step > 0 {
            self.highest = self.highest.wrapping_add(u32::from(step.unsigned_abs()));
        }
        let arrival = ticks(now.saturating_duration_since(self.origin), self.clock_rate);
        let transit = arrival.wrapping_sub(packet.timestamp);
        if let Some(before) = self.transit.replace(transit) {
            let deviation = f64::from(transit.wrapping_sub(before).cast_signed().unsigned_abs());
            self.jitter += (deviation - self.jitter) / 16.0;
        }
    }

    /// Notes the middle 32 bits of a sender report's NTP time.
    pub fn sender_report(&mut self, ntp: u32, now: Instant) {
        self.sender_report = Some((ntp, now));
    }

    /// A report block (RFC 3550 §6.4.1); the fraction lost counts from the last one.
    pub fn block(&mut self, now: Instant) -> [u8; 24] {
        let expected = self.highest.wrapping_sub(self.first).wrapping_add(1);
        let lost = i64::from(expected) - i64::from(self.received);
        let expected_since = expected.wrapping_sub(self.expected_before);
        let received_since = self.received.wrapping_sub(self.received_before);
        (self.expected_before, self.received_before) = (expected, self.received);
        let lost_since = u64::from(expected_since.saturating_sub(received_since));
        let fraction = (lost_since << 8).checked_div(u64::from(expected_since)).unwrap_or(0).min(255);
        let lost = i32::try_from(lost.clamp(-0x80_0000, 0x7f_ffff)).expect("clamped to 24 bits");
        let (last, delay) = match self.sender_report {
            Some((ntp, at)) => (ntp, ticks(now.saturating_duration_since(at), 65_536)),
            None => (0, 0),
        };
        let mut block = [0; 24];
        block[..4].copy_from_slice(&self.ssrc.to_be_bytes());
        block[4..8].copy_from_slice(&lost.to_be_bytes());
        block[4] = u8::try_from(fraction).expect("at most 255");
        block[8..12].copy_from_slice(&self.highest.to_be_bytes());
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a mean of 32-bit values"
        )]
        block[12..16].copy_from_slice(&(self.jitter as u32).to_be_bytes());
        block[16..20].copy_from_slice(&last.to_be_bytes());
        block[20..].copy_from_slice(&delay.to_be_bytes());
        block
    }

    /// How long after the first packet this is, for tests and logs.
    #[must_use]
    pub fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.origin)
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
mod tests {
    use super::*;

    fn packet(sequence: u16) -> Packet<'static> {
        let timestamp = u32::from(sequence) * 160;
        Packet { payload_type: 8, marker: false, sequence, timestamp, ssrc: 9, payload: &[] }
    }

    #[test]
    fn losses_are_counted_across_the_wrap() {
        let start = Instant::now();
        let mut reception = Reception::new(&packet(65_530), 8_000, start);
        for sequence in (65_530..=65_535).chain(0..14).filter(|n| n % 5 != 0) {
            reception.received(&packet(sequence), start);
        }
        let block = reception.block(start);
        // 65530, 65535, 0, 5 and 10 of 20 are missing.
        assert_eq!(&block[4..8], &[64, 0, 0, 5], "a quarter, five in all");
        assert_eq!(&block[8..12], &[0, 1, 0, 13], "one cycle, then 13");
        assert_eq!(reception.block(start)[4], 0, "nothing lost since");
    }

    #[test]
    fn the_time_since_the_senders_report_is_told() {
        let start = Instant::now();
        let mut reception = Reception::new(&packet(1), 8_000, start);
        reception.sender_report(0xaabb_ccdd, start);
        let block = reception.block(start + Duration::from_millis(1_500));
        assert_eq!(&block[16..], &[0xaa, 0xbb, 0xcc, 0xdd, 0, 1, 0x80, 0]);
    }
}
