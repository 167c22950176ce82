//! What an encoder's access units hold: their key frames and what their sequence parameter set (SPS) says.

use h264_reader::nal::{Nal, RefNal, UnitType, sps::SeqParameterSet};

/// One encoded picture, as it came out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Unit {
    /// Of the picture that went in.
    pub(crate) index: u64,
    /// Of all its NAL units, in bytes.
    pub(crate) size: usize,
    /// Whether it is an instantaneous decoder refresh: decoding can begin here.
    pub(crate) idr: bool,
    /// Whether it brings both parameter sets along, without which decoding cannot begin.
    pub(crate) headers: bool,
    /// What its SPS says, where it has a readable one.
    pub(crate) sps: Option<Sps>,
}

/// What is judged of an SPS (H.264 §7.4.2.1.1).
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Sps {
    /// By its name in GStreamer's caps.
    pub(crate) profile: String,
    /// Ten times the level's number.
    pub(crate) level: u8,
    /// In pixels, cropped; none where the SPS contradicts itself.
    pub(crate) size: Option<(u32, u32)>,
}

impl Unit {
    /// Reads an access unit in byte-stream format (H.264 annex B).
    pub(crate) fn read(index: u64, bytes: &[u8]) -> Self {
        let mut unit = Self { index, size: bytes.len(), idr: false, headers: false, sps: None };
        let (mut has_sps, mut has_pps) = (false, false);
        for nal in nal_units(bytes) {
            let nal = RefNal::new(nal, &[], true);
            match nal.header().map(|header| header.nal_unit_type()) {
                Ok(UnitType::SliceLayerWithoutPartitioningIdr) => unit.idr = true,
                Ok(UnitType::PicParameterSet) => has_pps = true,
                Ok(UnitType::SeqParameterSet) => {
                    has_sps = true;
                    unit.sps = SeqParameterSet::from_bits(nal.rbsp_bits()).ok().map(|sps| Sps::of(&sps));
                }
                _ => {}
            }
        }
        unit.headers = has_sps && has_pps;
        unit
    }
}

impl Sps {
    fn of(sps: &SeqParameterSet) -> Self {
        let idc = sps.profile_idc.into();
        Self {
            profile: profile(idc, sps.constraint_flags.flag1()),
            level: sps.level_idc,
            size: sps.pixel_dimensions().ok(),
        }
    }
}

/// The name of a profile_idc; constrained baseline is baseline that keeps to main as well (H.264 §A.2.1.1).
fn profile(idc: u8, set1: bool) -> String {
    match (idc, set1) {
        (66, true) => "constrained-baseline".into(),
        (66, false) => "baseline".into(),
        (77, _) => "main".into(),
        (88, _) => "extended".into(),
        (100, _) => "high".into(),
        _ => format!("profile_idc {idc}"),
    }
}

/// The NAL units between the start codes, without them.
fn nal_units(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let starts: Vec<usize> =
        bytes.windows(3).enumerate().filter(|(_, three)| three == &[0, 0, 1]).map(|(at, _)| at + 3).collect();
    let ends = starts.iter().skip(1).map(|start| start - 3).chain([bytes.len()]).collect::<Vec<_>>();
    let units = starts.into_iter().zip(ends).map(|(start, end)| without_trailing_zeros(&bytes[start..end]));
    units.filter(|nal| !nal.is_empty())
}

/// Zeros after a NAL unit belong to the byte stream (trailing_zero_8bits), as does the first of a start code of
/// four bytes.
fn without_trailing_zeros(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    &bytes[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// x264's SPS of 320×180: baseline with constraint_set1, level 1.2, cropped from 192 lines.
    const SPS: [u8; 28] = [
        0x67, 0x42, 0xc0, 0x0c, 0xda, 0x05, 0x06, 0x7e, 0x7c, 0x05, 0xa8, 0x30, 0x30, 0x35, 0x28, 0x00, 0x00,
        0x03, 0x00, 0x08, 0x00, 0x00, 0x03, 0x01, 0x94, 0x78, 0xa1, 0x55,
    ];
    const PPS: [u8; 4] = [0x68, 0xce, 0x3c, 0x80];

    fn stream(nals: &[&[u8]]) -> Vec<u8> {
        nals.iter().flat_map(|nal| [&[0, 0, 0, 1], *nal].concat()).collect()
    }

    #[test]
    fn a_key_frame_with_its_headers_is_recognised() {
        let unit = Unit::read(3, &stream(&[&[9, 0xf0], &SPS, &PPS, &[0x65, 1, 2]]));
        assert!(unit.idr && unit.headers);
        let said = Sps { profile: "constrained-baseline".into(), level: 12, size: Some((320, 180)) };
        assert_eq!((unit.index, unit.sps), (3, Some(said)));
    }

    #[test]
    fn headers_that_are_missing_are_noticed() {
        assert!(!Unit::read(0, &stream(&[&PPS, &[0x65, 1]])).headers);
        assert!(!Unit::read(0, &stream(&[&SPS, &[0x65, 1]])).headers);
        let delta = Unit::read(0, &stream(&[&[0x41, 1, 2]]));
        assert!(!delta.idr && !delta.headers && delta.sps.is_none());
    }

    #[test]
    fn another_profile_is_read_as_such() {
        let mut main = SPS;
        (main[1], main[2]) = (77, 0);
        assert_eq!(Unit::read(0, &stream(&[&main])).sps.unwrap().profile, "main");
        let mut baseline = SPS;
        baseline[2] = 0;
        assert_eq!(Unit::read(0, &stream(&[&baseline])).sps.unwrap().profile, "baseline");
    }

    #[test]
    fn profiles_have_their_names() {
        assert_eq!(profile(66, true), "constrained-baseline");
        assert_eq!(profile(66, false), "baseline");
        assert_eq!(profile(100, false), "high");
    }

    #[test]
    fn start_codes_of_three_and_four_bytes_part_units() {
        let bytes = [0, 0, 0, 1, 0x67, 1, 0, 0, 1, 0x68, 2, 0, 0, 0, 1, 0x65, 3, 0];
        let units: Vec<&[u8]> = nal_units(&bytes).collect();
        assert_eq!(units, [&[0x67, 1][..], &[0x68, 2], &[0x65, 3]]);
    }

    #[test]
    fn nonsense_is_no_unit() {
        let unit = Unit::read(0, &[1, 2, 3]);
        assert!(!unit.idr && unit.size == 3);
    }
}
