use crate::Entropy;
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

/// How long a link to a new password is good for.
pub const LINK_VALIDITY: Duration = Duration::minutes(30);

/// The secret of a link by which a lost password is replaced (AUTH-05): 128 bits, used once. The store has its hash.
pub struct PasswordLink {
    /// What the link carries, base64url.
    pub token: String,
    /// What is kept.
    pub hash: [u8; 32],
    /// From when on it opens nothing.
    pub expires_at: OffsetDateTime,
}

impl PasswordLink {
    /// A new one.
    #[must_use]
    pub fn draw(entropy: &dyn Entropy, now: OffsetDateTime) -> Self {
        let token = entropy.token128();
        Self { hash: Self::hash(&token), expires_at: now + LINK_VALIDITY, token }
    }

    /// What is kept of a link's secret.
    #[must_use]
    pub fn hash(token: &str) -> [u8; 32] {
        Sha256::digest(token.trim().as_bytes()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::FakeEntropy;
    use time::macros::datetime;

    #[test]
    fn a_link_carries_128_bits_and_what_is_kept_does_not_tell_them() {
        let now = datetime!(2026-11-23 9:00 UTC);
        let entropy = FakeEntropy::default();
        let link = PasswordLink::draw(&entropy, now);
        assert_eq!((link.token.len(), link.expires_at), (22, now + Duration::minutes(30)));
        assert_eq!(PasswordLink::hash(&format!(" {}\n", link.token)), link.hash);
        assert_ne!(PasswordLink::draw(&entropy, now).token, link.token);
    }
}
