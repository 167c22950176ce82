/// An RTP packet's fixed header and payload (RFC 3550 §5.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Packet<'a> {
    /// 0–127.
    pub payload_type: u8,
    /// Its meaning is the payload format's.
    pub marker: bool,
    /// One more with each packet.
    pub sequence: u16,
    /// In ticks of the payload format's clock.
    pub timestamp: u32,
    /// Who sends.
    pub ssrc: u32,
    /// Without header, extension and padding.
    pub payload: &'a [u8],
}

impl<'a> Packet<'a> {
    /// Reads a packet; `None` where the bytes are not RTP.
    #[must_use]
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let fixed: &[u8; 12] = bytes.first_chunk()?;
        if fixed[0] >> 6 != 2 {
            return None;
        }
        let mut start = 12 + 4 * usize::from(fixed[0] & 0x0f);
        if fixed[0] & 0x10 != 0 {
            let words: &[u8; 2] = bytes.get(start + 2..)?.first_chunk()?;
            start += 4 + 4 * usize::from(u16::from_be_bytes(*words));
        }
        let padding = if fixed[0] & 0x20 == 0 { 0 } else { usize::from(*bytes.last()?) };
        let end = bytes.len().checked_sub(padding)?;
        Some(Self {
            payload_type: fixed[1] & 0x7f,
            marker: fixed[1] & 0x80 != 0,
            sequence: u16::from_be_bytes([fixed[2], fixed[3]]),
            timestamp: u32::from_be_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]),
            ssrc: u32::from_be_bytes([fixed[8], fixed[9], fixed[10], fixed[11]]),
            payload: bytes.get(start..end)?,
        })
    }

    /// Builds a packet without extension; for tests and simple senders.
    #[must_use]
    pub fn build(&self) -> Vec<u8> {
        let mut bytes = vec![0x80, self.payload_type | if self.marker { 0x80 } else { 0 }];
        bytes.extend_from_slice(&self.sequence.to_be_bytes());
        bytes.extend_from_slice(&self.timestamp.to_be_bytes());
        bytes.extend_from_slice(&self.ssrc.to_be_bytes());
        bytes.extend_from_slice(self.payload);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKET: Packet<'_> = Packet {
        payload_type: 96,
        marker: true,
        sequence: 65_535,
        timestamp: 0xfedc_ba98,
        ssrc: 7,
        payload: b"abc",
    };

    #[test]
    fn what_is_built_is_read_back() {
        assert_eq!(Packet::parse(&PACKET.build()), Some(PACKET));
    }

    #[test]
    fn contributors_extension_and_padding_are_left_out() {
        let mut bytes = PACKET.build();
        bytes[0] = 0x80 | 0x20 | 0x10 | 1;
        bytes.splice(12..12, [0, 0, 0, 9, 0xbe, 0xde, 0, 1, 0x10, 0x55, 0, 0]);
        bytes.extend_from_slice(&[0, 0, 3]);
        assert_eq!(Packet::parse(&bytes).map(|packet| packet.payload), Some(&b"abc"[..]));
    }

    #[test]
    fn nothing_that_is_cut_short_is_read_beyond_its_end() {
        let mut bytes = PACKET.build();
        bytes[0] = 0x9f;
        for length in 0..bytes.len() {
            assert_eq!(Packet::parse(&bytes[..length]), None, "{length} bytes");
        }
        bytes[0] = 0xa0;
        *bytes.last_mut().unwrap() = 200;
        assert_eq!(Packet::parse(&bytes), None, "padding longer than the packet");
    }
}
