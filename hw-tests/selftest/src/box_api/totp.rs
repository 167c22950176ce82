//! One-time codes as authenticator applications compute them (RFC 6238: SHA-1, 30 s, 6 digits), written apart from the
//! box's own.

use hmac::{Hmac, Mac};
use sha1::Sha1;
use std::time::Duration;

/// Seconds a code counts.
const STEP: u64 = 30;

/// The secret behind its base32 form (RFC 4648 §6). None where it is none.
pub(super) fn secret(base32: &str) -> Option<Vec<u8>> {
    let mut bits = Vec::new();
    for letter in base32.trim_end_matches('=').bytes().filter(|byte| *byte != b' ') {
        let value = match letter.to_ascii_uppercase() {
            letter @ b'A'..=b'Z' => letter - b'A',
            digit @ b'2'..=b'7' => digit - b'2' + 26,
            _ => return None,
        };
        bits.extend((0..5).rev().map(|at| value >> at & 1));
    }
    let bytes = bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |all, bit| all << 1 | bit));
    Some(bytes.collect()).filter(|secret: &Vec<u8>| !secret.is_empty())
}

/// The code of a moment since 1970.
pub(super) fn code(secret: &[u8], at: Duration) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(&(at.as_secs() / STEP).to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let offset = usize::from(hash[19] & 15);
    let word = hash[offset..offset + 4].iter().fold(0, |all, byte| all << 8 | u32::from(*byte));
    format!("{:06}", (word & 0x7fff_ffff) % 1_000_000)
}

/// How long until the next code.
pub(super) fn until_next(at: Duration) -> Duration {
    Duration::from_secs(STEP - at.as_secs() % STEP)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_rfc() {
        // RFC 6238, appendix B, the last six of its eight digits.
        let rfc = secret("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap();
        assert_eq!(rfc, b"12345678901234567890");
        for (at, expected) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(code(&rfc, Duration::from_secs(at)), expected);
        }
        assert_eq!(until_next(Duration::from_secs(59)), Duration::from_secs(1));
    }

    #[test]
    fn what_is_no_base32_is_no_secret() {
        assert_eq!(secret("not base32!"), None);
        assert_eq!(secret(""), None);
    }
}
