//! What an H.264 level allows (ITU-T H.264 table A-1; RFC 6184 §8.1).

use super::media::Format;
use tabellion_media_protocol::PacketizationMode;

/// Without `profile-level-id`: baseline, level 1 (RFC 6184 §8.1).
const DEFAULT_PROFILE_LEVEL: [u8; 3] = [0x42, 0x00, 0x0a];
/// Level 3.1: 1280×720 at 30 pictures a second. What we ask for, and the most that we send.
pub(super) const OUR_LEVEL: u8 = 0x1f;
/// Pictures a second that a size must allow.
const RATE: u32 = 25;

/// Sizes that are sent, the largest first, with their macroblocks: 16:9 down to the two that every level allows.
const SIZES: [(u16, u16); 7] =
    [(1280, 720), (1024, 576), (848, 480), (640, 360), (512, 288), (352, 288), (176, 144)];

/// One offered H.264 format.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct H264 {
    /// Profile, constraints, level.
    pub profile_level: [u8; 3],
    pub mode: PacketizationMode,
    limits: Limits,
}

/// What the peer's decoder takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Limits {
    /// Macroblocks a picture.
    picture: u32,
    /// Macroblocks a second.
    second: u32,
    /// In kb/s.
    rate: u32,
}

impl H264 {
    /// None for packetization mode 2 and for parameters that cannot be read.
    pub(super) fn read(format: &Format) -> Option<Self> {
        let profile_level = match format.parameter("profile-level-id") {
            Some(hex) => parse_hex(hex)?,
            None => DEFAULT_PROFILE_LEVEL,
        };
        let mode = match format.parameter("packetization-mode").unwrap_or("0") {
            "0" => PacketizationMode::SingleNal,
            "1" => PacketizationMode::NonInterleaved,
            _ => return None,
        };
        let number =
            |name: &str| format.parameter(name).and_then(|value| value.parse::<u32>().ok()).unwrap_or(0);
        let level = limits(profile_level);
        let limits = Limits {
            picture: level.picture.max(number("max-fs")),
            second: level.second.max(number("max-mbps")),
            // In units of 1000 bit/s for the profiles used here (RFC 6184 §8.1).
            rate: level.rate.max(number("max-br")),
        };
        Some(Self { profile_level, mode, limits })
    }

    /// Width and height in pixels of the largest picture that we send.
    pub(super) fn max_size(&self) -> (u16, u16) {
        let fits = |&(width, height): &(u16, u16)| {
            let blocks = u32::from(width.div_ceil(16)) * u32::from(height.div_ceil(16));
            blocks <= self.limits.picture && blocks * RATE <= self.limits.second
        };
        SIZES.into_iter().find(fits).unwrap_or(SIZES[SIZES.len() - 1])
    }

    /// Largest rate in kb/s.
    pub(super) fn max_kbps(&self) -> u32 {
        self.limits.rate
    }

    /// Any decoder takes baseline, and its pictures can be forwarded to browsers unchanged.
    pub(super) fn is_baseline(&self) -> bool {
        self.profile_level[0] == 0x42
    }

    /// `profile-level-id` for our answer: the same profile, and a level not above ours (RFC 6184 §8.2.2).
    pub(super) fn answered_profile_level(&self) -> String {
        let [profile, constraints, level] = self.profile_level;
        let level = if rank(constraints, level) > rank(0, OUR_LEVEL) { OUR_LEVEL } else { level };
        format!("{profile:02x}{constraints:02x}{level:02x}")
    }
}

fn parse_hex(text: &str) -> Option<[u8; 3]> {
    if text.len() != 6 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let [_, profile, constraints, level] = u32::from_str_radix(text, 16).ok()?.to_be_bytes();
    Some([profile, constraints, level])
}

/// Level 1b is written as 1.1 with `constraint_set3_flag`.
fn is_1b(constraints: u8, level: u8) -> bool {
    level == 9 || (level == 11 && constraints & 0x10 != 0)
}

fn rank(constraints: u8, level: u8) -> u8 {
    if is_1b(constraints, level) { 10 } else { level }
}

fn limits([_, constraints, level]: [u8; 3]) -> Limits {
    let (picture, second, rate) = match level {
        _ if is_1b(constraints, level) => (99, 1_485, 128),
        0..=10 => (99, 1_485, 64),
        11 => (396, 3_000, 192),
        12 => (396, 6_000, 384),
        13 => (396, 11_880, 768),
        14..=20 => (396, 11_880, 2_000),
        21 => (792, 19_800, 4_000),
        22..=29 => (1_620, 20_250, 4_000),
        30 => (1_620, 40_500, 10_000),
        31 => (3_600, 108_000, 14_000),
        _ => (5_120, 216_000, 20_000),
    };
    Limits { picture, second, rate }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(parameters: &str) -> Option<H264> {
        let parameters = parameters.to_owned();
        H264::read(&Format { payload_type: 96, name: "H264".to_owned(), clock: 90_000, parameters })
    }

    #[test]
    fn a_level_limits_the_picture() {
        let size = |parameters: &str| read(parameters).unwrap().max_size();
        assert_eq!(size("profile-level-id=42e01f"), (1280, 720));
        assert_eq!(size("profile-level-id=428028"), (1280, 720));
        assert_eq!(size("profile-level-id=42801e"), (848, 480));
        assert_eq!(size("profile-level-id=42800d"), (352, 288));
        assert_eq!(size("profile-level-id=42800d;max-fs=3600;max-mbps=108000"), (1280, 720));
        assert_eq!(size(""), (176, 144));
    }

    #[test]
    fn our_answer_keeps_the_profile_and_lowers_the_level() {
        assert_eq!(read("profile-level-id=640028").unwrap().answered_profile_level(), "64001f");
        assert_eq!(read("profile-level-id=42E01E").unwrap().answered_profile_level(), "42e01e");
    }

    #[test]
    fn nonsense_is_no_format() {
        for parameters in ["profile-level-id=zz", "profile-level-id=+2e01f", "packetization-mode=2"] {
            assert_eq!(read(parameters), None, "{parameters}");
        }
    }
}
