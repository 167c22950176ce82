use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

/// Valid packets in a row that an unannounced address must send before it is believed.
const PROBATION: u32 = 5;
/// A peer that was silent for this long may come back from another address.
const LOST: Duration = Duration::from_secs(3);

/// Symmetric RTP (RFC 4961): media go back to where the peer's come from, which behind an address translation is
/// not what its SDP says. The announced address is believed at once, another one after some valid packets and
/// only while nobody else is heard, so that a stray or forged packet does not take a call over.
#[derive(Debug)]
pub struct Latch {
    announced: SocketAddr,
    peer: Option<(SocketAddr, Instant)>,
    candidate: Option<(SocketAddr, u32)>,
}

impl Latch {
    /// For a peer that announced this address in its SDP.
    #[must_use]
    pub fn new(announced: SocketAddr) -> Self {
        Self { announced, peer: None, candidate: None }
    }

    /// Where to send.
    #[must_use]
    pub fn destination(&self) -> SocketAddr {
        self.peer.map_or(self.announced, |(address, _)| address)
    }

    /// Whether a valid packet from this address is the peer's.
    pub fn accept(&mut self, from: SocketAddr, now: Instant) -> bool {
        if let Some((peer, heard)) = &mut self.peer
            && (*peer == from || now.saturating_duration_since(*heard) < LOST)
        {
            if *peer != from {
                return false;
            }
            *heard = now;
            return true;
        }
        if from != self.announced {
            let count = match self.candidate {
                Some((candidate, count)) if candidate == from => count + 1,
                _ => 1,
            };
            self.candidate = Some((from, count));
            if count < PROBATION {
                return false;
            }
        }
        self.candidate = None;
        self.peer = Some((from, now));
        true
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
mod tests {
    use super::*;

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn the_announced_address_is_believed_at_once() {
        let mut latch = Latch::new(address("10.0.0.1:5000"));
        assert!(latch.accept(address("10.0.0.1:5000"), Instant::now()));
    }

    #[test]
    fn another_address_is_believed_after_some_packets() {
        let (mut latch, now) = (Latch::new(address("10.0.0.1:5000")), Instant::now());
        let real = address("192.0.2.1:6000");
        let accepted = (0..PROBATION).filter(|_| latch.accept(real, now)).count();
        assert_eq!(accepted, 1);
        assert_eq!(latch.destination(), real);
    }

    #[test]
    fn nobody_takes_over_while_the_peer_is_heard() {
        let (mut latch, now) = (Latch::new(address("10.0.0.1:5000")), Instant::now());
        assert!(latch.accept(address("10.0.0.1:5000"), now));
        assert!((0..50).all(|_| !latch.accept(address("192.0.2.66:1"), now)));
        assert_eq!(latch.destination(), address("10.0.0.1:5000"));
    }

    #[test]
    fn a_peer_that_was_lost_may_come_back_from_elsewhere() {
        let (mut latch, now) = (Latch::new(address("10.0.0.1:5000")), Instant::now());
        assert!(latch.accept(address("10.0.0.1:5000"), now));
        let later = now + LOST;
        assert!((0..PROBATION).any(|_| latch.accept(address("10.0.0.1:5002"), later)));
        assert_eq!(latch.destination(), address("10.0.0.1:5002"));
    }
}
