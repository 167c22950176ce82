//! Whose datagram it is. All browsers share one port: STUN says by the user name, the rest by where it comes from.

use std::{
    collections::{HashMap, VecDeque},
    net::SocketAddr,
};
use str0m::net::Protocol;
use tabellion_media_protocol::SeatId;

/// Addresses remembered for one browser: each network it moves through gives one, relays a few more.
const ADDRESSES: usize = 16;
/// STUN header, and the cookie in it (RFC 8489 §5).
const STUN_HEADER: usize = 20;
const STUN_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
/// Attribute USERNAME (RFC 8489 §14.3).
const USERNAME: u16 = 0x0006;

/// Where a datagram comes from.
type Source = (Protocol, SocketAddr);

/// The maps from datagrams to seats.
#[derive(Default)]
pub(super) struct Demux {
    by_ufrag: HashMap<String, SeatId>,
    by_address: HashMap<Source, SeatId>,
    /// Oldest first.
    addresses: HashMap<SeatId, VecDeque<Source>>,
}

impl Demux {
    /// A seat's transport is known by this user name fragment from now on, and by no other (RFC 8445 §5.3).
    pub(super) fn set_ufrag(&mut self, seat: SeatId, ufrag: String) {
        self.by_ufrag.retain(|_, owner| *owner != seat);
        self.by_ufrag.insert(ufrag, seat);
    }

    /// Whose a datagram seems to be. Its transport has the last word.
    pub(super) fn owner(&self, source: Source, bytes: &[u8]) -> Option<SeatId> {
        let named = stun_ufrag(bytes).and_then(|ufrag| self.by_ufrag.get(ufrag));
        named.or_else(|| self.by_address.get(&source)).copied()
    }

    /// A datagram from there was accepted.
    pub(super) fn learn(&mut self, source: Source, seat: SeatId) {
        if self.by_address.insert(source, seat) == Some(seat) {
            return;
        }
        let known = self.addresses.entry(seat).or_default();
        known.push_back(source);
        if known.len() > ADDRESSES
            && let Some(oldest) = known.pop_front()
            && self.by_address.get(&oldest) == Some(&seat)
        {
            self.by_address.remove(&oldest);
        }
    }

    pub(super) fn forget(&mut self, seat: SeatId) {
        self.by_ufrag.retain(|_, owner| *owner != seat);
        self.by_address.retain(|_, owner| *owner != seat);
        self.addresses.remove(&seat);
    }
}

/// By its first byte (RFC 7983 §7).
pub(super) fn is_stun(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|first| *first <= 3)
}

/// Our user name fragment in a connectivity check: `USERNAME` is ours, a colon, theirs (RFC 8445 §7.2.2).
fn stun_ufrag(bytes: &[u8]) -> Option<&str> {
    if !is_stun(bytes) || bytes.get(4..8)? != STUN_COOKIE {
        return None;
    }
    let mut attributes = bytes.get(STUN_HEADER..)?;
    while let [k0, k1, l0, l1, rest @ ..] = attributes {
        let length = usize::from(u16::from_be_bytes([*l0, *l1]));
        let value = rest.get(..length)?;
        if u16::from_be_bytes([*k0, *k1]) == USERNAME {
            return std::str::from_utf8(value).ok()?.split(':').next();
        }
        attributes = rest.get(length.next_multiple_of(4)..)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(username: &str) -> Vec<u8> {
        let mut bytes = vec![0, 1, 0, 0];
        bytes.extend(STUN_COOKIE);
        bytes.extend([0; 12]);
        bytes.extend([0, 0x24, 0, 3, 1, 2, 3, 0]);
        bytes.extend(USERNAME.to_be_bytes());
        bytes.extend((username.len() as u16).to_be_bytes());
        bytes.extend(username.as_bytes());
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    fn address(port: u16) -> Source {
        (Protocol::Udp, SocketAddr::from(([10, 0, 0, 1], port)))
    }

    #[test]
    fn a_check_is_known_by_its_user_name_and_the_rest_by_its_address() {
        let mut demux = Demux::default();
        demux.set_ufrag(SeatId(1), "ours".into());
        assert_eq!(demux.owner(address(1), &check("ours:theirs")), Some(SeatId(1)));
        assert_eq!(demux.owner(address(1), &check("other:theirs")), None);
        assert_eq!(demux.owner(address(1), &[0x80; 20]), None, "media from an unknown address");
        demux.learn(address(1), SeatId(1));
        assert_eq!(demux.owner(address(1), &[0x80; 20]), Some(SeatId(1)));
        let by_tcp = (Protocol::Tcp, address(1).1);
        assert_eq!(demux.owner(by_tcp, &[0x80; 20]), None, "another way, another address");
        demux.forget(SeatId(1));
        assert_eq!(demux.owner(address(1), &check("ours:theirs")), None);
        assert_eq!(demux.owner(address(1), &[0x80; 20]), None);
    }

    #[test]
    fn a_browser_that_keeps_moving_is_not_remembered_everywhere() {
        let mut demux = Demux::default();
        for port in 0..1000 {
            demux.learn(address(port), SeatId(1));
        }
        assert_eq!(demux.by_address.len(), ADDRESSES);
        assert_eq!(demux.owner(address(999), &[0x80; 20]), Some(SeatId(1)));
    }

    #[test]
    fn truncated_checks_are_survived() {
        let whole = check("ours:theirs");
        for length in 0..whole.len() {
            let _ = stun_ufrag(&whole[..length]);
        }
        assert_eq!(stun_ufrag(&whole[..40]), None);
    }
}
