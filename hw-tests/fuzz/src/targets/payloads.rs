//! What a packet's payload tells without decoding it: H.264 and VP8, at the switchboard and in the studio.

use crate::Target;
use tabellion_media::core::{h264_height, h264_starts_key_frame, vp8_height, vp8_starts_key_frame};

pub(crate) const TARGET: Target = Target { name: "payloads", run, seeds, words: &[], costs: 50 };

fn run(input: &[u8]) {
    if h264_height(input).is_some() {
        assert!(h264_starts_key_frame(input), "the parameters of a picture stand in front of a key frame");
    }
    if vp8_height(input).is_some() {
        assert!(vp8_starts_key_frame(input), "only key frames tell their height");
    }
    let _ = tabellion_studio::rtp::starts_key_frame(input);
}

fn seeds() -> Vec<Vec<u8>> {
    // Constrained baseline, 640 by 360.
    let set = [0x67, 0x42, 0xe0, 0x1f, 0xda, 0x02, 0x80, 0xbf, 0xe5, 0x40];
    // High profile, with a scaling matrix and a VUI: the branches that the other has not.
    let high = [
        0x67, 0x64, 0x00, 0x1f, 0xac, 0xd9, 0x40, 0x50, 0x05, 0xbb, 0x01, 0x6a, 0x02, 0x02, 0x02, 0x80, 0x00,
        0x00, 0x03, 0x00, 0x80, 0x00, 0x00, 0x1e, 0x07, 0x8c, 0x18, 0xcb,
    ];
    let aggregated = [&[0x78, 0, 10][..], &set, &[0, 2, 0x68, 0xce], &[0, 3, 0x65, 0x88, 0x80]].concat();
    vec![
        set.to_vec(),
        high.to_vec(),
        aggregated,
        vec![0x7c, 0x85, 0x88, 0x80],
        vec![0x65, 0x88],
        vec![0x90, 0xe0, 0x81, 0x02, 0x03, 0x20, 0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x41],
        vec![0x10, 0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x41],
    ]
}
