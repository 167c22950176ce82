//! What a packet's payload tells without decoding it: whether a picture starts that can be shown by itself.

use h264_reader::nal::{Nal, RefNal, sps::SeqParameterSet};

/// NAL unit types (H.264 table 7-1; RFC 6184 §5.2).
const IDR_SLICE: u8 = 5;
const SEQUENCE_PARAMETER_SET: u8 = 7;
const STAP_A: u8 = 24;
const FU_A: u8 = 28;

/// Whether this H.264 payload (RFC 6184) begins a key frame: it carries a sequence parameter set, or the start of an
/// IDR slice. Senders put the parameter sets in front of each key frame.
#[must_use]
pub fn h264_starts_key_frame(payload: &[u8]) -> bool {
    let starts = |nal: u8| matches!(nal & 0x1f, IDR_SLICE | SEQUENCE_PARAMETER_SET);
    match payload {
        [first, rest @ ..] if first & 0x1f == STAP_A => aggregated(rest).any(|unit| starts(unit[0])),
        // The S bit: the first fragment of its NAL unit.
        [first, header, ..] if first & 0x1f == FU_A => header & 0x80 != 0 && starts(*header),
        [first, ..] => starts(*first),
        [] => false,
    }
}

/// A STAP-A's NAL units, none of them empty. Stops where the sizes do not add up.
fn aggregated(mut rest: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let [high, low, unit @ ..] = rest else { return None };
        let size = usize::from(u16::from_be_bytes([*high, *low]));
        let (nal, after) = unit.split_at_checked(size)?;
        rest = after;
        Some(nal).filter(|nal| !nal.is_empty())
    })
}

/// Rows of the picture, where this H.264 payload carries a whole sequence parameter set (H.264 §7.3.2.1.1).
#[must_use]
pub fn h264_height(payload: &[u8]) -> Option<u32> {
    let is_set = |unit: &&[u8]| unit.first().is_some_and(|nal| nal & 0x1f == SEQUENCE_PARAMETER_SET);
    let set = match payload {
        [first, rest @ ..] if first & 0x1f == STAP_A => aggregated(rest).find(is_set)?,
        whole => Some(whole).filter(is_set)?,
    };
    let set = SeqParameterSet::from_bits(RefNal::new(set, &[], true).rbsp_bits()).ok()?;
    Some(set.pixel_dimensions().ok()?.1)
}

/// Whether this VP8 payload (RFC 7741 §4.2, §4.3) begins a key frame.
#[must_use]
pub fn vp8_starts_key_frame(payload: &[u8]) -> bool {
    vp8_key_frame(payload).is_some()
}

/// Rows of the picture, where this VP8 payload begins a key frame (RFC 6386 §9.1).
#[must_use]
pub fn vp8_height(payload: &[u8]) -> Option<u32> {
    match vp8_key_frame(payload)? {
        [_, _, _, 0x9d, 0x01, 0x2a, _, _, low, high, ..] => {
            Some(u32::from(u16::from_le_bytes([*low, *high]) & 0x3fff))
        }
        _ => None,
    }
}

/// The frame behind the payload descriptor, where it begins a key frame.
fn vp8_key_frame(payload: &[u8]) -> Option<&[u8]> {
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
    fn h264_key_frames_are_seen_in_each_packetization() {
        assert!(h264_starts_key_frame(&[0x65, 0x88]), "single IDR");
        assert!(h264_starts_key_frame(&[0x67, 0x42]), "single SPS");
        assert!(!h264_starts_key_frame(&[0x41, 0x9a]), "single P slice");
        assert!(h264_starts_key_frame(&[0x78, 0, 2, 0x67, 0x42, 0, 1, 0x68]), "STAP-A with SPS");
        assert!(!h264_starts_key_frame(&[0x78, 0, 2, 0x41, 0x42]), "STAP-A without");
        assert!(h264_starts_key_frame(&[0x7c, 0x85, 0]), "first fragment of an IDR");
        assert!(!h264_starts_key_frame(&[0x7c, 0x05, 0]), "a later one");
    }

    #[test]
    fn vp8_key_frames_are_seen_behind_the_descriptor() {
        assert!(vp8_starts_key_frame(&[0x10, 0x00]));
        assert!(!vp8_starts_key_frame(&[0x10, 0x01]), "inter frame");
        assert!(!vp8_starts_key_frame(&[0x00, 0x00]), "not the frame's start");
        assert!(vp8_starts_key_frame(&[0x90, 0x80, 0x81, 0x02, 0x00]), "15-bit picture id");
        assert!(vp8_starts_key_frame(&[0x90, 0xe0, 0x01, 0x02, 0x03, 0x00]), "picture id, TL0PICIDX, TID");
    }

    #[test]
    fn key_frames_tell_their_height() {
        // Constrained baseline, 640 by 360: 23 rows of macroblocks, 8 rows of the last one cut off.
        let set = [0x67, 0x42, 0xe0, 0x1f, 0xda, 0x02, 0x80, 0xbf, 0xe5, 0x40];
        assert_eq!(h264_height(&set), Some(360));
        let aggregated = [&[0x78, 0, 10][..], &set, &[0, 2, 0x68, 0xce]].concat();
        assert_eq!(h264_height(&aggregated), Some(360));
        assert_eq!(h264_height(&set[..6]), None, "cut off");
        assert_eq!(h264_height(&[0x65, 0x88]), None, "no parameter set");
        let frame = [0x10, 0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x41];
        assert_eq!(vp8_height(&frame), Some(360), "the upper two bits are the scale");
        assert_eq!(vp8_height(&frame[..9]), None);
    }

    #[test]
    fn whatever_arrives_is_survived() {
        let mut bytes = vec![0_u8; 12];
        let mut state = 1_u32;
        for _ in 0..100_000 {
            for byte in &mut bytes {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *byte = (state >> 24) as u8;
            }
            let length = (state >> 16) as usize % (bytes.len() + 1);
            let _ = h264_starts_key_frame(&bytes[..length]);
            let _ = vp8_starts_key_frame(&bytes[..length]);
            let _ = vp8_height(&bytes[..length]);
            // Most begin as a parameter set.
            bytes[0] = 0x67;
            let _ = h264_height(&bytes[..length]);
        }
    }
}
