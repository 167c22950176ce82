use super::{
    LoginTurns,
    enrol::{already_enrolled, candidate},
    second_factor::{self, logged_in},
    throttle::Subjects,
    view::SessionView,
};
use crate::{
    devices::{self, Remembered},
    error::{ApiError, ErrorBody},
    extract::JsonBody,
    login::HalfLoggedIn,
    peer::Peer,
    state::AppState,
};
use axum::{Extension, Json, extract::State, http::StatusCode};
use axum_extra::extract::CookieJar;
use serde::{Deserialize, Serialize};
use tabellion_domain::{CodeRefusal, recovery};
use utoipa::ToSchema;

/// The first code of an authenticator application.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FirstCode {
    /// Six digits; spaces do not matter.
    code: String,
}

/// An authenticator is enrolled.
#[derive(Serialize, ToSchema)]
pub(crate) struct Enrolled {
    /// Who is logged in now.
    session: SessionView,
    /// Each stands in once for an authenticator that is lost. They are shown here, and never again.
    recovery_codes: Vec<String>,
}

/// «Envoyer»: the application shows the right code, so it is the account's second factor (AUTH-03), and the user is
/// logged in.
#[utoipa::path(post, path = "/api/session/authenticator/confirmation", request_body = FirstCode, responses(
    (status = 200, body = Enrolled),
    (status = 401, description = "bad_code, expired_code, no_login_in_progress", body = ErrorBody),
    (status = 409, description = "already_enrolled", body = ErrorBody),
    (status = 429, description = "too_many_attempts", body = ErrorBody),
))]
pub(crate) async fn confirm(
    State(state): State<AppState>,
    Extension(turns): Extension<LoginTurns>,
    peer: Peer,
    half: HalfLoggedIn,
    jar: CookieJar,
    JsonBody(given): JsonBody<FirstCode>,
) -> Result<(CookieJar, Remembered, Json<Enrolled>), ApiError> {
    let _turn = turns.take().await;
    let subjects = Subjects::of_second_factor(half.user.id, peer, devices::known(&state, &jar, half.user.id));
    subjects.check(&state).await?;
    let totp = candidate(&state, &half).await?;
    let now = state.clock.now();
    let step = match totp.check(&given.code, now, None) {
        Ok(step) => step,
        Err(refusal) => {
            second_factor::note_refusal(&state, &subjects, half.user.id, refusal).await?;
            return Err(refused(refusal));
        }
    };
    let recovery_codes = recovery::draw(state.entropy.as_ref());
    let hashes = recovery_codes.iter().map(|code| recovery::hash(code)).collect();
    // The step with the secret: the code that proved it opens nothing a second time.
    if !state.store.enrol_authenticator(half.user.id, totp.to_base32(), step, hashes, now).await? {
        return Err(already_enrolled());
    }
    let (jar, device, session) = logged_in(&state, &subjects, half, jar).await?;
    Ok((jar, device, Json(Enrolled { session, recovery_codes })))
}

