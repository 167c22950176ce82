//! H.264 (RFC 6184).

use h264_reader::nal::{
    Nal, RefNal,
    sps::{Profile, SeqParameterSet},
};

/// NAL unit types (H.264 table 7-1; RFC 6184 §5.2).
const IDR: u8 = 5;
const SEQUENCE_PARAMETER_SET: u8 = 7;
const STAP_A: u8 = 24;
const FU_A: u8 = 28;

/// What an H.264 stream's sequence parameter set says of its pictures.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StreamFormat {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Whether every decoder reads it (H.264 §A.2.1.1): no other profile is agreed with equipment.
    pub is_constrained_baseline: bool,
}

/// Whether an H.264 packet's payload (RFC 6184) begins, or belongs to the beginning of, a key frame.
#[must_use]
pub fn starts_key_frame(payload: &[u8]) -> bool {
    starts_with(payload, |kind| kind == IDR)
}

/// The same, or the parameter sets that senders put in front of each key frame: where one who watches may begin.
#[must_use]
pub fn opens_key_frame(payload: &[u8]) -> bool {
    starts_with(payload, |kind| matches!(kind, IDR | SEQUENCE_PARAMETER_SET))
}

/// What the packet says of the stream, where it carries a whole sequence parameter set (H.264 §7.3.2.1.1).
#[must_use]
pub fn stream_format(payload: &[u8]) -> Option<StreamFormat> {
    let is_set = |unit: &&[u8]| unit.first().is_some_and(|nal| nal & 0x1f == SEQUENCE_PARAMETER_SET);
    let set = match payload {
        [first, rest @ ..] if first & 0x1f == STAP_A => aggregated(rest).find(is_set)?,
        whole => Some(whole).filter(is_set)?,
    };
    let set = SeqParameterSet::from_bits(RefNal::new(set, &[], true).rbsp_bits()).ok()?;
    let (width, height) = set.pixel_dimensions().ok()?;
    let is_constrained_baseline = matches!(set.profile(), Profile::ConstrainedBaseline);
    Some(StreamFormat { width, height, is_constrained_baseline })
}

fn starts_with(payload: &[u8], is_wanted: impl Fn(u8) -> bool) -> bool {
    let Some(first) = payload.first() else { return false };
    match first & 0x1f {
        STAP_A => aggregated(&payload[1..]).filter_map(|unit| unit.first()).any(|nal| is_wanted(nal & 0x1f)),
        // The S bit: the first fragment of its unit.
        FU_A => payload.get(1).is_some_and(|header| header & 0x80 != 0 && is_wanted(header & 0x1f)),
        kind => is_wanted(kind),
    }
}

/// The units in a STAP-A. Stops where the sizes do not add up.
fn aggregated(mut rest: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (length, after) = rest.split_first_chunk::<2>()?;
        let (unit, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        rest = after;
        Some(unit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Constrained baseline, 640 by 360: 23 rows of macroblocks, 8 rows of the last one cut off.
    const SET: [u8; 10] = [0x67, 0x42, 0xe0, 0x1f, 0xda, 0x02, 0x80, 0xbf, 0xe5, 0x40];

    #[test]
    fn key_frames_are_seen_in_each_kind_of_packet() {
        assert!(starts_key_frame(&[0x65, 1, 2]), "single unit");
        assert!(starts_key_frame(&[0x78, 0, 2, 0x67, 1, 0, 1, 0x68, 0, 2, 0x65, 1]), "aggregated");
        assert!(starts_key_frame(&[0x7c, 0x85, 1]), "first fragment");
    }

    #[test]
    fn others_are_not() {
        for payload in [&[0x41, 1][..], &[0x67, 1], &[0x7c, 0x05], &[0x7c, 0x81], &[0x78, 0, 9, 0x65], &[]] {
            assert!(!starts_key_frame(payload), "{payload:x?}");
        }
    }

    #[test]
    fn who_watches_may_begin_with_the_parameter_sets() {
        for payload in [&SET[..], &[0x78, 0, 2, 0x67, 1, 0, 1, 0x68], &[0x65, 1], &[0x7c, 0x85, 1]] {
            assert!(opens_key_frame(payload), "{payload:x?}");
        }
        for payload in [&[0x41, 1][..], &[0x68, 1], &[0x7c, 0x05], &[0x78, 0, 0, 0], &[]] {
            assert!(!opens_key_frame(payload), "{payload:x?}");
        }
    }

    #[test]
    fn a_parameter_set_tells_size_and_profile() {
        let told = StreamFormat { width: 640, height: 360, is_constrained_baseline: true };
        assert_eq!(stream_format(&SET), Some(told));
        assert_eq!(stream_format(&[&[0x78, 0, 10][..], &SET, &[0, 2, 0x68, 0xce]].concat()), Some(told));
        let mut main = SET;
        (main[1], main[2]) = (0x4d, 0x40);
        assert!(stream_format(&main).is_some_and(|format| !format.is_constrained_baseline));
        assert_eq!(stream_format(&SET[..6]), None, "cut off");
        assert_eq!(stream_format(&[0x65, 0x88]), None);
    }
}
