//! Which elements are judged.

use tabellion_h264::{AVDEC, Candidate, OPENH264DEC, X264ENC, hardware};

/// Has a row even where it is absent.
const EXPECTED: [&str; 14] = [
    "vah264enc",
    "vah264lpenc",
    "vah264dec",
    "v4l2h264enc",
    "v4l2h264dec",
    "v4l2slh264dec",
    "nvh264enc",
    "nvh264dec",
    "qsvh264enc",
    "qsvh264dec",
    X264ENC,
    "openh264enc",
    AVDEC,
    OPENH264DEC,
];
/// Everything that is judged: what is expected, then what else the registry has of the hardware families.
pub(crate) fn candidates() -> Vec<Candidate> {
    let others = hardware().into_iter().filter(|candidate| !EXPECTED.contains(&candidate.name.as_str()));
    EXPECTED.into_iter().filter_map(Candidate::of_name).chain(others).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_expected_element_has_a_row() {
        gstreamer::init().unwrap();
        let rows = candidates();
        assert!(EXPECTED.iter().all(|name| rows.iter().any(|candidate| candidate.name == *name)));
    }
}
