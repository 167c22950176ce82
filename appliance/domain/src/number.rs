use crate::Entropy;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Digits of a number.
const LENGTH: usize = 10;

/// A number that is dialled: ten digits (`1099053523`), reached from other offices as `number@domain` (CALL-17).
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MeetingNumber(String);

/// The text is not a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a number has ten digits, optionally followed by @ and a domain")]
pub struct NumberError;

impl MeetingNumber {
    /// From what is dialled: digits with spaces, dots or hyphens between, `sip:` or `sips:` in front, a domain and URI
    /// parameters behind.
    ///
    /// # Errors
    /// [`NumberError`].
    pub fn parse(dialled: &str) -> Result<Self, NumberError> {
        let dialled = dialled.trim();
        let dialled =
            ["sips:", "sip:"].iter().find_map(|scheme| dialled.strip_prefix(scheme)).unwrap_or(dialled);
        let user = dialled.split(['@', ';']).next().unwrap_or_default();
        let digits: String =
            user.chars().filter(|c| !matches!(c, ' ' | '.' | '-' | '\u{a0}' | '\u{202f}')).collect();
        if digits.len() == LENGTH && digits.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(digits))
        } else {
            Err(NumberError)
        }
    }

    /// A random one that starts with the office's prefix. It may be in use: the store decides.
    #[must_use]
    pub fn draw(prefix: &str, entropy: &dyn Entropy) -> Self {
        Self(format!("{prefix}{}", entropy.digits(LENGTH.saturating_sub(prefix.len()))))
    }

    /// The ten digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MeetingNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<String> for MeetingNumber {
    type Error = NumberError;
    fn try_from(text: String) -> Result<Self, NumberError> {
        Self::parse(&text)
    }
}

impl From<MeetingNumber> for String {
    fn from(number: MeetingNumber) -> Self {
        number.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_understood_however_it_is_dialled() {
        for dialled in [
            "1099053523",
            "10 99 05 35 23",
            "1099-053523",
            "sip:1099053523@visio.tabellion.test",
            "sips:1099053523@visio.tabellion.test;transport=tls",
            " 1099053523@visio.tabellion.test ",
        ] {
            assert_eq!(MeetingNumber::parse(dialled).unwrap().as_str(), "1099053523", "{dialled}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for dialled in ["", "109905352", "10990535231", "claire", "1099O53523", "١٠٩٩٠٥٣٥٢٣"] {
            assert_eq!(MeetingNumber::parse(dialled), Err(NumberError), "{dialled}");
        }
    }
}
