//! Passwords: argon2id with OWASP's parameters (19 MiB, two passes, one lane), PHC strings.

mod rules;

pub use rules::{Strength, WeakPassword, judge};

use crate::{Entropy, recovery};
use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version,
    password_hash::SaltString,
};
use time::Duration;

const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Shortest password, in characters.
pub const SHORTEST: usize = 10;
/// Longest password, in characters: hashing takes as long as the text.
pub const LONGEST: usize = 200;

/// Why a password is not accepted or not hashed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PasswordError {
    /// Outside [`SHORTEST`]..=[`LONGEST`]; for the user, in French.
    #[error("Le mot de passe compte de {SHORTEST} à {LONGEST} caractères.")]
    Length,
    /// A fault of this program or of the stored hash.
    #[error("the password cannot be hashed: {0}")]
    Hash(String),
}

/// The hash to be stored. Takes about 20 ms of CPU: not for an asynchronous task's own thread.
///
/// # Errors
/// [`PasswordError`].
pub fn hash(password: &str, entropy: &dyn Entropy) -> Result<String, PasswordError> {
    if !(SHORTEST..=LONGEST).contains(&password.chars().count()) {
        return Err(PasswordError::Length);
    }
    let mut salt = [0; 16];
    entropy.fill(&mut salt);
    let fault = |error: argon2::password_hash::Error| PasswordError::Hash(error.to_string());
    let salt = SaltString::encode_b64(&salt).map_err(fault)?;
    Ok(hasher().hash_password(password.as_bytes(), &salt).map_err(fault)?.to_string())
}

/// How long a password that the box has drawn opens the espace client for the first time.
pub const TEMPORARY_VALIDITY: Duration = Duration::days(7);

/// A password that is sent by mail and replaced at the first login (AUTH-05): 80 bits, in letters that are told apart on
/// paper, `ABCD-EFGH-IJKL-MNOP`.
#[must_use]
pub fn temporary(entropy: &dyn Entropy) -> String {
    recovery::one(entropy)
}

/// Whether the password is the one that was hashed. Without a hash (no such user) it takes as long and says no.
#[must_use]
pub fn verify(password: &str, stored: Option<&str>) -> bool {
    if password.chars().count() > LONGEST {
        return false;
    }
    // The hash of nobody's password, so that an unknown login is not told by a quick answer.
    const NOBODY: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let Ok(hash) = PasswordHash::new(stored.unwrap_or(NOBODY)) else { return false };
    hasher().verify_password(password.as_bytes(), &hash).is_ok() && stored.is_some()
}

/// Whether the text is a hash that [`verify`] can compare with: argon2id, a PHC string.
#[must_use]
pub fn is_hash(text: &str) -> bool {
    PasswordHash::new(text).is_ok_and(|hash| {
        hash.algorithm.as_str() == Algorithm::Argon2id.as_str() && hash.salt.is_some() && hash.hash.is_some()
    })
}

fn hasher() -> Argon2<'static> {
    let params =
        Params::new(MEMORY_KIB, PASSES, LANES, None).expect("the constants are within argon2's ranges");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Zero;
    impl Entropy for Zero {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    #[test]
    fn only_the_password_that_was_hashed_is_right() {
        let stored = hash("Tabellion-2026!", &Zero).unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify("Tabellion-2026!", Some(&stored)));
        assert!(!verify("tabellion-2026!", Some(&stored)));
        assert!(!verify("", Some(&stored)));
        assert!(!verify("Tabellion-2026!", None));
        assert!(!verify("Tabellion-2026!", Some("not a hash")));
        assert!(is_hash(&stored) && !is_hash("Tabellion-2026!") && !is_hash(&stored[..40]));
    }

    #[test]
    fn a_temporary_password_can_be_hashed_and_typed() {
        let drawn = temporary(&Zero);
        assert_eq!((drawn.len(), drawn.matches('-').count()), (19, 3));
        assert!(verify(&drawn, Some(&hash(&drawn, &Zero).unwrap())));
        assert_eq!(judge(&temporary(&crate::testing::FakeEntropy::default()), &[]).1, None);
    }

    #[test]
    fn too_short_and_too_long_are_refused() {
        assert_eq!(hash("court", &Zero), Err(PasswordError::Length));
        assert_eq!(hash(&"x".repeat(201), &Zero), Err(PasswordError::Length));
    }
}
