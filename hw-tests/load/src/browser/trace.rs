use super::publication::{PacketName, name_in, name_of};
use crate::clock::wall_clock;
use anyhow::Result;

/// When packets left a browser and came to it, ns of the wall clock.
#[derive(Default)]
pub(crate) struct Trace {
    pub sent: Vec<(PacketName, i64)>,
    pub arrived: Vec<(PacketName, i64)>,
}

impl Trace {
    /// To be called just before a datagram is sent.
    pub(super) fn leaves(&mut self, datagram: &[u8]) -> Result<()> {
        if is_rtp(datagram) {
            self.sent.extend(name_of(datagram).zip(Some(wall_clock()?)));
        }
        Ok(())
    }

    pub(super) fn arrives(&mut self, payload: &[u8], at: Option<i64>) {
        self.arrived.extend(name_in(payload).zip(at));
    }
}

/// Neither a connectivity check nor DTLS nor RTCP, with which it shares its port (RFC 7983 §7, RFC 5761 §4).
pub(super) fn is_rtp(datagram: &[u8]) -> bool {
    matches!(datagram, [128..=191, second, ..] if !(192..=223).contains(second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rtp_is_told_from_what_comes_beside_it() {
        assert!(is_rtp(&[0x80, 0x6c]) && is_rtp(&[0x90, 0xec]), "with and without a marker");
        assert!(!is_rtp(&[0x80, 200]) && !is_rtp(&[0x81, 206]), "reports and feedback");
        assert!(!is_rtp(&[0, 1]) && !is_rtp(&[22, 254]) && !is_rtp(&[]), "a check, DTLS, nothing");
    }
}
