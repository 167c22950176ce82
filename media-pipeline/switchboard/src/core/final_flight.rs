//! The last flight of a DTLS handshake, sent more than once.
//!
//! Nobody answers it: who has not got it finds that out by a timer of its own, and repeats what was before (RFC 6347 §4.2.4). OpenSSL's
//! timer takes a second, and then two. Its records are repeated as they were: who has them drops them by their numbers (§4.1.2.6).

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};
use str0m::crypto::dtls::DtlsOutput;

/// After the first time.
const AGAIN: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(300)];
/// Datagrams of a flight that are kept: a certificate of one's own takes one or two.
const LONGEST: usize = 4;

/// What was sent since anything came; once the handshake is over, the last flight, and when it is to go out again.
#[derive(Debug, Default)]
pub(super) struct FinalFlight {
    datagrams: Vec<Vec<u8>>,
    again: VecDeque<Instant>,
    due: VecDeque<Vec<u8>>,
    connected: bool,
    complete: bool,
}

impl FinalFlight {
    /// Something came: what is sent now is another flight.
    pub(super) fn heard(&mut self) {
        if !self.connected {
            self.datagrams.clear();
        }
    }

    /// Whether all has come that the handshake needs.
    pub(super) fn has_ended(&self) -> bool {
        self.connected
    }

    /// Takes note of what comes out of the handshake.
    pub(super) fn note(&mut self, output: &DtlsOutput<'_>, now: Instant) {
        match output {
            DtlsOutput::Packet(bytes) if !self.complete && self.datagrams.len() < LONGEST => {
                self.datagrams.push(bytes.to_vec());
            }
            DtlsOutput::Connected => {
                self.connected = true;
                self.again = AGAIN.iter().map(|wait| now + *wait).collect();
            }
            // It has said all that it has to say.
            DtlsOutput::Timeout(_) => self.complete |= self.connected,
            _ => {}
        }
    }

    pub(super) fn advance(&mut self, now: Instant) {
        while self.again.pop_front_if(|at| *at <= now).is_some() {
            self.due.extend(self.datagrams.iter().cloned());
        }
    }

    /// To be sent again now.
    pub(super) fn due(&mut self) -> Option<Vec<u8>> {
        self.due.pop_front()
    }

    /// When something is due next.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.again.front().copied()
    }

    /// Nothing is worth repeating any more.
    pub(super) fn stop(&mut self) {
        self.again.clear();
        self.due.clear();
    }
}
