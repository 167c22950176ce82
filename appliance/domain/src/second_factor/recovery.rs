//! Recovery codes: each stands in once for an authenticator that is lost. They are drawn with 80 bits, which nobody
//! tries out: unlike a password, a code is kept as a plain SHA-256.

use super::base32;
use crate::Entropy;
use sha2::{Digest, Sha256};

/// How many an account gets.
pub const COUNT: usize = 10;
/// Bytes of one.
const BYTES: usize = 10;
/// Letters that are shown together.
const GROUP: usize = 4;

/// The codes of an account, as they are shown, once: `ABCD-EFGH-IJKL-MNOP`.
#[must_use]
pub fn draw(entropy: &dyn Entropy) -> Vec<String> {
    std::iter::repeat_with(|| one(entropy)).take(COUNT).collect()
}

/// One secret of 80 bits in that form.
pub(crate) fn one(entropy: &dyn Entropy) -> String {
    let mut bytes = [0; BYTES];
    entropy.fill(&mut bytes);
    let letters: Vec<char> = base32::encode(&bytes).chars().collect();
    letters.chunks(GROUP).map(String::from_iter).collect::<Vec<_>>().join("-")
}

/// What is kept of a code. Case, spaces and hyphens do not matter, and a nought or a one, which no code has, is the letter
/// that looks like it.
#[must_use]
pub fn hash(code: &str) -> [u8; 32] {
    let letters = code.chars().filter(|c| !c.is_whitespace() && *c != '-');
    let read: String = letters
        .map(|c| match c.to_ascii_uppercase() {
            '0' => 'O',
            '1' => 'I',
            other => other,
        })
        .collect();
    Sha256::digest(read.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::FakeEntropy;
    use std::collections::BTreeSet;

    #[test]
    fn an_account_gets_ten_codes_that_are_read_from_paper() {
        let codes = draw(&FakeEntropy::default());
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), 10);
        for code in &codes {
            let groups: Vec<_> = code.split('-').map(str::len).collect();
            assert_eq!(groups, [4, 4, 4, 4], "{code}: 80 bits");
        }
    }

    #[test]
    fn a_code_is_known_however_it_is_typed() {
        let kept = hash("OIAB-CDEF-GH23-4567");
        for typed in ["OIABCDEFGH234567", " oiab cdef gh23 4567 ", "01ab-cdef-gh23-4567"] {
            assert_eq!(hash(typed), kept, "{typed}");
        }
        assert_ne!(hash("OIAB-CDEF-GH23-4566"), kept);
        assert_ne!(hash(""), kept);
    }
}
