//! The little RTCP that a picture needs: asking for key frames, and hearing that one is asked for.

/// Payload-specific feedback (RFC 4585 §6.1), and its picture loss and full intra request (RFC 5104 §4.3.1).
const FEEDBACK: u8 = 206;
const PICTURE_LOSS: u8 = 1;
const INTRA_REQUEST: u8 = 4;
/// Receiver report (RFC 3550 §6.4.2).
const RECEIVER_REPORT: u8 = 201;

/// A compound packet that asks the sender of `media` for a key frame.
pub(super) fn picture_loss(own: u32, media: u32) -> Vec<u8> {
    let report = [&[0x80, RECEIVER_REPORT, 0, 1][..], &own.to_be_bytes()].concat();
    let loss =
        [&[0x80 | PICTURE_LOSS, FEEDBACK, 0, 2][..], &own.to_be_bytes(), &media.to_be_bytes()].concat();
    [report, loss].concat()
}

/// Whether a compound packet asks for a key frame.
pub(super) fn wants_key_frame(mut bytes: &[u8]) -> bool {
    while let Some(header) = bytes.first_chunk::<4>() {
        let format = header[0] & 0x1f;
        if header[1] == FEEDBACK && (format == PICTURE_LOSS || format == INTRA_REQUEST) {
            return true;
        }
        let length = 4 + 4 * usize::from(u16::from_be_bytes([header[2], header[3]]));
        bytes = bytes.get(length..).unwrap_or_default();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_understood_wherever_it_stands() {
        assert!(wants_key_frame(&picture_loss(1, 2)));
        assert!(!wants_key_frame(&picture_loss(1, 2)[..8]), "a report alone");
        assert!(!wants_key_frame(&[0x84, FEEDBACK]), "cut short");
        assert!(!wants_key_frame(&[]));
    }
}
