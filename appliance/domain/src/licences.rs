use serde::{Deserialize, Serialize};

/// Most licences that one order may be for: more is a slip of the keyboard.
pub const MOST_ORDERED: u32 = 200;

/// How many users of all services the office may have, and has (LIC-01).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Licences {
    /// Those that came with the box, and those that were ordered since.
    pub owned: u32,
    /// Users who take one.
    pub used: u32,
}

impl Licences {
    /// How many more such users there may be.
    #[must_use]
    pub fn left(self) -> u32 {
        self.owned.saturating_sub(self.used)
    }
}

/// Why an order for licences is not taken; for the user, in French.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("Commandez de 1 à {MOST_ORDERED} licences à la fois.")]
pub struct LicenceCountError;

/// How many licences an order is for.
///
/// # Errors
/// [`LicenceCountError`].
pub fn licences_ordered(count: u32) -> Result<u32, LicenceCountError> {
    if (1..=MOST_ORDERED).contains(&count) { Ok(count) } else { Err(LicenceCountError) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_where_more_are_used_than_there_are() {
        assert_eq!(Licences { owned: 5, used: 3 }.left(), 2);
        assert_eq!(Licences { owned: 5, used: 7 }.left(), 0);
        assert_eq!(licences_ordered(200), Ok(200));
        assert!(licences_ordered(0).is_err() && licences_ordered(201).is_err());
    }
}
