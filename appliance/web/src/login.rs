//! Who is logged in: the session cookie, and what endpoints ask of it.

use crate::{error::ApiError, state::AppState};
use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::{StatusCode, request::Parts},
};
use axum_extra::extract::{
    CookieJar,
    cookie::{Cookie, SameSite},
};
use sha2::{Digest, Sha256};
use tabellion_domain::{Session, SessionStage};
use tabellion_store::User;

/// `__Host-`: set by this host only, over TLS only, for the whole host (RFC 6265bis §4.1.3.2).
const COOKIE: &str = "__Host-tabellion";

/// A session's identifier goes to the browser; its hash is what is kept.
pub(crate) fn hash(id: &str) -> [u8; 32] {
    Sha256::digest(id.as_bytes()).into()
}

pub(crate) fn cookie(id: String) -> Cookie<'static> {
    Cookie::build((COOKIE, id)).path("/").secure(true).http_only(true).same_site(SameSite::Strict).build()
}

pub(crate) fn no_cookie() -> Cookie<'static> {
    let mut gone = cookie(String::new());
    gone.make_removal();
    gone
}

/// A session whose password was right. As a plain extractor, one that waits for its second factor; as an optional one,
/// whatever there is.
pub(crate) struct HalfLoggedIn {
    pub user: User,
    pub session_hash: [u8; 32],
    pub stage: SessionStage,
}

/// A session that may do everything the user may.
pub(crate) struct LoggedIn {
    pub user: User,
}

impl HalfLoggedIn {
    async fn find(parts: &Parts, state: &AppState) -> Result<Option<Self>, ApiError> {
        let Some(cookie) = CookieJar::from_headers(&parts.headers).get(COOKIE).cloned() else {
            return Ok(None);
        };
        let session_hash = hash(cookie.value());
        let now = state.clock.now();
        let Some(session) = state.store.session(session_hash).await?.filter(|session| session.is_alive(now))
        else {
            return Ok(None);
        };
        let Some(user) = state.store.user(session.user).await? else { return Ok(None) };
        if is_worth_noting(&session, now) {
            state.store.touch_session(session_hash, now).await?;
        }
        Ok(Some(Self { user, session_hash, stage: session.stage }))
    }
}

/// A commit for each request would be a disk flush for each request; a minute's precision is enough for inactivity.
fn is_worth_noting(session: &Session, now: time::OffsetDateTime) -> bool {
    session.stage == SessionStage::Full && now - session.last_seen_at >= time::Duration::minutes(1)
}

impl OptionalFromRequestParts<AppState> for HalfLoggedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Option<Self>, ApiError> {
        Self::find(parts, state).await
    }
}

impl FromRequestParts<AppState> for HalfLoggedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let found = Self::find(parts, state).await?;
        found.filter(|half| half.stage == SessionStage::SecondFactor).ok_or_else(|| {
            ApiError::new(
                StatusCode::UNAUTHORIZED,
                "no_login_in_progress",
                "Votre identification a expiré. Saisissez de nouveau votre identifiant et votre mot de passe.",
            )
        })
    }
}

impl FromRequestParts<AppState> for LoggedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let found = HalfLoggedIn::find(parts, state).await?;
        match found {
            Some(half) if half.stage == SessionStage::Full => Ok(Self { user: half.user }),
            _ => Err(ApiError::new(
                StatusCode::UNAUTHORIZED,
                "not_logged_in",
                "Votre session est terminée. Identifiez-vous de nouveau.",
            )),
        }
    }
}
