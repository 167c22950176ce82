use crate::{Entropy, UserId};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use time::{Duration, OffsetDateTime};

/// A device that nobody has logged in at for this long is one like any other.
pub const DEVICE_MEMORY: Duration = Duration::days(180);

/// What a browser keeps from a login that went well, and shows at the next one: attempts of its own count apart from everybody else's,
/// so that nobody keeps an owner from logging in by guessing (OWASP, «Device cookies»). It opens nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeviceCookie {
    /// Tells it from others; means nothing.
    pub id: String,
    /// When its login was, to the second.
    pub at: OffsetDateTime,
}

impl DeviceCookie {
    /// A new one.
    #[must_use]
    pub fn draw(entropy: &dyn Entropy, now: OffsetDateTime) -> Self {
        let at = now.replace_nanosecond(0).unwrap_or(now);
        Self { id: entropy.token128(), at }
    }

    /// As the browser keeps it: what it says, and that `key` has said so of this user.
    #[must_use]
    pub fn signed(&self, key: &[u8; 32], user: UserId) -> String {
        let tag = mac(key, user, &self.said()).finalize().into_bytes();
        format!("{}.{}", self.said(), URL_SAFE_NO_PAD.encode(tag))
    }

    /// One that a browser shows for this user. None: it is another's, too old, or nobody has signed it.
    #[must_use]
    pub fn read(text: &str, key: &[u8; 32], user: UserId, now: OffsetDateTime) -> Option<Self> {
        let (said, tag) = text.rsplit_once('.')?;
        let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
        mac(key, user, said).verify_slice(&tag).ok()?;
        let (id, at) = said.split_once('.')?;
        let at = OffsetDateTime::from_unix_timestamp(at.parse().ok()?).ok()?;
        (now - at < DEVICE_MEMORY).then(|| Self { id: id.to_owned(), at })
    }

    fn said(&self) -> String {
        format!("{}.{}", self.id, self.at.unix_timestamp())
    }
}

fn mac(key: &[u8; 32], user: UserId, said: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(format!("{user}.{said}").as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::FakeEntropy;
    use time::macros::datetime;

    const NOON: OffsetDateTime = datetime!(2026-11-23 12:00:00.5 UTC);
    const KEY: [u8; 32] = [7; 32];

    #[test]
    fn a_device_is_known_for_its_own_user_and_for_half_a_year() {
        let cookie = DeviceCookie::draw(&FakeEntropy::seeded(1), NOON);
        let text = cookie.signed(&KEY, UserId(1));
        let read = |text: &str, user, at| DeviceCookie::read(text, &KEY, UserId(user), at);
        assert_eq!(read(&text, 1, NOON + Duration::days(179)), Some(cookie));
        assert_eq!(read(&text, 2, NOON), None, "another's");
        assert_eq!(read(&text, 1, NOON + DEVICE_MEMORY), None, "too old");
        assert_eq!(DeviceCookie::read(&text, &[8; 32], UserId(1), NOON), None, "of another box");
    }

    #[test]
    fn what_nobody_has_signed_is_no_device() {
        let text = DeviceCookie::draw(&FakeEntropy::seeded(1), NOON).signed(&KEY, UserId(1));
        for at in 0..text.len() {
            let mut forged = text.clone().into_bytes();
            forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).unwrap();
            // The last character of base64 without padding has bits that mean nothing.
            if at + 1 < text.len() {
                assert_eq!(DeviceCookie::read(&forged, &KEY, UserId(1), NOON), None, "{forged}");
            }
            assert_eq!(DeviceCookie::read(&text[..at], &KEY, UserId(1), NOON), None, "{at}");
        }
        for nonsense in ["", ".", "..", "a.b.c", "\u{e9}.1.AAAA"] {
            assert_eq!(DeviceCookie::read(nonsense, &KEY, UserId(1), NOON), None, "{nonsense}");
        }
    }
}