/// In other words than later: what is wrong with the very first code is mostly the telephone's clock.
fn refused(refusal: CodeRefusal) -> ApiError {
    let (code, message) = match refusal {
        CodeRefusal::Expired => {
            ("expired_code", "Ce code a expiré. Saisissez celui que l’application affiche.")
        }
        CodeRefusal::Wrong | CodeRefusal::Used => (
            "bad_code",
            "Ce code n’est pas le bon. Vérifiez-le, vérifiez que le téléphone est à l’heure, puis réessayez.",
        ),
    };
    ApiError::new(StatusCode::UNAUTHORIZED, code, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Browser, COLLEAGUE, TestBox, WITHOUT_FACTOR};
    use serde_json::{Value, json};
    use tabellion_domain::{AuditEvent, Clock, Totp, UserId};
    use time::Duration;

    /// A browser that was shown a secret, and what the application shows.
    async fn shown(test: &TestBox) -> (Browser, Totp) {
        let mut browser = test.browser();
        browser.password_of(WITHOUT_FACTOR).await.is(StatusCode::OK);
        let shown = browser.post("/api/session/authenticator", json!({})).await.is(StatusCode::OK);
        (browser, Totp::from_base32(shown["secret"].as_str().unwrap()).unwrap())
    }

    fn code(code: &str) -> Value {
        json!({ "code": code })
    }

    async fn user(test: &TestBox) -> UserId {
        test.state.store.user_by_login(WITHOUT_FACTOR.to_owned()).await.unwrap().unwrap().id
    }

    const PATH: &str = "/api/session/authenticator/confirmation";

    #[tokio::test]
    async fn the_first_code_enrols_and_logs_in_and_the_next_login_needs_the_next_code() {
        let test = TestBox::new().await;
        let (mut browser, application) = shown(&test).await;
        let half = browser.cookie.clone();
        let first = application.code(test.clock.now());
        let session = browser.post(PATH, code(&first)).await.is(StatusCode::OK)["session"].clone();
        assert_eq!(session["user"]["login"], WITHOUT_FACTOR);
        assert_ne!(browser.cookie, half, "an identifier known before means nothing after");
        assert_eq!(browser.get("/api/session").await.is(StatusCode::OK), session);
        let user = user(&test).await;
        let expected = [AuditEvent::AuthenticatorEnrolled { user }, AuditEvent::LoggedIn { user }];
        assert_eq!(test.journal().await[1..], expected);
        browser.cookie = half;
        browser.post(PATH, code(&first)).await.refuses(401, "no_login_in_progress");

        let mut later = test.browser();
        let next = later.password_of(WITHOUT_FACTOR).await.is(StatusCode::OK);
        assert_eq!(
            (&next["step"], &next["methods"]),
            (&json!("second_factor"), &json!(["totp", "recovery"]))
        );
        later.code("totp", &first).await.refuses(401, "used_code");
        test.clock.advance(Duration::seconds(30));
        later.code("totp", &application.code(test.clock.now())).await.is(StatusCode::OK);
    }

    #[tokio::test]
    async fn nothing_is_enrolled_before_a_code_was_right() {
        let test = TestBox::new().await;
        let (mut browser, application) = shown(&test).await;
        browser.post(PATH, code("000000")).await.refuses(401, "bad_code");
        let old = application.code(test.clock.now());
        test.clock.advance(Duration::minutes(2));
        browser.post(PATH, code(&old)).await.refuses(401, "expired_code");
        let found = test.state.store.user(user(&test).await).await.unwrap().unwrap();
        assert_eq!((found.totp_secret, found.totp_last_step), (None, None));
        let why = |why: &str| AuditEvent::SecondFactorRefused { user: found.id, why: why.to_owned() };
        assert_eq!(test.journal().await[1..], [why("wrong code"), why("expired code")]);
        let mut other = test.browser();
        other.password_of(WITHOUT_FACTOR).await.is(StatusCode::OK);
        other.post(PATH, code("000000")).await.refuses(401, "bad_code");
    }

    #[tokio::test]
    async fn guessing_at_the_first_code_is_slowed_down() {
        let test = TestBox::new().await;
        let (mut browser, application) = shown(&test).await;
        for _ in 0..5 {
            browser.post(PATH, code("000000")).await.refuses(401, "bad_code");
        }
        let good = |test: &TestBox| code(&application.code(test.clock.now()));
        browser.post(PATH, good(&test)).await.refuses(429, "too_many_attempts");
        test.clock.advance(Duration::seconds(30));
        browser.post(PATH, good(&test)).await.is(StatusCode::OK);
    }

    #[tokio::test]
    async fn of_two_that_enrol_at_once_one_does() {
        let test = TestBox::new().await;
        let (mut one, first) = shown(&test).await;
        let (mut two, second) = shown(&test).await;
        one.post(PATH, code(&first.code(test.clock.now()))).await.is(StatusCode::OK);
        two.post(PATH, code(&second.code(test.clock.now()))).await.refuses(409, "already_enrolled");
        let found = test.state.store.user(user(&test).await).await.unwrap().unwrap();
        assert_eq!(found.totp_secret, Some(first.to_base32()));
        let step = Some(first.check(&first.code(test.clock.now()), test.clock.now(), None).unwrap());
        let late =
            test.state.store.enrol_authenticator(found.id, second.to_base32(), 0, vec![], test.clock.now());
        assert!(!late.await.unwrap());
        let after = test.state.store.user(found.id).await.unwrap().unwrap();
        assert_eq!((after.totp_secret, after.totp_last_step), (found.totp_secret, step));
    }

    #[tokio::test]
    async fn each_recovery_code_stands_in_once_for_a_lost_telephone() {
        let test = TestBox::new().await;
        let (mut browser, application) = shown(&test).await;
        let answer = browser.post(PATH, code(&application.code(test.clock.now()))).await.is(StatusCode::OK);
        let codes: Vec<String> = serde_json::from_value(answer["recovery_codes"].clone()).unwrap();
        let mut later = test.browser();
        for (number, one) in codes.iter().enumerate() {
            let next = later.password_of(WITHOUT_FACTOR).await.is(StatusCode::OK);
            assert_eq!(next["methods"], json!(["totp", "recovery"]), "code {number}");
            later.code("recovery", &one.to_lowercase()).await.is(StatusCode::OK);
        }
        let next = later.password_of(WITHOUT_FACTOR).await.is(StatusCode::OK);
        assert_eq!((codes.len(), &next["methods"]), (10, &json!(["totp"])));
        later.code("recovery", &codes[3]).await.refuses(401, "used_code");
        later.code("recovery", "AAAA-AAAA-AAAA-AAAA").await.refuses(401, "bad_code");
        later.code("totp", &codes[4]).await.refuses(401, "bad_code");
        let user = user(&test).await;
        let used = |left| AuditEvent::RecoveryCodeUsed { user, left };
        let journal = test.journal().await;
        assert_eq!(journal[3..5], [used(9), AuditEvent::LoggedIn { user }]);
        assert!(journal.contains(&used(0)));
    }

    #[tokio::test]
    async fn a_recovery_code_is_its_owner_s() {
        let test = TestBox::new().await;
        let (mut browser, application) = shown(&test).await;
        let answer = browser.post(PATH, code(&application.code(test.clock.now()))).await.is(StatusCode::OK);
        let mut colleague = test.browser();
        colleague.password_of(COLLEAGUE).await.is(StatusCode::OK);
        let foreign = answer["recovery_codes"][0].as_str().unwrap();
        colleague.code("recovery", foreign).await.refuses(401, "bad_code");
    }

    #[tokio::test]
    async fn an_account_with_a_factor_confirms_none() {
        let test = TestBox::new().await;
        let mut browser = test.browser();
        browser.password_of(COLLEAGUE).await.is(StatusCode::OK);
        browser.post(PATH, code(&test.totp())).await.refuses(409, "already_enrolled");
        browser.get("/api/session").await.refuses(401, "not_logged_in");
    }

    #[tokio::test]
    async fn a_login_that_waits_too_long_begins_again() {
        let test = TestBox::new().await;
        let (mut browser, application) = shown(&test).await;
        test.clock.advance(Duration::minutes(10));
        let late = code(&application.code(test.clock.now()));
        browser.post(PATH, late).await.refuses(401, "no_login_in_progress");
    }
}
