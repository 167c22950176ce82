//! Which pair of addresses a browser has chosen, before it says so.
//!
//! As ICE lite we send only over the pair that the browser nominates (RFC 8445 §8.1.2), and Chromium nominates with a
//! check of its own, once its first one was answered. It sends three checks 48 ms apart; where none of them was answered by
//! then, because its machine is busy or the way is long, the next one comes 900 ms later, and its DTLS ClientHello, sent
//! at once, waits here for so long. But it sends over the pair that it has chosen: its first datagram that is no check tells.

use super::demux::is_stun;
use std::net::SocketAddr;
use str0m::{
    crypto::CryptoProvider,
    ice::{StunMessage, TransId},
};

/// Pairs remembered until one is chosen: a browser's few networks, with the box's few addresses.
const PAIRS: usize = 16;
/// Largest check: header, user name, priority, role, nomination, integrity and fingerprint.
const LARGEST: usize = 1_024;

/// A connectivity check that the transport has taken.
struct Check {
    source: SocketAddr,
    destination: SocketAddr,
    username: String,
    priority: u32,
    tie_breaker: u64,
}

/// What is known of a browser's choice.
#[derive(Default)]
pub(super) struct Selection {
    /// Ours, which signs its checks.
    password: String,
    nominated: bool,
    checks: Vec<Check>,
}

impl Selection {
    /// After an answer: with an ICE restart the browser chooses anew (RFC 8445 §9).
    pub(super) fn agreed(&mut self, password: String) {
        if self.password != password {
            *self = Self { password, ..Self::default() };
        }
    }

    /// Takes note of a datagram that the transport accepts. The check that nominates its pair, where the browser has chosen
    /// that without a word.
    pub(super) fn chosen(
        &mut self,
        source: SocketAddr,
        destination: SocketAddr,
        bytes: &[u8],
    ) -> Option<Vec<u8>> {
        if self.nominated {
            return None;
        }
        if is_stun(bytes)
            && let Ok(message) = StunMessage::parse(bytes)
        {
            self.note(source, destination, &message);
            return None;
        }
        let check =
            self.checks.iter().find(|check| (check.source, check.destination) == (source, destination))?;
        let nomination = check.nomination(&self.password)?;
        self.nominated = true;
        self.checks.clear();
        Some(nomination)
    }

    fn note(&mut self, source: SocketAddr, destination: SocketAddr, message: &StunMessage<'_>) {
        if !message.is_binding_request() {
            return;
        }
        if message.use_candidate() {
            self.nominated = true;
            self.checks.clear();
            return;
        }
        let (Some(username), Some(priority), Some(tie_breaker)) =
            (message.username(), message.prio(), message.ice_controlling())
        else {
            return;
        };
        self.checks.retain(|check| (check.source, check.destination) != (source, destination));
        self.checks.truncate(PAIRS - 1);
        let username = username.to_owned();
        self.checks.insert(0, Check { source, destination, username, priority, tie_breaker });
    }
}

impl Check {
    /// The same check again, with USE-CANDIDATE.
    fn nomination(&self, password: &str) -> Option<Vec<u8>> {
        let message = StunMessage::binding_request(
            &self.username,
            TransId::new(),
            true,
            self.tie_breaker,
            self.priority,
            true,
        );
        let provider = CryptoProvider::get_default()?.sha1_hmac_provider;
        let sign = |key: &[u8], payloads: &[&[u8]]| provider.sha1_hmac(key, payloads);
        let mut bytes = vec![0; LARGEST];
        let length = message.to_bytes(Some(password.as_bytes()), &mut bytes, sign).ok()?;
        bytes.truncate(length);
        Some(bytes)
    }
}
