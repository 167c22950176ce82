use super::{LoginTurns, create::begin, throttle::Subjects, view::SessionView};
use crate::{
    devices::{self, Remembered},
    error::{ApiError, ErrorBody},
    extract::JsonBody,
    login::{self, HalfLoggedIn},
    peer::Peer,
    state::AppState,
};
use axum::{Extension, Json, extract::State, http::StatusCode};
use axum_extra::extract::CookieJar;
use serde::Deserialize;
use tabellion_domain::{AuditEvent, CodeRefusal, SessionStage, Totp, UserId, recovery};
use tabellion_store::User;
use utoipa::ToSchema;

/// What a user types second.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecondFactor {
    /// Where the code comes from.
    method: Method,
    /// Six digits, or a recovery code; spaces do not matter.
    code: String,
}

/// Where a code comes from.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Method {
    /// An authenticator application.
    Totp,
    /// An SMS.
    Sms,
    /// The list that was shown at the enrolment.
    Recovery,
}

/// «Envoyer»: checks the second factor; the user is logged in.
#[utoipa::path(post, path = "/api/session/second-factor", request_body = SecondFactor, responses(
    (status = 200, body = SessionView),
    (status = 401, description = "bad_code, expired_code, used_code, no_login_in_progress", body = ErrorBody),
    (status = 429, description = "too_many_attempts", body = ErrorBody),
))]
pub(crate) async fn check(
    State(state): State<AppState>,
    Extension(turns): Extension<LoginTurns>,
    peer: Peer,
    half: HalfLoggedIn,
    jar: CookieJar,
    JsonBody(given): JsonBody<SecondFactor>,
) -> Result<(CookieJar, Remembered, Json<SessionView>), ApiError> {
    let _turn = turns.take().await;
    let subjects = Subjects::of_second_factor(half.user.id, peer, devices::known(&state, &jar, half.user.id));
    subjects.check(&state).await?;
    let outcome = match given.method {
        Method::Totp => totp(&state, &half.user, &given.code).await?,
        Method::Sms => state.store.check_sms_code(half.user.id, given.code, state.clock.now()).await?,
        Method::Recovery => {
            let hash = recovery::hash(&given.code);
            state.store.use_recovery_code(half.user.id, hash, state.clock.now()).await?
        }
    };
    if let Err(refusal) = outcome {
        note_refusal(&state, &subjects, half.user.id, refusal).await?;
        return Err(refused(given.method, refusal));
    }
    let (jar, device, view) = logged_in(&state, &subjects, half, jar).await?;
    Ok((jar, device, Json(view)))
}

/// Counts a refused code, and puts it into the journal.
pub(super) async fn note_refusal(
    state: &AppState,
    subjects: &Subjects,
    user: UserId,
    refusal: CodeRefusal,
) -> Result<(), ApiError> {
    subjects.failed(state).await?;
    let event = AuditEvent::SecondFactorRefused { user, why: refusal.to_string() };
    Ok(state.store.append_audit(event, state.clock.now()).await?)
}

/// Both factors were right: a whole session in place of the half one; with a temporary password, one that may only choose
/// another (AUTH-05).
pub(super) async fn logged_in(
    state: &AppState,
    subjects: &Subjects,
    half: HalfLoggedIn,
    jar: CookieJar,
) -> Result<(CookieJar, Remembered, SessionView), ApiError> {
    subjects.both_factors_are_right(state).await?;
    state.store.append_audit(AuditEvent::LoggedIn { user: half.user.id }, state.clock.now()).await?;
    let temporary = half.user.temporary_until.is_some();
    let stage = if temporary { SessionStage::NewPassword } else { SessionStage::Full };
    let id = begin(state, &half.user, stage, Some(half.session_hash)).await?;
    let device = devices::remember(state, &jar, half.user.id);
    Ok((jar.add(login::cookie(id)), device, SessionView::new(&half.user, &state.config)))
}

/// A code counts once: its step is committed before the login goes on, and a second login with it at the same moment
/// finds it used.
async fn totp(state: &AppState, user: &User, code: &str) -> Result<Result<(), CodeRefusal>, ApiError> {
    let Some(secret) = &user.totp_secret else { return Ok(Err(CodeRefusal::Wrong)) };
    let totp = Totp::from_base32(secret).map_err(|error| ApiError::internal(&error))?;
    match totp.check(code, state.clock.now(), user.totp_last_step) {
        Err(refusal) => Ok(Err(refusal)),
        Ok(step) if state.store.use_totp_step(user.id, step).await? => Ok(Ok(())),
        Ok(_) => Ok(Err(CodeRefusal::Used)),
    }
}

