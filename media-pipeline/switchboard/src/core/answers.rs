//! Answers to connectivity checks, which go out more than once until a browser's handshake begins.
//!
//! libnice 0.1.22 sends a check three times (after 0, 0.5 and 1.5 s), takes its pair for dead after 2 s and ICE for failed after
//! 5 s more. What would have it try again, a check from here, ICE lite does not send (RFC 8445 §2.5). On a line that loses one packet in
//! twenty both ways, question or answer is lost three times in a row in one of a thousand checks, and each of libnice's joins has two; where an
//! answer is as good as never lost, in one of eight thousand. And it is half a second sooner in one join of ten.

use super::copy;
use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};
use str0m::net::{Protocol, Transmit};

/// After the first time. On a good line the handshake has begun before.
const AGAIN: [Duration; 2] = [Duration::from_millis(50), Duration::from_millis(150)];
/// Most that wait: of Chromium's first three checks on each of some pairs of addresses.
const WAITING: usize = 32;
/// A binding's success response (RFC 8489 §5).
const SUCCESS: [u8; 2] = [0x01, 0x01];

/// What is to be sent again.
#[derive(Default)]
pub(super) struct Answers {
    waiting: VecDeque<(Instant, Transmit)>,
    needless: bool,
}

impl Answers {
    /// Takes note of what is sent.
    pub(super) fn sent(&mut self, transmit: &Transmit, now: Instant) {
        if self.needless || transmit.proto != Protocol::Udp || !transmit.contents.starts_with(&SUCCESS) {
            return;
        }
        for wait in AGAIN {
            if self.waiting.len() == WAITING {
                self.waiting.pop_front();
            }
            self.waiting.push_back((now + wait, copy(transmit)));
        }
    }

    /// The browser sends something else than checks: it has had its answers.
    pub(super) fn arrived(&mut self) {
        self.waiting.clear();
    }

    /// It is connected: from now on it knows its way.
    pub(super) fn connected(&mut self) {
        self.arrived();
        self.needless = true;
    }

    pub(super) fn due(&mut self, now: Instant) -> Vec<Transmit> {
        let (due, later) = std::mem::take(&mut self.waiting).into_iter().partition(|(at, _)| *at <= now);
        self.waiting = later;
        let due: VecDeque<_> = due;
        due.into_iter().map(|(_, transmit)| transmit).collect()
    }

    /// When something is due next.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.waiting.iter().map(|(at, _)| *at).min()
    }
}
