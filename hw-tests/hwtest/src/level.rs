//! The level that a picture needs: what a decoder must be able to hold and to do (H.264 §A.3.1, table A-1).

/// Level ×10, macroblocks a second, macroblocks a picture, kb/s in the baseline and main profiles.
const LEVELS: [(u8, u32, u32, u32); 16] = [
    (10, 1_485, 99, 64),
    (11, 3_000, 396, 192),
    (12, 6_000, 396, 384),
    (13, 11_880, 396, 768),
    (20, 11_880, 396, 2_000),
    (21, 19_800, 792, 4_000),
    (22, 20_250, 1_620, 4_000),
    (30, 40_500, 1_620, 10_000),
    (31, 108_000, 3_600, 14_000),
    (32, 216_000, 5_120, 20_000),
    (40, 245_760, 8_192, 20_000),
    (42, 522_240, 8_704, 50_000),
    (50, 589_824, 22_080, 135_000),
    (51, 983_040, 36_864, 240_000),
    (52, 2_073_600, 36_864, 240_000),
    (60, 4_177_920, 139_264, 240_000),
];

/// What browsers offer (`profile-level-id=42e01f`) and the product agrees on.
pub(crate) const CONFERENCE: u8 = 31;

/// The lowest level, ×10, for pictures of a size in pixels, `rate` of them a second, in a stream of `kbps` kb/s.
pub(crate) fn needed(width: u32, height: u32, rate: u32, kbps: u32) -> u8 {
    let blocks = width.div_ceil(16) * height.div_ceil(16);
    LEVELS
        .into_iter()
        .find(|(_, a_second, a_picture, rate_limit)| {
            blocks * rate <= *a_second && blocks <= *a_picture && kbps <= *rate_limit
        })
        .map_or(62, |(level, ..)| level)
}

/// The level that is agreed on for such a stream: the conference's where it is enough.
pub(crate) fn agreed(width: u32, height: u32, rate: u32, kbps: u32) -> u8 {
    needed(width, height, rate, kbps).max(CONFERENCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_formats_need_known_levels() {
        assert_eq!(needed(320, 180, 25, 200), 12);
        assert_eq!(needed(640, 360, 25, 800), 30);
        assert_eq!(needed(1280, 720, 30, 1_500), 31);
        assert_eq!(needed(1280, 720, 60, 1_500), 32);
        assert_eq!(needed(1920, 1080, 30, 4_000), 40);
        assert_eq!(needed(3840, 2160, 60, 4_000), 52);
    }

    #[test]
    fn small_pictures_are_agreed_on_at_the_conferences_level() {
        assert_eq!(agreed(320, 180, 25, 200), 31);
        assert_eq!(agreed(1920, 1080, 25, 200), 40);
    }
}
