use super::{LoginTurns, throttle::Subjects};
use crate::{
    devices,
    error::{ApiError, ErrorBody},
    extract::JsonBody,
    login::{self, HalfLoggedIn},
    peer::Peer,
    state::AppState,
};
use axum::{Extension, Json, extract::State, http::StatusCode};
use axum_extra::extract::CookieJar;
use serde::{Deserialize, Serialize};
use tabellion_domain::{AuditEvent, SecondFactors, Session, SessionStage, password};
use tabellion_store::User;
use utoipa::ToSchema;

/// What a user types first.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Credentials {
    /// «Identifiant».
    login: String,
    /// «Mot de passe».
    password: String,
}

/// What comes next.
#[derive(Serialize, ToSchema)]
pub(crate) struct NextStep {
    /// What the page asks for.
    step: Step,
    /// `totp`, `sms`, `recovery`: what this user has, and works on this box. None: `enrolment`.
    methods: Vec<&'static str>,
    /// The end of the mobile number, where a code can be sent to it.
    phone_hint: Option<String>,
}

/// What a page asks for after the password.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Step {
    /// A code.
    SecondFactor,
    /// To enrol an authenticator application: the account has no second factor that works.
    Enrolment,
}

/// «Se connecter»: checks login and password; a session begins that may only give a second factor.
#[utoipa::path(post, path = "/api/session", request_body = Credentials, responses(
    (status = 200, body = NextStep),
    (status = 401, description = "bad_credentials, expired_password", body = ErrorBody),
    (status = 429, description = "too_many_attempts", body = ErrorBody),
))]
pub(crate) async fn create(
    State(state): State<AppState>,
    Extension(turns): Extension<LoginTurns>,
    peer: Peer,
    before: Option<HalfLoggedIn>,
    jar: CookieJar,
    JsonBody(credentials): JsonBody<Credentials>,
) -> Result<(CookieJar, Json<NextStep>), ApiError> {
    let _turn = turns.take().await;
    let user = state.store.user_by_login(credentials.login.clone()).await?;
    let device = user.as_ref().and_then(|user| devices::known(&state, &jar, user.id));
    let subjects = Subjects::of_login(&credentials.login, peer, device);
    subjects.check(&state).await?;
    if !password_is_right(credentials.password, user.as_ref()).await? {
        subjects.failed(&state).await?;
        let event = AuditEvent::PasswordRefused { user: user.map(|user| user.id) };
        state.store.append_audit(event, state.clock.now()).await?;
        return Err(ApiError::new(
            StatusCode::UNAUTHORIZED,
            "bad_credentials",
            "L’identifiant ou le mot de passe est incorrect. Vérifiez-les, puis réessayez.",
        ));
    }
    let user = user.ok_or_else(|| ApiError::internal(&"a password was right for nobody"))?;
    subjects.name_is_right(&state).await?;
    if user.temporary_until.is_some_and(|until| state.clock.now() >= until) {
        return Err(ApiError::new(
            StatusCode::UNAUTHORIZED,
            "expired_password",
            "Votre mot de passe provisoire a expiré. Cliquez sur «\u{a0}Mot de passe oublié\u{a0}» pour en choisir un nouveau.",
        ));
    }
    let recovery = state.store.recovery_codes_left(user.id).await? > 0;
    let next = next_step(&user, state.config.sms, recovery);
    let before = before.map(|before| before.session_hash);
    let id = begin(&state, &user, SessionStage::SecondFactor, before).await?;
    Ok((jar.add(login::cookie(id)), Json(next)))
}

/// A new session, in place of the one before: an identifier known before a login means nothing after it.
pub(super) async fn begin(
    state: &AppState,
    user: &User,
    stage: SessionStage,
    instead_of: Option<[u8; 32]>,
) -> Result<String, ApiError> {
    let id = state.entropy.token256();
    let now = state.clock.now();
    let session = Session { user: user.id, stage, created_at: now, last_seen_at: now };
    state.store.create_session(login::hash(&id), session, instead_of).await?;
    Ok(id)
}

/// Hashing takes its time of CPU: on a thread that is there to wait.
pub(super) async fn password_is_right(given: String, user: Option<&User>) -> Result<bool, ApiError> {
    let stored = user.map(|user| user.password_hash.clone());
    tokio::task::spawn_blocking(move || password::verify(&given, stored.as_deref()))
        .await
        .map_err(|error| ApiError::internal(&error))
}

