//! The digest server (RFC 7616, RFC 2617 for MD5): challenges, and the check of what comes back.
//!
//! `Authorization` is read here from the header as sent: the stack's reader fails on `nc` above 255 and rewrites `uri`.

mod credentials;
mod hash;
mod nonces;

pub use hash::ha1;

use crate::registry::{Device, DigestAlgorithm};
use credentials::Credentials;
use nonces::{Freshness, Nonces};
use tabellion_domain::Entropy;
use time::OffsetDateTime;

/// What a request's credentials are worth.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    /// They are this device's, for this request.
    Proven,
    /// The password is right, the nonce is old or used: ask again with `stale=true`.
    Stale,
    /// They are not.
    Wrong,
}

/// Challenges and their checks.
pub(crate) struct DigestServer {
    realm: String,
    nonces: Nonces,
}

impl DigestServer {
    pub(crate) fn new(realm: String, entropy: &dyn Entropy) -> Self {
        Self { realm, nonces: Nonces::new(entropy) }
    }

    /// Value of `WWW-Authenticate`.
    pub(crate) fn challenge(
        &self,
        algorithm: DigestAlgorithm,
        stale: bool,
        now: OffsetDateTime,
        entropy: &dyn Entropy,
    ) -> String {
        let nonce = self.nonces.fresh(now, entropy);
        let stale = if stale { ", stale=true" } else { "" };
        let (realm, algorithm) = (&self.realm, algorithm.name());
        format!("Digest realm=\"{realm}\", nonce=\"{nonce}\", algorithm={algorithm}, qop=\"auth\"{stale}")
    }

    /// The username of the credentials for our realm, if there are any.
    pub(crate) fn claimed<'a>(&self, headers: impl Iterator<Item = &'a str>) -> Option<Claim> {
        let credentials = headers.filter_map(Credentials::parse).find(|found| found.realm == self.realm)?;
        Some(Claim { credentials })
    }

    /// Checks a claim. `device` is the account with the claimed username; without one, the same work is done.
    pub(crate) fn check(
        &self,
        claim: &Claim,
        method: &str,
        device: Option<&Device>,
        now: OffsetDateTime,
    ) -> Verdict {
        let credentials = &claim.credentials;
        let algorithm = device.map_or(credentials.algorithm, |device| device.algorithm);
        let ha1 = device.map_or("", |device| device.ha1.as_str());
        let expected = hash::response(algorithm, ha1, method, credentials);
        let right = device.is_some_and(|device| device.username == credentials.username)
            && algorithm == credentials.algorithm
            && same(expected.as_bytes(), credentials.response.to_ascii_lowercase().as_bytes());
        if !right {
            return Verdict::Wrong;
        }
        match self.nonces.take(&credentials.nonce, credentials.count(), now) {
            Freshness::Good => Verdict::Proven,
            Freshness::Old => Verdict::Stale,
        }
    }
}

/// Credentials of a request, not yet checked.
pub(crate) struct Claim {
    credentials: Credentials,
}

impl Claim {
    pub(crate) fn username(&self) -> &str {
        &self.credentials.username
    }
}

/// Compares without telling by its duration how far it got.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

#[cfg(test)]
mod tests;
