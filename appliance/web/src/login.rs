//! Who is logged in: the session cookie, and what endpoints ask of it.

use crate::{error::ApiError, state::AppState};
use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::{StatusCode, header, request::Parts},
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

/// Sent by pages at which nobody has done anything for a while.
const UNATTENDED: &str = "x-tabellion-unattended";

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
    pub session_hash: [u8; 32],
}

/// The session, if there is one, of a page that comes to its seat: one that has lasted its day is not over while it meets, nor when it
/// comes back to its meeting after the box has started anew. One that was left alone is.
pub(crate) struct SeatLogin(pub Option<[u8; 32]>);

impl FromRequestParts<AppState> for SeatLogin {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let found = HalfLoggedIn::find(parts, state, true).await?;
        let whole = found.filter(|half| half.stage == SessionStage::Full);
        Ok(Self(whole.map(|half| half.session_hash)))
    }
}

/// A session of somebody who manages the office's meetings (USER-02). Others are refused.
pub(crate) struct MeetingManager {
    pub user: User,
}

/// A session of somebody who manages the box and its users. Others are refused.
pub(crate) struct Administrator {
    pub user: User,
}

impl HalfLoggedIn {
    /// `meets`: it is for a meeting that it is asked.
    async fn find(parts: &Parts, state: &AppState, meets: bool) -> Result<Option<Self>, ApiError> {
        let Some(cookie) = CookieJar::from_headers(&parts.headers).get(COOKIE).cloned() else {
            return Ok(None);
        };
        let session_hash = hash(cookie.value());
        let now = state.clock.now();
        let limits = state.config.access.sessions();
        let in_call = state.in_call.has(&session_hash);
        let counts = |session: &Session| {
            session.is_alive(limits, in_call, now) || (meets && session.may_meet(limits, now))
        };
        let session = state.store.session(session_hash).await?;
        let Some(session) = session.filter(counts) else {
            return Ok(None);
        };
        let user = state.store.user(session.user).await?.filter(|user| !user.deleted);
        let Some(user) = user else { return Ok(None) };
        if is_attended(parts) && is_worth_noting(&session, now) {
            state.store.touch_session(session_hash, now).await?;
        }
        Ok(Some(Self { user, session_hash, stage: session.stage }))
    }
}

/// Whether somebody is there: not where a page asks again because something has changed (`webui/src/api/client.ts` says so), nor where
/// it connects again by itself. A page in a meeting counts by its seat.
fn is_attended(parts: &Parts) -> bool {
    !parts.headers.contains_key(UNATTENDED) && !parts.headers.contains_key(header::UPGRADE)
}

/// A commit for each request would be a disk flush for each request; a minute's precision is enough for inactivity.
fn is_worth_noting(session: &Session, now: time::OffsetDateTime) -> bool {
    session.stage == SessionStage::Full && now - session.last_seen_at >= time::Duration::minutes(1)
}

impl OptionalFromRequestParts<AppState> for HalfLoggedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Option<Self>, ApiError> {
        Self::find(parts, state, false).await
    }
}

impl FromRequestParts<AppState> for HalfLoggedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let found = Self::find(parts, state, false).await?;
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
        let found = HalfLoggedIn::find(parts, state, false).await?;
        match found {
            Some(half) if half.stage == SessionStage::Full => {
                Ok(Self { user: half.user, session_hash: half.session_hash })
            }
            _ => Err(not_logged_in()),
        }
    }
}

/// 401: there is no session, or not yet a whole one.
pub(crate) fn not_logged_in() -> ApiError {
    ApiError::new(
        StatusCode::UNAUTHORIZED,
        "not_logged_in",
        "Votre session est terminée. Identifiez-vous de nouveau.",
    )
}

impl FromRequestParts<AppState> for MeetingManager {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let LoggedIn { user, .. } = LoggedIn::from_request_parts(parts, state).await?;
        if user.rights.may_manage_meetings() {
            return Ok(Self { user });
        }
        Err(ApiError::new(
            StatusCode::FORBIDDEN,
            "not_manager",
            "Vos droits ne permettent pas de gérer les réunions. Adressez-vous à un administrateur de l’office.",
        ))
    }
}

impl FromRequestParts<AppState> for Administrator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let login = LoggedIn::from_request_parts(parts, state).await?;
        if login.user.rights.administrator {
            return Ok(Self { user: login.user });
        }
        Err(ApiError::new(
            StatusCode::FORBIDDEN,
            "not_administrator",
            "Cette page est réservée aux administrateurs de l’office. Adressez-vous à l’un d’eux.",
        ))
    }
}

impl OptionalFromRequestParts<AppState> for Administrator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Option<Self>, ApiError> {
        let found = HalfLoggedIn::find(parts, state, false).await?;
        let whole = found.filter(|half| half.stage == SessionStage::Full && half.user.rights.administrator);
        Ok(whole.map(|half| Self { user: half.user }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{COLLEAGUE, PASSWORD, TestBox};
    use axum::http::Request;

    /// The refusal that a browser with this cookie gets, where it gets one.
    async fn refused(test: &TestBox, cookie: Option<&String>) -> Option<ApiError> {
        let request = Request::get("/");
        let request = match cookie {
            Some(cookie) => request.header("cookie", cookie),
            None => request,
        };
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        <Administrator as FromRequestParts<_>>::from_request_parts(&mut parts, &test.state).await.err()
    }

    #[tokio::test]
    async fn an_administrator_is_one_with_both_factors_and_the_right() {
        let test = TestBox::new().await;
        let claire = test.logged_in().await;
        assert!(refused(&test, claire.cookie.as_ref()).await.is_none());
        let mut half = test.browser();
        half.password(PASSWORD).await.is(StatusCode::OK);
        let colleague = test.logged_in_as(COLLEAGUE).await;
        for (cookie, code) in [
            (None, "not_logged_in"),
            (half.cookie.as_ref(), "not_logged_in"),
            (colleague.cookie.as_ref(), "not_administrator"),
        ] {
            assert_eq!(refused(&test, cookie).await.unwrap().code(), code);
        }
    }

    #[tokio::test]
    async fn who_signed_out_is_no_administrator_any_more() {
        let test = TestBox::new().await;
        let mut claire = test.logged_in().await;
        let cookie = claire.cookie.clone();
        claire.delete("/api/session").await.is(StatusCode::NO_CONTENT);
        assert_eq!(refused(&test, cookie.as_ref()).await.unwrap().code(), "not_logged_in");
    }

    #[tokio::test]
    async fn a_page_that_nobody_is_at_keeps_no_session_alive() {
        let test = TestBox::new().await;
        let mut claire = test.logged_in().await;
        for _ in 0..2 {
            test.clock.advance(time::Duration::minutes(20));
            let request = claire.request("GET", "/api/session").header(UNATTENDED, "1");
            claire.send(request.body(axum::body::Body::empty()).unwrap()).await;
        }
        claire.get("/api/session").await.refuses(401, "not_logged_in");
    }
}
