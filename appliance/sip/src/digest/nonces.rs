use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::{collections::HashMap, sync::Mutex};
use tabellion_domain::Entropy;
use time::OffsetDateTime;

/// How long a nonce may be used, in seconds. Long enough for a call's requests, short enough to forget its uses.
const LIFETIME: i64 = 300;
/// Nonces whose uses are remembered. Only proven credentials get here, so strangers cannot fill it.
const MOST_USED: usize = 4096;
// Bytes of time, of randomness, and of their seal.
const TIME: usize = 8;
const SALT: usize = 8;
const SEAL: usize = 16;

/// Whether a nonce may be used once more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Freshness {
    Good,
    /// Too old, used already, or of another run of this service.
    Old,
}

/// Nonces that carry their own time under a seal: nothing is kept for a challenge that nobody answers.
pub(super) struct Nonces {
    key: [u8; 32],
    /// The highest use of each, and when it was made.
    used: Mutex<HashMap<String, (u32, i64)>>,
}

impl Nonces {
    pub(super) fn new(entropy: &dyn Entropy) -> Self {
        let mut key = [0; 32];
        entropy.fill(&mut key);
        Self { key, used: Mutex::default() }
    }

    pub(super) fn fresh(&self, now: OffsetDateTime, entropy: &dyn Entropy) -> String {
        let mut bytes = now.unix_timestamp().to_be_bytes().to_vec();
        let mut salt = [0; SALT];
        entropy.fill(&mut salt);
        bytes.extend(salt);
        bytes.extend(self.seal(&bytes));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Takes use number `count` of a nonce. Each use must be higher than the last (RFC 7616 §3.4.5): what was
    /// overheard cannot be sent again.
    pub(super) fn take(&self, nonce: &str, count: u32, now: OffsetDateTime) -> Freshness {
        let Some(made) = self.made_at(nonce) else { return Freshness::Old };
        let now = now.unix_timestamp();
        if !(made - 1..=made + LIFETIME).contains(&now) {
            return Freshness::Old;
        }
        let mut used = self.used.lock().expect("no panic while locked");
        if used.len() >= MOST_USED {
            used.retain(|_, (_, made)| *made + LIFETIME >= now);
        }
        let full = used.len() >= MOST_USED;
        match used.get_mut(nonce) {
            Some((last, _)) if *last >= count => Freshness::Old,
            Some((last, _)) => {
                *last = count;
                Freshness::Good
            }
            // Full of nonces that are still good: another challenge, rather than a use that is not remembered.
            None if full => Freshness::Old,
            None => {
                used.insert(nonce.to_owned(), (count, made));
                Freshness::Good
            }
        }
    }

    fn made_at(&self, nonce: &str) -> Option<i64> {
        let bytes = URL_SAFE_NO_PAD.decode(nonce).ok()?;
        if bytes.len() != TIME + SALT + SEAL {
            return None;
        }
        let (body, seal) = bytes.split_at(TIME + SALT);
        if !super::same(&self.seal(body), seal) {
            return None;
        }
        Some(i64::from_be_bytes(body[..TIME].try_into().ok()?))
    }

    fn seal(&self, body: &[u8]) -> Vec<u8> {
        let mut mac =
            <Hmac<Sha256> as Mac>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(body);
        mac.finalize().into_bytes()[..SEAL].to_vec()
    }
}