/// What this user has, and works on this box.
pub(super) fn second_factors(user: &User, gateway: bool) -> SecondFactors {
    SecondFactors::of(user.totp_secret.is_some(), user.mobile.is_some(), gateway)
}

fn next_step(user: &User, gateway: bool, recovery: bool) -> NextStep {
    let factors = second_factors(user, gateway);
    let offered = [("totp", factors.authenticator), ("sms", factors.sms), ("recovery", recovery)];
    NextStep {
        step: if factors.enrols() { Step::Enrolment } else { Step::SecondFactor },
        methods: offered.into_iter().filter(|(_, works)| *works).map(|(method, _)| method).collect(),
        phone_hint: user.mobile.as_deref().filter(|_| factors.sms).and_then(phone_hint),
    }
}

/// «•• •• •• •• 12»: enough to know which telephone, for its owner.
fn phone_hint(mobile: &str) -> Option<String> {
    let digits: Vec<char> = mobile.chars().filter(char::is_ascii_digit).collect();
    let end: String = digits.get(digits.len().checked_sub(2)?..)?.iter().collect();
    Some(format!("•• •• •• •• {end}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{COLLEAGUE, MOBILE_ONLY, PASSWORD, TestBox, WITHOUT_FACTOR};
    use axum::http::header;
    use serde_json::json;
    use time::Duration;

    #[test]
    fn a_hint_shows_two_digits_and_no_more() {
        assert_eq!(phone_hint("+33 6 00 00 00 12").unwrap(), "•• •• •• •• 12");
        assert_eq!(phone_hint("1"), None);
    }

    #[tokio::test]
    async fn a_right_password_leads_to_the_second_factor_and_no_further() {
        let test = TestBox::new().await;
        let mut browser = test.browser();
        let answer = browser.password(PASSWORD).await;
        let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap().to_owned();
        let (pair, attributes) = cookie.split_once("; ").unwrap();
        assert_eq!(pair.strip_prefix("__Host-tabellion=").unwrap().len(), 43, "256 bits as base64url");
        let mut attributes: Vec<_> = attributes.split("; ").collect();
        attributes.sort_unstable();
        assert_eq!(attributes, ["HttpOnly", "Path=/", "SameSite=Strict", "Secure"]);
        let step = answer.is(StatusCode::OK);
        assert_eq!(
            step,
            json!({ "step": "second_factor", "methods": ["totp", "sms"], "phone_hint": "•• •• •• •• 12" })
        );
        browser.get("/api/session").await.refuses(401, "not_logged_in");
        browser.get("/api/permanent-meetings").await.refuses(401, "not_logged_in");
        assert_eq!(test.journal().await.len(), 1, "the meeting's creation only: nobody is logged in");
    }

    #[tokio::test]
    async fn a_wrong_password_and_an_unknown_login_get_the_same_answer() {
        let test = TestBox::new().await;
        let wrong = test.browser().password("Tabellion-2025!").await;
        let nobody = json!({ "login": "nobody", "password": PASSWORD });
        let unknown = test.browser().post("/api/session", nobody).await;
        assert!(!wrong.headers.contains_key(header::SET_COOKIE));
        assert_eq!(wrong.text, unknown.text);
        wrong.refuses(401, "bad_credentials");
        let refused = |user| AuditEvent::PasswordRefused { user };
        assert_eq!(test.journal().await[1..], [refused(Some(test.claire)), refused(None)]);
    }

    #[tokio::test]
    async fn guessing_is_slowed_down_for_the_name_and_for_the_address() {
        let test = TestBox::new().await;
        for _ in 0..3 {
            test.browser().password("wrong password").await.refuses(401, "bad_credentials");
        }
        let paused = test.browser().password(PASSWORD).await;
        assert_eq!(paused.headers[header::RETRY_AFTER], "20");
        let paused = paused.refuses(429, "too_many_attempts");
        assert_eq!(paused["retry_after_seconds"], 20);
        assert_eq!(paused["message"], "Trop d’essais infructueux. Réessayez dans 20 secondes.");
        let mut elsewhere = test.browser();
        elsewhere.peer = "10.77.0.3".parse().unwrap();
        elsewhere.password(PASSWORD).await.refuses(429, "too_many_attempts");
        let other = json!({ "login": "someone.else", "password": "wrong password" });
        test.browser().post("/api/session", other.clone()).await.refuses(429, "too_many_attempts");
        elsewhere.post("/api/session", other).await.refuses(401, "bad_credentials");
        test.clock.advance(Duration::seconds(20));
        elsewhere.password(PASSWORD).await.is(StatusCode::OK);
    }

    #[tokio::test]
    async fn a_subscriber_of_ipv6_does_not_start_afresh_with_each_address() {
        let test = TestBox::new().await;
        let mut guesser = test.browser();
        for number in 0..3 {
            guesser.peer = format!("fd00:db8::{number}").parse().unwrap();
            let guess = json!({ "login": format!("user.{number}"), "password": "wrong password" });
            guesser.post("/api/session", guess).await.refuses(401, "bad_credentials");
        }
        guesser.peer = "fd00:db8::ffff".parse().unwrap();
        let guess = json!({ "login": "someone.else", "password": "wrong password" });
        guesser.post("/api/session", guess.clone()).await.refuses(429, "too_many_attempts");
        guesser.peer = "fd00:db8:0:1::1".parse().unwrap();
        guesser.post("/api/session", guess).await.refuses(401, "bad_credentials");
    }

    #[tokio::test]
    async fn guesses_made_at_once_are_counted_one_by_one() {
        let test = TestBox::new().await;
        let guesses = (0..20).map(|_| {
            let mut browser = test.browser();
            tokio::spawn(async move { browser.password("wrong password").await.status })
        });
        let mut looked_at = 0;
        for guess in guesses.collect::<Vec<_>>() {
            looked_at += usize::from(guess.await.unwrap() == StatusCode::UNAUTHORIZED);
        }
        assert_eq!(looked_at, 3);
    }

    #[tokio::test]
    async fn whoever_guesses_gets_a_password_every_twenty_seconds_and_the_owner_waits_no_longer() {
        let test = TestBox::new().await;
        let mut looked_at = 0;
        for _ in 0..60 {
            test.clock.advance(Duration::seconds(5));
            looked_at +=
                usize::from(test.browser().password("wrong").await.status == StatusCode::UNAUTHORIZED);
        }
        assert_eq!(looked_at, 2 + 15, "in five minutes");
    }

    #[tokio::test]
    async fn a_device_that_its_owner_has_logged_in_at_is_kept_out_by_nobody() {
        let test = TestBox::new().await;
        let mut claire = test.logged_in().await;
        claire.delete("/api/session").await.is(StatusCode::NO_CONTENT);
        assert_eq!(claire.devices.len(), 1);
        // Somebody behind the same address guesses.
        for _ in 0..3 {
            test.browser().password("wrong password").await.refuses(401, "bad_credentials");
        }
        test.browser().password(PASSWORD).await.refuses(429, "too_many_attempts");
        claire.password_of(COLLEAGUE).await.refuses(429, "too_many_attempts");
        claire.password(PASSWORD).await.is(StatusCode::OK);
        claire.code("totp", &test.totp()).await.is(StatusCode::OK);
        assert_eq!(claire.devices.len(), 1, "it is known already");
        // Its own attempts are counted, too; and it is known for its owner alone.
        for _ in 0..3 {
            claire.password("wrong password").await.refuses(401, "bad_credentials");
        }
        claire.password(PASSWORD).await.refuses(429, "too_many_attempts");
        test.clock.advance(Duration::seconds(20));
        claire.password(PASSWORD).await.is(StatusCode::OK);
    }

    #[tokio::test]
    async fn a_known_device_keeps_attempts_at_the_code_of_its_own_too() {
        let test = TestBox::new().await;
        let mut claire = test.logged_in().await;
        let mut thief = test.browser();
        thief.password(PASSWORD).await.is(StatusCode::OK);
        for _ in 0..5 {
            thief.code("totp", "000000").await.refuses(401, "bad_code");
        }
        thief.code("totp", &test.totp()).await.refuses(429, "too_many_attempts");
        claire.password(PASSWORD).await.is(StatusCode::OK);
        claire.code("totp", &test.totp()).await.is(StatusCode::OK);
    }

    #[tokio::test]
    async fn the_cookie_of_a_device_is_as_closed_as_the_sessions_and_lasts_half_a_year() {
        let test = TestBox::new().await;
        let mut browser = test.browser();
        browser.password(PASSWORD).await.is(StatusCode::OK);
        let answer = browser.code("totp", &test.totp()).await;
        let cookies: Vec<_> = answer.headers.get_all(header::SET_COOKIE).iter().collect();
        let [session, device] = cookies[..] else { panic!("{cookies:?}") };
        assert!(session.to_str().unwrap().starts_with("__Host-tabellion="), "programs take the first");
        let (_, attributes) = device.to_str().unwrap().split_once("; ").unwrap();
        let mut attributes: Vec<_> = attributes.split("; ").collect();
        attributes.sort_unstable();
        assert_eq!(attributes, ["HttpOnly", "Max-Age=15552000", "Path=/", "SameSite=Strict", "Secure"]);
    }

    #[tokio::test]
    async fn who_is_slowed_down_does_not_learn_whether_there_is_such_an_account() {
        let test = TestBox::new().await;
        let mut told = Vec::new();
        for (login, peer) in [("claire.moreau", "10.77.1.1"), ("nobody.at.all", "10.77.1.2")] {
            let mut browser = test.browser();
            browser.peer = peer.parse().unwrap();
            let mut answers = Vec::new();
            for _ in 0..4 {
                let guess = json!({ "login": login, "password": "wrong password" });
                let answer = browser.post("/api/session", guess).await;
                answers.push((answer.status, answer.text, answer.headers));
            }
            told.push(answers);
        }
        assert_eq!(told[0], told[1]);
    }

    #[tokio::test]
    async fn an_account_without_second_factor_enrols_one_and_gets_no_further() {
        let test = TestBox::new().await;
        let mut browser = test.browser();
        let next = browser.password_of(WITHOUT_FACTOR).await.is(StatusCode::OK);
        assert_eq!(next, json!({ "step": "enrolment", "methods": [], "phone_hint": null }));
        browser.get("/api/session").await.refuses(401, "not_logged_in");
    }

    #[tokio::test]
    async fn a_box_without_gateway_offers_no_code_by_sms() {
        let test = TestBox::of(|config| config.sms = false).await;
        let next = test.browser().password(PASSWORD).await.is(StatusCode::OK);
        assert_eq!(next, json!({ "step": "second_factor", "methods": ["totp"], "phone_hint": null }));
        let next = test.browser().password_of(MOBILE_ONLY).await.is(StatusCode::OK);
        assert_eq!(next, json!({ "step": "enrolment", "methods": [], "phone_hint": null }));
    }

    #[tokio::test]
    async fn a_mobile_alone_is_a_second_factor_where_there_is_a_gateway() {
        let test = TestBox::new().await;
        let next = test.browser().password_of(MOBILE_ONLY).await.is(StatusCode::OK);
        let hint = "•• •• •• •• 34";
        assert_eq!(next, json!({ "step": "second_factor", "methods": ["sms"], "phone_hint": hint }));
    }

    #[tokio::test]
    async fn a_new_login_ends_the_session_that_the_browser_had() {
        let test = TestBox::new().await;
        let mut browser = test.logged_in().await;
        let before = browser.cookie.clone();
        browser.password(PASSWORD).await.is(StatusCode::OK);
        assert_ne!(browser.cookie, before);
        browser.cookie = before;
        browser.get("/api/session").await.refuses(401, "not_logged_in");
    }

    #[tokio::test]
    async fn what_does_not_come_from_our_pages_is_refused() {
        let test = TestBox::new().await;
        let request =
            axum::http::Request::post("/api/session").header(header::CONTENT_TYPE, "application/json");
        let body = json!({ "login": "claire.moreau", "password": PASSWORD }).to_string();
        test.browser().send(request.body(body.into()).unwrap()).await.refuses(403, "foreign_page");
        for nonsense in ["", "{", "[]", "{\"login\":1}", "{\"login\":\"a\",\"password\":\"b\",\"more\":1}"] {
            let answer = test.browser().with_body("POST", "/api/session", nonsense.to_owned()).await;
            answer.refuses(400, "bad_request");
        }
        let long = json!({ "login": "a", "password": "x".repeat(70_000) });
        test.browser().post("/api/session", long).await.refuses(413, "too_large");
    }
}
