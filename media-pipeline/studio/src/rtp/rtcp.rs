//! RTCP's bytes (RFC 3550 §6, RFC 4585 §6, RFC 5104 §4.3, RFC 2032 §5.2.1).

const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const DESCRIPTION: u8 = 202;
const BYE: u8 = 203;
const PAYLOAD_FEEDBACK: u8 = 206;
/// Full intra request of before RFC 4585; old room systems send it.
const OLD_INTRA_REQUEST: u8 = 192;
const PICTURE_LOSS: u8 = 1;
const INTRA_REQUEST: u8 = 4;

/// What a peer's RTCP says that somebody acts upon.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Feedback {
    /// The peer needs a key frame.
    pub key_frame: bool,
    /// SSRC and middle 32 bits of the NTP time of a sender report.
    pub sender_report: Option<(u32, u32)>,
}

impl Feedback {
    /// Reads a compound packet; `None` where the bytes are not RTCP.
    #[must_use]
    pub fn parse(mut bytes: &[u8]) -> Option<Self> {
        let mut feedback = Self::default();
        while !bytes.is_empty() {
            let header: &[u8; 4] = bytes.first_chunk()?;
            if header[0] >> 6 != 2 || !(192..=223).contains(&header[1]) {
                return None;
            }
            let length = 4 + 4 * usize::from(u16::from_be_bytes([header[2], header[3]]));
            let (packet, rest) = bytes.split_at_checked(length)?;
            feedback.note(header[1], header[0] & 0x1f, packet);
            bytes = rest;
        }
        Some(feedback)
    }

    fn note(&mut self, kind: u8, format: u8, packet: &[u8]) {
        match kind {
            OLD_INTRA_REQUEST => self.key_frame = true,
            PAYLOAD_FEEDBACK if format == PICTURE_LOSS || format == INTRA_REQUEST => self.key_frame = true,
            SENDER_REPORT => {
                let word = |at: usize| packet.get(at..)?.first_chunk().map(|b| u32::from_be_bytes(*b));
                self.sender_report = word(4).zip(word(10));
            }
            _ => {}
        }
    }
}

/// A compound packet being written.
#[derive(Debug)]
pub struct Report(Vec<u8>);

impl Report {
    /// Begins with a receiver report (RFC 3550 §6.4.2).
    #[must_use]
    pub fn receiver(ssrc: u32, block: Option<[u8; 24]>) -> Self {
        Self(packet(u8::from(block.is_some()), RECEIVER_REPORT, &[&ssrc.to_be_bytes(), &flat(block)]))
    }

    /// Begins with a sender report (RFC 3550 §6.4.1): the same moment in both clocks, packets and bytes sent.
    #[must_use]
    pub fn sender(ssrc: u32, ntp: u64, timestamp: u32, sent: (u32, u32), block: Option<[u8; 24]>) -> Self {
        let body: [&[u8]; 6] = [
            &ssrc.to_be_bytes(),
            &ntp.to_be_bytes(),
            &timestamp.to_be_bytes(),
            &sent.0.to_be_bytes(),
            &sent.1.to_be_bytes(),
            &flat(block),
        ];
        Self(packet(u8::from(block.is_some()), SENDER_REPORT, &body))
    }

    /// Adds who we are (RFC 3550 §6.5.1). The name is cut at 255 bytes.
    #[must_use]
    pub fn described(mut self, ssrc: u32, cname: &str) -> Self {
        let name = &cname.as_bytes()[..cname.len().min(255)];
        let length = u8::try_from(name.len()).expect("cut at 255");
        // The items end with a zero and fill a word.
        let zeros = 4 - (2 + name.len()) % 4;
        let body: [&[u8]; 4] = [&ssrc.to_be_bytes(), &[1, length], name, &[0; 4][..zeros]];
        self.0.extend(packet(1, DESCRIPTION, &body));
        self
    }

    /// Adds a request for a key frame (RFC 4585 §6.3.1).
    #[must_use]
    pub fn picture_loss(mut self, ssrc: u32, of: u32) -> Self {
        let body: [&[u8]; 2] = [&ssrc.to_be_bytes(), &of.to_be_bytes()];
        self.0.extend(packet(PICTURE_LOSS, PAYLOAD_FEEDBACK, &body));
        self
    }

    /// Adds that we leave (RFC 3550 §6.6).
    #[must_use]
    pub fn bye(mut self, ssrc: u32) -> Self {
        self.0.extend(packet(1, BYE, &[&ssrc.to_be_bytes()]));
        self
    }

    /// The bytes to send.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

fn flat(block: Option<[u8; 24]>) -> Vec<u8> {
    block.map(Vec::from).unwrap_or_default()
}

fn packet(count: u8, kind: u8, body: &[&[u8]]) -> Vec<u8> {
    let body = body.concat();
    let words = u16::try_from(body.len() / 4).expect("no packet here exceeds 300 bytes");
    let [high, low] = words.to_be_bytes();
    [&[0x80 | count, kind, high, low], &body[..]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_reports_read_back() {
        let report = Report::sender(1, 0x0102_0304_0506_0708, 9, (10, 11), Some([7; 24]));
        let bytes = report.described(1, "abc").picture_loss(1, 2).bye(1).into_bytes();
        assert_eq!(bytes.len() % 4, 0);
        let feedback = Feedback::parse(&bytes).unwrap();
        assert_eq!(feedback, Feedback { key_frame: true, sender_report: Some((1, 0x0304_0506)) });
    }

    #[test]
    fn a_description_ends_with_a_zero_whatever_its_length() {
        for length in 0..9 {
            let bytes = Report::receiver(1, None).described(1, &"x".repeat(length)).into_bytes();
            assert!(Feedback::parse(&bytes).is_some(), "{length}");
            assert_eq!(bytes.last(), Some(&0), "{length}");
        }
    }

    #[test]
    fn each_way_of_asking_for_a_key_frame_is_understood() {
        let fir = packet(INTRA_REQUEST, PAYLOAD_FEEDBACK, &[&[0; 16]]);
        let old = packet(0, OLD_INTRA_REQUEST, &[&[0; 4]]);
        for bytes in [fir, old] {
            assert!(Feedback::parse(&bytes).is_some_and(|feedback| feedback.key_frame));
        }
        let slice_loss = packet(2, PAYLOAD_FEEDBACK, &[&[0; 12]]);
        assert!(!Feedback::parse(&slice_loss).unwrap().key_frame);
    }

    #[test]
    fn what_is_cut_short_or_no_rtcp_is_refused() {
        let bytes = Report::receiver(1, Some([0; 24])).into_bytes();
        assert_eq!(Feedback::parse(&bytes[..bytes.len() - 1]), None);
        assert_eq!(Feedback::parse(&[0x80, 8, 0, 0]), None, "RTP");
    }
}
