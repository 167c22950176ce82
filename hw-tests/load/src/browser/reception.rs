use super::publication::starts_key_frame;
use std::{collections::HashMap, time::Instant};
use str0m::rtp::{RtpPacket, Ssrc};

/// What has come to a browser.
#[derive(Default)]
pub(crate) struct Reception {
    streams: HashMap<Ssrc, Stream>,
    /// When the first key frame had come whole.
    pub first_picture: Option<Instant>,
}

/// Packets of all streams.
#[derive(Clone, Copy, Default)]
pub(crate) struct Counts {
    pub received: u64,
    pub lost: u64,
}

impl Counts {
    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            received: self.received - before.received,
            // What was lost before may have been sent again since.
            lost: self.lost.saturating_sub(before.lost),
        }
    }
}

impl std::iter::Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), |sum, one| Self {
            received: sum.received + one.received,
            lost: sum.lost + one.lost,
        })
    }
}

#[derive(Default)]
struct Stream {
    received: u64,
    /// Sequence numbers: the first one, and the one after the last.
    expected: Option<(u64, u64)>,
    /// Of a key frame that is coming: the number of its next packet.
    key_frame: Option<u64>,
}

impl Reception {
    pub(super) fn take(&mut self, packet: &RtpPacket, now: Instant) {
        let stream = self.streams.entry(packet.header.ssrc).or_default();
        if stream.take(*packet.seq_no, packet.header.marker, &packet.payload) {
            self.first_picture.get_or_insert(now);
        }
    }

    pub(crate) fn counts(&self) -> Counts {
        self.streams.values().map(Stream::counts).sum()
    }

    /// Streams of which something has come.
    pub(crate) fn streams(&self) -> usize {
        self.streams.len()
    }
}

impl Stream {
    /// Whether a key frame has come whole with this packet.
    fn take(&mut self, sequence: u64, marker: bool, payload: &[u8]) -> bool {
        self.received += 1;
        let (first, next) = self.expected.unwrap_or((sequence, sequence));
        self.expected = Some((first, next.max(sequence + 1)));
        if starts_key_frame(payload) {
            self.key_frame = Some(sequence);
        }
        let goes_on = self.key_frame == Some(sequence);
        self.key_frame = self.key_frame.filter(|_| goes_on && !marker).map(|_| sequence + 1);
        goes_on && marker
    }

    fn counts(&self) -> Counts {
        let (first, next) = self.expected.unwrap_or_default();
        // Retransmissions fill what was lost before.
        Counts { received: self.received, lost: (next - first).saturating_sub(self.received) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STARTS_KEY_FRAME: &[u8] = &[0x7c, 0x85];
    const STARTS_ANOTHER: &[u8] = &[0x7c, 0x81];
    const GOES_ON: &[u8] = &[0x7c, 0x05];

    #[test]
    fn a_key_frame_is_whole_when_its_last_packet_follows_all_others() {
        let mut stream = Stream::default();
        assert!(!stream.take(1, false, STARTS_ANOTHER));
        assert!(!stream.take(2, true, GOES_ON), "of another picture");
        assert!(!stream.take(3, false, STARTS_KEY_FRAME));
        assert!(!stream.take(5, true, GOES_ON), "one is missing");
        assert!(!stream.take(6, false, STARTS_KEY_FRAME));
        assert!(!stream.take(7, false, GOES_ON));
        assert!(stream.take(8, true, GOES_ON));
        assert!(stream.take(9, true, STARTS_KEY_FRAME), "of one packet");
    }

    #[test]
    fn what_was_lost_and_sent_again_is_not_lost() {
        let mut stream = Stream::default();
        for sequence in [100, 101, 104, 105] {
            stream.take(sequence, false, GOES_ON);
        }
        assert_eq!((stream.counts().received, stream.counts().lost), (4, 2));
        stream.take(102, false, GOES_ON);
        assert_eq!((stream.counts().received, stream.counts().lost), (5, 1));
    }
}