fn refused(method: Method, refusal: CodeRefusal) -> ApiError {
    let (code, message) = match refusal {
        CodeRefusal::Used if matches!(method, Method::Recovery) => {
            ("used_code", "Ce code a déjà servi. Saisissez-en un autre de votre liste.")
        }
        CodeRefusal::Wrong => ("bad_code", "Ce code n’est pas le bon. Vérifiez-le, puis réessayez."),
        CodeRefusal::Expired => ("expired_code", "Ce code a expiré. Demandez-en un nouveau."),
        CodeRefusal::Used => {
            ("used_code", "Ce code a déjà servi. Attendez le suivant, ou demandez-en un nouveau.")
        }
    };
    ApiError::new(StatusCode::UNAUTHORIZED, code, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{PASSWORD, TestBox};
    use time::Duration;

    #[tokio::test]
    async fn both_factors_open_the_espace_client() {
        let test = TestBox::new().await;
        let mut browser = test.browser();
        browser.password(PASSWORD).await.is(StatusCode::OK);
        let half = browser.cookie.clone();
        let session = browser.code("totp", &test.totp()).await.is(StatusCode::OK);
        assert_eq!(session["user"]["name"], "Maître Claire Moreau");
        assert_eq!(session["office"]["support"]["phone"], "01 00 00 00 00");
        assert_ne!(browser.cookie, half, "an identifier known before means nothing after");
        assert_eq!(browser.get("/api/session").await.is(StatusCode::OK), session);
        assert_eq!(test.journal().await[1..], [AuditEvent::LoggedIn { user: test.claire }]);
        browser.cookie = half;
        browser.code("totp", &test.totp()).await.refuses(401, "no_login_in_progress");
    }

    #[tokio::test]
    async fn wrong_expired_and_used_codes_are_told_apart() {
        let test = TestBox::new().await;
        let mut browser = test.browser();
        browser.password(PASSWORD).await.is(StatusCode::OK);
        browser.code("totp", "000000").await.refuses(401, "bad_code");
        let old = test.totp();
        test.clock.advance(Duration::minutes(2));
        browser.code("totp", &old).await.refuses(401, "expired_code");
        let good = test.totp();
        browser.code("totp", &format!(" {} {}", &good[..3], &good[3..])).await.is(StatusCode::OK);
        let mut second = test.browser();
        second.password(PASSWORD).await.is(StatusCode::OK);
        second.code("totp", &good).await.refuses(401, "used_code");
        let refused = |why: &str| AuditEvent::SecondFactorRefused { user: test.claire, why: why.to_owned() };
        let logged_in = AuditEvent::LoggedIn { user: test.claire };
        let expected = [refused("wrong code"), refused("expired code"), logged_in, refused("used code")];
        assert_eq!(test.journal().await[1..], expected);
    }

    #[tokio::test]
    async fn a_known_password_gives_no_endless_guesses_at_the_code() {
        let test = TestBox::new().await;
        let mut browser = test.browser();
        for _ in 0..5 {
            browser.password(PASSWORD).await.is(StatusCode::OK);
            browser.code("totp", "000000").await.refuses(401, "bad_code");
        }
        let mut elsewhere = test.browser();
        elsewhere.peer = "10.77.0.3".parse().unwrap();
        elsewhere.password(PASSWORD).await.is(StatusCode::OK);
        elsewhere.code("totp", &test.totp()).await.refuses(429, "too_many_attempts");
        test.clock.advance(Duration::seconds(30));
        elsewhere.code("totp", &test.totp()).await.is(StatusCode::OK);
    }

    #[tokio::test]
    async fn a_login_that_waits_too_long_begins_again() {
        let test = TestBox::new().await;
        let mut browser = test.browser();
        browser.code("totp", &test.totp()).await.refuses(401, "no_login_in_progress");
        browser.password(PASSWORD).await.is(StatusCode::OK);
        test.clock.advance(Duration::minutes(10));
        browser.code("totp", &test.totp()).await.refuses(401, "no_login_in_progress");
    }
}
