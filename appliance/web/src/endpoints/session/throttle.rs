use crate::{error::ApiError, peer::Peer, state::AppState};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use tabellion_domain::{UserId, network};

/// What failures are counted for: the name that is tried, and the address that tries.
pub(crate) struct Subjects {
    name: String,
    peer: String,
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
    pub(crate) fn of_login(login: &str, peer: Peer) -> Self {
        Self { name: format!("login:{}", digest(login)), peer: by_network(peer) }
    }

    pub(super) fn of_second_factor(user: UserId, peer: Peer) -> Self {
        Self { name: format!("second-factor:{user}"), peer: by_network(peer) }
    }

    /// Who asks for links to a new password: counted apart from logins, so that nobody is kept from logging in by them.
    pub(crate) fn of_lost_password(text: &str, peer: Peer) -> Self {
        Self { name: format!("lost:{}", digest(text)), peer: format!("lost-{}", by_network(peer)) }
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
        for subject in [&self.name, &self.peer] {
            if let Some(pause) = state.store.login_throttle(subject.clone()).await?.pause(now) {
                let pause = pause.try_into().unwrap_or_default();
                return Err(ApiError::too_many(what, pause));
            }
        }
        Ok(())
    }

    pub(crate) async fn failed(&self, state: &AppState) -> Result<(), ApiError> {
        let subjects = vec![self.name.clone(), self.peer.clone()];
        Ok(state.store.login_failed(subjects, state.clock.now()).await?)
    }

    /// The address keeps its count: one right password among many wrong ones is what a guesser has in the end.
    pub(crate) async fn name_is_right(&self, state: &AppState) -> Result<(), ApiError> {
        Ok(state.store.login_succeeded(self.name.clone()).await?)
    }

    /// The address starts afresh, too: an office may have one for all its people, whose slips would add up. Each name
    /// still has its own count, so that a user of the office wins nothing for guessing at another's.
    pub(crate) async fn both_factors_are_right(&self, state: &AppState) -> Result<(), ApiError> {
        state.store.login_succeeded(self.name.clone()).await?;
        Ok(state.store.login_succeeded(self.peer.clone()).await?)
    }
}
