use crate::{error::ApiError, peer::Peer, state::AppState};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use tabellion_domain::{DeviceCookie, Pace, UserId, network};

/// What failures are counted for: the account that is tried and the address that tries, or the known device alone.
pub(crate) struct Subjects {
    pace: Pace,
    name: String,
    /// Where it tries; of a known device that does not count.
    peer: Option<String>,
    /// What starts afresh, too, once both factors were right.
    passwords: Option<String>,
}

/// Not the text itself: people type their password in the wrong field.
fn digest(login: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(login.trim().to_lowercase().as_bytes()))
}

/// A subscriber of IPv6 has more addresses than anybody could count.
fn by_network(peer: Peer) -> String {
    format!("peer:{}", network(peer.0))
}

impl Subjects {
    /// Of a password, typed at the login. A device that its owner has logged in at before has attempts of its own: whoever guesses at
    /// the account from elsewhere, or from behind the same address, uses up none of them.
    pub(crate) fn of_login(login: &str, peer: Peer, device: Option<DeviceCookie>) -> Self {
        let (name, peer) = match device {
            Some(device) => (format!("device:{}", device.id), None),
            None => (format!("login:{}", digest(login)), Some(by_network(peer))),
        };
        Self { pace: Pace::Passwords, name, peer, passwords: None }
    }

    /// Of the password once more, by somebody who is logged in.
    pub(super) fn of_owner(user: UserId) -> Self {
        Self { pace: Pace::Passwords, name: format!("again:{user}"), peer: None, passwords: None }
    }

    pub(super) fn of_second_factor(user: UserId, peer: Peer, device: Option<DeviceCookie>) -> Self {
        let passwords = Some(by_network(peer));
        let (name, peer) = match device {
            Some(device) => (format!("second-factor-device:{}", device.id), None),
            None => (format!("second-factor:{user}"), Some(format!("second-factor-{}", by_network(peer)))),
        };
        Self { pace: Pace::Codes, name, peer, passwords }
    }

    /// Who asks for links to a new password: counted apart from logins, so that nobody is kept from logging in by them.
    pub(crate) fn of_lost_password(text: &str, peer: Peer) -> Self {
        let (name, peer) = (format!("lost:{}", digest(text)), Some(format!("lost-{}", by_network(peer))));
        Self { pace: Pace::Codes, name, peer, passwords: None }
    }

    /// # Errors
    /// 429 while slowed down.
    pub(crate) async fn check(&self, state: &AppState) -> Result<(), ApiError> {
        self.check_saying(state, "Trop d’essais infructueux.").await
    }

    /// # Errors
    /// 429 while slowed down, with this before how long.
    pub(crate) async fn check_saying(&self, state: &AppState, what: &str) -> Result<(), ApiError> {
        let now = state.clock.now();
        let mut longest = None;
        for subject in self.counted() {
            longest = longest.max(state.store.login_throttle(subject).await?.pause(self.pace, now));
        }
        match longest {
            Some(pause) => Err(ApiError::too_many(what, pause.try_into().unwrap_or_default())),
            None => Ok(()),
        }
    }

    pub(crate) async fn failed(&self, state: &AppState) -> Result<(), ApiError> {
        let subjects = self.counted().collect();
        Ok(state.store.login_failed(subjects, self.pace, state.clock.now()).await?)
    }

    /// The address keeps its count: one right password among many wrong ones is what a guesser has in the end.
    pub(crate) async fn name_is_right(&self, state: &AppState) -> Result<(), ApiError> {
        Ok(state.store.login_succeeded(self.name.clone()).await?)
    }

    /// The address starts afresh, too: an office may have one for all its people, whose slips would add up. Each name
    /// still has its own count, so that a user of the office wins nothing for guessing at another's.
    pub(crate) async fn both_factors_are_right(&self, state: &AppState) -> Result<(), ApiError> {
        for subject in self.counted().chain(self.passwords.clone()) {
            state.store.login_succeeded(subject).await?;
        }
        Ok(())
    }

    fn counted(&self) -> impl Iterator<Item = String> {
        std::iter::once(self.name.clone()).chain(self.peer.clone())
    }
}
