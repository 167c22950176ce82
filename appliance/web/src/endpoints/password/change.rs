use super::accepted;
use crate::{
    endpoints::session::{LoginTurns, PasswordAgain, view::SessionView},
    error::{ApiError, ErrorBody},
    extract::JsonBody,
    login::{self, HalfLoggedIn, not_logged_in},
    state::AppState,
};
use axum::{Extension, Json, extract::State};
use axum_extra::extract::CookieJar;
use serde::Deserialize;
use tabellion_domain::{Session, SessionStage};
use utoipa::ToSchema;

/// A password that a user has chosen.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPassword {
    /// The one before; not asked for where it is a temporary one.
    current: Option<String>,
    /// The new one.
    password: String,
}

/// Replaces the user's own password: the temporary one of a first login, or the one before, which is given again. All other
/// sessions of the account end.
#[utoipa::path(post, path = "/api/session/password", request_body = NewPassword, responses(
    (status = 200, body = SessionView),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 422, description = "wrong_password; invalid, with `faults`", body = ErrorBody),
    (status = 429, description = "too_many_attempts", body = ErrorBody),
))]
pub(crate) async fn change(
    State(state): State<AppState>,
    Extension(turns): Extension<LoginTurns>,
    again: PasswordAgain,
    half: Option<HalfLoggedIn>,
    jar: CookieJar,
    JsonBody(new): JsonBody<NewPassword>,
) -> Result<(CookieJar, Json<SessionView>), ApiError> {
    let Some(HalfLoggedIn { user, stage, .. }) = half else { return Err(not_logged_in()) };
    let how = match stage {
        SessionStage::SecondFactor => return Err(not_logged_in()),
        SessionStage::NewPassword => "first",
        SessionStage::Full => {
            again.check(&state, &user, new.current.unwrap_or_default()).await?;
            "own"
        }
    };
    let hash = {
        let _turn = turns.take().await;
        accepted(&state, &user, new.password).await?
    };
    let (id, now) = (state.entropy.token256(), state.clock.now());
    let session = Session { user: user.id, stage: SessionStage::Full, created_at: now, last_seen_at: now };
    let own = Some((login::hash(&id), session));
    if !state.store.set_password(user.id, hash, how, own, now).await? {
        return Err(not_logged_in());
    }
    let user = state.store.user(user.id).await?.ok_or_else(not_logged_in)?;
    Ok((jar.add(login::cookie(id)), Json(SessionView::new(&user, &state.config))))
}

#[cfg(test)]
mod tests {
    use crate::{
        endpoints::users::tests_form,
        testing::{Browser, COLLEAGUE, PASSWORD, TestBox},
    };
    use axum::http::StatusCode;
    use serde_json::json;
    use tabellion_domain::AuditEvent;
    use time::Duration;

    const PATH: &str = "/api/session/password";
    const GOOD: &str = "cheval agrafe pile correct";

    /// A browser of a new user who has given the temporary password.
    async fn newcomer(test: &TestBox) -> (Browser, String) {
        let mut claire = test.logged_in().await;
        claire.post("/api/users", tests_form("zoe.durand")).await.is(StatusCode::CREATED);
        let temporary = test.temporary_password().await;
        let mut zoe = test.browser();
        let login = json!({ "login": "zoe.durand", "password": temporary });
        zoe.post("/api/session", login).await.is(StatusCode::OK);
        (zoe, temporary)
    }

    async fn second_factor(test: &TestBox, browser: &mut Browser) -> serde_json::Value {
        browser.post("/api/session/sms", json!({})).await.is(StatusCode::ACCEPTED);
        let code = test.sms_to("+33612345678").await;
        browser.code("sms", &code).await.is(StatusCode::OK)
    }

    #[tokio::test]
    async fn a_first_login_leads_to_a_new_password_and_no_further() {
        let test = TestBox::new().await;
        let (mut zoe, temporary) = newcomer(&test).await;
        zoe.post(PATH, json!({ "password": GOOD })).await.refuses(401, "not_logged_in");
        let session = second_factor(&test, &mut zoe).await;
        assert_eq!(session["new_password_required"], true);
        assert_eq!(zoe.get("/api/session").await.is(StatusCode::OK)["new_password_required"], true);
        for path in ["/api/permanent-meetings", "/api/directory", "/api/users"] {
            zoe.get(path).await.refuses(401, "not_logged_in");
        }
        for (weak, why) in [("court", "de 10 à 200"), ("motdepasse", "divulgués"), (&*temporary, "déjà")]
        {
            let refused = zoe.post(PATH, json!({ "password": weak })).await.refuses(422, "invalid");
            assert_eq!(refused["faults"][0]["field"], "password");
            assert!(refused["faults"][0]["message"].as_str().unwrap().contains(why), "{refused}");
        }
        let half = zoe.cookie.clone();
        let session = zoe.post(PATH, json!({ "password": GOOD })).await.is(StatusCode::OK);
        assert_eq!(
            (&session["new_password_required"], &session["user"]["login"]),
            (&json!(false), &json!("zoe.durand"))
        );
        zoe.get("/api/permanent-meetings").await.is(StatusCode::OK);
        let mut before = test.browser();
        before.cookie = half;
        before.get("/api/session").await.refuses(401, "not_logged_in");
        let login = json!({ "login": "zoe.durand", "password": temporary });
        test.browser().post("/api/session", login).await.refuses(401, "bad_credentials");
        let last = test.journal().await.pop();
        assert!(matches!(last, Some(AuditEvent::PasswordRefused { user: Some(_) })), "{last:?}");
        let user = test.state.store.user_by_login("zoe.durand".to_owned()).await.unwrap().unwrap().id;
        let event = AuditEvent::PasswordChanged { user, how: "first".to_owned() };
        assert!(test.journal().await.contains(&event));
    }

    #[tokio::test]
    async fn a_temporary_password_opens_nothing_after_a_week_nor_a_login_that_waits_ten_minutes() {
        let test = TestBox::new().await;
        let (mut zoe, temporary) = newcomer(&test).await;
        second_factor(&test, &mut zoe).await;
        test.clock.advance(Duration::minutes(10));
        zoe.post(PATH, json!({ "password": GOOD })).await.refuses(401, "not_logged_in");
        test.clock.advance(Duration::days(7));
        let login = json!({ "login": "zoe.durand", "password": temporary });
        zoe.post("/api/session", login).await.refuses(401, "expired_password");
    }

    #[tokio::test]
    async fn ones_own_password_is_changed_by_giving_it_again_and_other_sessions_end() {
        let test = TestBox::new().await;
        let (mut here, mut there) = (test.logged_in_as(COLLEAGUE).await, test.logged_in_as(COLLEAGUE).await);
        let mut claire = test.logged_in().await;
        let wrong = json!({ "current": "wrong", "password": GOOD });
        here.post(PATH, wrong).await.refuses(422, "wrong_password");
        here.post(PATH, json!({ "password": GOOD })).await.refuses(422, "wrong_password");
        let before = here.cookie.clone();
        let good = json!({ "current": PASSWORD, "password": GOOD });
        here.post(PATH, good).await.is(StatusCode::OK);
        assert_ne!(here.cookie, before);
        here.get("/api/session").await.is(StatusCode::OK);
        there.get("/api/session").await.refuses(401, "not_logged_in");
        claire.get("/api/session").await.is(StatusCode::OK);
    }
}
