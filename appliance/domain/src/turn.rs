//! Short-lived credentials for a TURN server (RFC 8656) that shares a secret with the box: those of
//! draft-uberti-behave-turn-rest-00, which coturn calls `use-auth-secret`. The server need not be asked.

use crate::settings::Secret;
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use sha1::Sha1;
use std::fmt;
use time::{Duration, OffsetDateTime};

/// How long they can be presented. Some servers look at them at each refresh (RFC 8656 §7), not only at the first request: a day of
/// signings must not end in the middle. No longer, as nobody can take them back, neither from a guest who has left nor from whoever
/// has copied them.
pub const TURN_VALIDITY: Duration = Duration::hours(12);

/// What a browser presents to the TURN server.
#[derive(Clone, PartialEq, Eq)]
pub struct TurnCredentials {
    /// When they end, in seconds since 1970, a colon, and whose they are.
    pub username: String,
    /// Its HMAC-SHA1 with the shared secret, in base64.
    pub password: String,
}

impl TurnCredentials {
    /// For `id`, which the server and whoever reads its logs see: it must name nobody.
    #[must_use]
    pub fn issue(secret: &Secret, id: &str, now: OffsetDateTime) -> Self {
        let username = format!("{}:{id}", (now + TURN_VALIDITY).unix_timestamp());
        let mut mac =
            Hmac::<Sha1>::new_from_slice(secret.reveal().as_bytes()).expect("HMAC takes keys of any length");
        mac.update(username.as_bytes());
        let password = STANDARD.encode(mac.finalize().into_bytes());
        Self { username, password }
    }
}

impl fmt::Debug for TurnCredentials {
    /// Secrets have no place in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TurnCredentials(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-26 08:00 UTC);

    fn issue(secret: &str, id: &str, now: OffsetDateTime) -> TurnCredentials {
        TurnCredentials::issue(&Secret::new(secret), id, now)
    }

    #[test]
    fn they_are_what_the_server_computes() {
        // printf %s 1795723200:9vQ0… | openssl dgst -sha1 -hmac un-secret-que-… -binary | base64
        let credentials = issue("un-secret-que-le-serveur-connait", "9vQ0xjJ2Tn6m1bB4cYkE5w", NOW);
        assert_eq!(credentials.username, "1795723200:9vQ0xjJ2Tn6m1bB4cYkE5w");
        assert_eq!(credentials.password, "SH/qB5SBak51rg/6b1IcRwcvDek=");
    }

    #[test]
    fn they_end_with_the_day_and_serve_nobody_else() {
        let credentials = issue("secret", "a", NOW);
        let (until, id) = credentials.username.split_once(':').unwrap();
        assert_eq!(until.parse::<i64>().unwrap(), datetime!(2026-11-26 20:00 UTC).unix_timestamp());
        assert_eq!(id, "a");
        for other in [
            issue("another secret", "a", NOW),
            issue("secret", "b", NOW),
            issue("secret", "a", NOW + Duration::SECOND),
        ] {
            assert_ne!(other.password, credentials.password);
        }
    }

    #[test]
    fn a_log_does_not_hold_them() {
        let credentials = issue("secret", "a", NOW);
        assert!(!format!("{credentials:?}").contains(&credentials.password));
    }
}
