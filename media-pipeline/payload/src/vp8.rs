//! VP8 (RFC 7741).

/// Whether this VP8 payload (RFC 7741 §4.2, §4.3) begins a key frame.
#[must_use]
pub fn starts_key_frame(payload: &[u8]) -> bool {
    key_frame(payload).is_some()
}

/// Rows of the picture, where this VP8 payload begins a key frame (RFC 6386 §9.1).
#[must_use]
pub fn height(payload: &[u8]) -> Option<u32> {
    match key_frame(payload)? {
        [_, _, _, 0x9d, 0x01, 0x2a, _, _, low, high, ..] => {
            Some(u32::from(u16::from_le_bytes([*low, *high]) & 0x3fff))
        }
        _ => None,
    }
}

/// The frame behind the payload descriptor, where it begins a key frame.
fn key_frame(payload: &[u8]) -> Option<&[u8]> {
    let (&first, mut rest) = payload.split_first()?;
    let begins_partition_zero = first & 0x10 != 0 && first & 0x07 == 0;
    if first & 0x80 != 0 {
        let (&extension, after) = rest.split_first()?;
        let long_picture_id = extension & 0x80 != 0 && after.first().is_some_and(|byte| byte & 0x80 != 0);
        let skip = usize::from(extension & 0x80 != 0)
            + usize::from(long_picture_id)
            + usize::from(extension & 0x40 != 0)
            + usize::from(extension & 0x30 != 0);
        rest = after.get(skip..)?;
    }
    (begins_partition_zero && rest.first().is_some_and(|byte| byte & 0x01 == 0)).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_frames_are_seen_behind_the_descriptor() {
        assert!(starts_key_frame(&[0x10, 0x00]));
        assert!(!starts_key_frame(&[0x10, 0x01]), "inter frame");
        assert!(!starts_key_frame(&[0x00, 0x00]), "not the frame's start");
        assert!(starts_key_frame(&[0x90, 0x80, 0x81, 0x02, 0x00]), "15-bit picture id");
        assert!(starts_key_frame(&[0x90, 0xe0, 0x01, 0x02, 0x03, 0x00]), "picture id, TL0PICIDX, TID");
    }

    #[test]
    fn key_frames_tell_their_height() {
        let frame = [0x10, 0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x41];
        assert_eq!(height(&frame), Some(360), "the upper two bits are the scale");
        assert_eq!(height(&frame[..9]), None);
    }
}
