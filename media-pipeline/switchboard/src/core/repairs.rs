//! What a browser asks for once more, which goes out twice.
//!
//! A browser that misses a packet asks for it (NACK, RFC 4585 §6.2.1), and again a round trip later where it did not come: its picture stands
//! still by then, as it waits for one round trip alone (libwebrtc's jitter estimator). On a line that loses one packet in twenty
//! either way, question or answer is lost in one of ten cases; with two answers, the question alone is left. They are the same bytes: who has
//! got the first drops the second by its number (SRTP's replay list, RFC 3711 §3.3.2). Where much is asked for, the line is full, and has no
//! room for anything twice; and what is lost there is lost twice. At once, and not a little later: a packet that comes behind those that were sent
//! after it disturbs the estimate of the line.

use std::time::{Duration, Instant};
use str0m::{
    net::{Protocol, Transmit},
    rtp::Ssrc,
};

/// Of a hundred packets, so many may be asked for of a line that loses some by chance. What a browser may have sent again is bounded besides
/// (`browser::SENT_AGAIN`).
const BY_CHANCE: usize = 8;
/// Of so long.
const SPAN: Duration = Duration::from_secs(1);
/// Packet types of RTCP that a request to send again may begin with: a sender's or a receiver's report, or the request itself (RFC 3550 §12.1,
/// RFC 4585 §6.1, RFC 5506).
const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const TRANSPORT_FEEDBACK: u8 = 205;
/// Of transport feedback (RFC 4585 §6.2.1).
const NACK: u8 = 1;

/// What goes out a second time.
#[derive(Default)]
pub(super) struct Repairs {
    /// The streams that carry what is sent again (RFC 4588), of pictures alone.
    streams: Vec<Ssrc>,
    /// Whether what is sent now is what has just been asked for.
    asked: bool,
    /// Packets that went out in this span and in the one before.
    now: Span,
    before: Span,
}

#[derive(Clone, Copy, Default)]
struct Span {
    began: Option<Instant>,
    /// All.
    sent: usize,
    /// Of these, the ones that were asked for.
    asked: usize,
}

impl Span {
    /// Whether no more was asked for than is lost of so many packets by chance.
    fn is_by_chance(self, of: usize) -> bool {
        self.asked * 100 <= of * BY_CHANCE
    }
}

impl Repairs {
    /// Of a downlink that begins to carry something.
    pub(super) fn expect(&mut self, stream: Ssrc) {
        if !self.streams.contains(&stream) {
            self.streams.push(stream);
        }
    }

    /// Something comes from the browser: what is sent until [`Self::answered`] may be what it asks for. What a report says is encrypted, what
    /// it begins with is not (RFC 3711 §3.4). Of how packets arrive (transport-wide feedback) probes come, and their padding, by the same streams:
    /// that is to go out as it was paced.
    pub(super) fn arrives(&mut self, bytes: &[u8]) {
        self.asked = match *bytes {
            [first, SENDER_REPORT | RECEIVER_REPORT, ..] => first >> 6 == 2,
            [first, TRANSPORT_FEEDBACK, ..] => first >> 6 == 2 && first & 0x1f == NACK,
            _ => false,
        };
    }

    /// What came has been answered.
    pub(super) fn answered(&mut self) {
        self.asked = false;
    }

    /// Takes note of what is sent; whether it is of use twice. By TCP nothing is lost.
    pub(super) fn is_of_use_twice(&mut self, transmit: &Transmit, now: Instant) -> bool {
        if transmit.proto != Protocol::Udp {
            return false;
        }
        let began = *self.now.began.get_or_insert(now);
        if now.saturating_duration_since(began) >= SPAN {
            self.before = std::mem::replace(&mut self.now, Span { began: Some(now), ..Span::default() });
        }
        self.now.sent += 1;
        let is_repair = self.asked
            && super::packet::ssrc(&transmit.contents)
                .is_some_and(|ssrc| self.streams.contains(&ssrc.into()));
        if !is_repair {
            return false;
        }
        self.now.asked += 1;
        self.before.is_by_chance(self.before.sent)
            && self.now.is_by_chance(self.now.sent.max(self.before.sent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: &[u8] = &[0x81, 205, 0, 3];
    const REQUEST_IN_A_REPORT: &[u8] = &[0x81, 201, 0, 7];
    const ARRIVALS: &[u8] = &[0x8f, 205, 0, 5];
    const PICTURE: &[u8] = &[0x80, 102, 0, 1];

    #[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
    fn start() -> Instant {
        Instant::now()
    }

    fn packet(proto: Protocol, stream: u32) -> Transmit {
        let mut contents = vec![0x80, 103, 0, 1, 0, 0, 0, 0];
        contents.extend(stream.to_be_bytes());
        let address = "192.0.2.1:5000".parse().unwrap();
        Transmit { proto, source: address, destination: address, contents: contents.into() }
    }

    /// A line that carries a picture, of which nothing has been lost.
    fn flowing(now: Instant) -> Repairs {
        let mut repairs = Repairs::default();
        repairs.expect(7.into());
        for _ in 0..200 {
            assert!(!repairs.is_of_use_twice(&packet(Protocol::Udp, 1), now), "a picture goes once");
        }
        repairs
    }

    #[test]
    fn what_is_asked_for_goes_out_twice_and_nothing_else() {
        let now = start();
        let mut repairs = flowing(now);
        let mut twice = |came: Option<&[u8]>, transmit: &Transmit| {
            match came {
                Some(bytes) => repairs.arrives(bytes),
                None => repairs.answered(),
            }
            repairs.is_of_use_twice(transmit, now)
        };
        assert!(twice(Some(REQUEST), &packet(Protocol::Udp, 7)));
        assert!(twice(Some(REQUEST_IN_A_REPORT), &packet(Protocol::Udp, 7)));
        assert!(!twice(None, &packet(Protocol::Udp, 7)), "padding, which nobody asked for");
        assert!(!twice(Some(PICTURE), &packet(Protocol::Udp, 7)), "a picture asks for nothing");
        assert!(!twice(Some(ARRIVALS), &packet(Protocol::Udp, 7)), "how packets arrive, neither");
        assert!(!twice(Some(REQUEST), &packet(Protocol::Udp, 8)), "a picture itself");
        assert!(!twice(Some(REQUEST), &packet(Protocol::Tcp, 7)), "nothing is lost on its way");
    }

    #[test]
    fn nothing_goes_out_twice_on_a_line_that_is_full() {
        let start = start();
        let mut repairs = flowing(start);
        let mut twice = |from: Instant, each: u32| {
            let mut count = 0;
            for number in 0..200 {
                let now = from + SPAN * number / 200;
                if number.is_multiple_of(each) {
                    repairs.arrives(REQUEST);
                    count += usize::from(repairs.is_of_use_twice(&packet(Protocol::Udp, 7), now));
                    repairs.answered();
                }
                assert!(!repairs.is_of_use_twice(&packet(Protocol::Udp, 1), now));
            }
            count
        };
        assert_eq!(twice(start + SPAN, 20), 10, "one in twenty");
        assert!(twice(start + SPAN * 2, 4) < 20, "one in four");
        assert_eq!(twice(start + SPAN * 3, 20), 0, "no more of it, for the time");
        assert_eq!(twice(start + SPAN * 4, 20), 10, "and then by chance again");
    }
}
