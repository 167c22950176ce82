use super::accepted;
use crate::{
    endpoints::session::{LoginTurns, Subjects},
    error::{ApiError, ErrorBody},
    extract::JsonBody,
    peer::Peer,
    state::AppState,
};
use axum::{Extension, Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use tabellion_domain::account::PasswordLink;
use utoipa::ToSchema;

/// What a link carries.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkToken {
    /// What stands behind its `#`.
    token: String,
}

/// Whose link it is.
#[derive(Serialize, ToSchema)]
pub(crate) struct LinkOwner {
    /// «Identifiant de connexion».
    login: String,
}

/// A password that is chosen by a link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordByLink {
    /// What stands behind the link's `#`.
    token: String,
    /// The new password.
    password: String,
}

/// Whose link it is, while it is good.
#[utoipa::path(post, path = "/api/password/link", request_body = LinkToken, responses(
    (status = 200, body = LinkOwner),
    (status = 410, description = "link_over", body = ErrorBody),
))]
pub(crate) async fn show(
    State(state): State<AppState>,
    JsonBody(LinkToken { token }): JsonBody<LinkToken>,
) -> Result<Json<LinkOwner>, ApiError> {
    let owner = state.store.owner_of_link(PasswordLink::hash(&token), state.clock.now()).await?;
    Ok(Json(LinkOwner { login: owner.ok_or_else(over)?.login }))
}

/// Puts a new password in the place of the lost one. The link is used up, and all sessions of the account end; the next login
/// still needs the second factor.
#[utoipa::path(post, path = "/api/password/reset", request_body = PasswordByLink, responses(
    (status = 204),
    (status = 410, description = "link_over", body = ErrorBody),
    (status = 422, description = "invalid, with `faults`", body = ErrorBody),
))]
pub(crate) async fn reset(
    State(state): State<AppState>,
    Extension(turns): Extension<LoginTurns>,
    peer: Peer,
    JsonBody(PasswordByLink { token, password }): JsonBody<PasswordByLink>,
) -> Result<StatusCode, ApiError> {
    let _turn = turns.take().await;
    let (link, now) = (PasswordLink::hash(&token), state.clock.now());
    let owner = state.store.owner_of_link(link, now).await?.ok_or_else(over)?;
    let hash = accepted(&state, &owner, password).await?;
    let user = state.store.use_password_link(link, hash, now).await?.ok_or_else(over)?;
    // Whoever has forgotten a password has tried some: that is over.
    Subjects::of_login(&user.login, peer, None).name_is_right(&state).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn over() -> ApiError {
    ApiError::new(StatusCode::GONE, "link_over", "Ce lien a expiré, ou a déjà servi. Demandez-en un nouveau.")
}

#[cfg(test)]
mod tests {
    use crate::testing::{COLLEAGUE, PASSWORD, TestBox};
    use axum::http::StatusCode;
    use serde_json::json;
    use tabellion_domain::AuditEvent;
    use time::Duration;

    const GOOD: &str = "cheval agrafe pile correct";

    async fn link(test: &TestBox) -> String {
        let text = json!({ "text": COLLEAGUE });
        test.browser().post("/api/password/lost", text).await.is(StatusCode::ACCEPTED);
        test.last_link().await
    }

    #[tokio::test]
    async fn a_link_leads_to_a_new_password_once() {
        let test = TestBox::new().await;
        let mut inside = test.logged_in_as(COLLEAGUE).await;
        let (other, token) = (link(&test).await, link(&test).await);
        let mut browser = test.browser();
        let owner = browser.post("/api/password/link", json!({ "token": token })).await.is(StatusCode::OK);
        assert_eq!(owner, json!({ "login": COLLEAGUE }));
        let weak = json!({ "token": token, "password": "julienpetit" });
        let refused = browser.post("/api/password/reset", weak).await.refuses(422, "invalid");
        assert_eq!(refused["faults"][0]["field"], "password");
        let good = json!({ "token": token, "password": GOOD });
        browser.post("/api/password/reset", good.clone()).await.is(StatusCode::NO_CONTENT);
        browser.post("/api/password/reset", good).await.refuses(410, "link_over");
        browser.post("/api/password/link", json!({ "token": other })).await.refuses(410, "link_over");
        inside.get("/api/session").await.refuses(401, "not_logged_in");
        test.browser().password_of(COLLEAGUE).await.refuses(401, "bad_credentials");
        let login = json!({ "login": COLLEAGUE, "password": GOOD });
        let next = test.browser().post("/api/session", login).await.is(StatusCode::OK);
        assert_eq!(next["step"], "second_factor", "the link is no second factor");
        let user = test.state.store.user_by_login(COLLEAGUE.to_owned()).await.unwrap().unwrap().id;
        let event = AuditEvent::PasswordChanged { user, how: "link".to_owned() };
        assert!(test.journal().await.contains(&event));
    }

    #[tokio::test]
    async fn a_link_is_short_lived_and_one_that_was_made_up_opens_nothing() {
        let test = TestBox::new().await;
        let token = link(&test).await;
        test.clock.advance(Duration::minutes(30));
        let mut browser = test.browser();
        for token in [&*token, "", "AAAAAAAAAAAAAAAAAAAAAA"] {
            let good = json!({ "token": token, "password": GOOD });
            browser.post("/api/password/reset", good).await.refuses(410, "link_over");
        }
        test.browser()
            .post("/api/session", json!({ "login": COLLEAGUE, "password": PASSWORD }))
            .await
            .is(StatusCode::OK);
    }

    #[tokio::test]
    async fn whoever_guessed_too_often_before_is_not_kept_waiting_after() {
        let test = TestBox::new().await;
        for _ in 0..3 {
            let wrong = json!({ "login": COLLEAGUE, "password": "wrong password" });
            test.browser().post("/api/session", wrong).await.refuses(401, "bad_credentials");
        }
        let good = json!({ "token": link(&test).await, "password": GOOD });
        test.browser().post("/api/password/reset", good).await.is(StatusCode::NO_CONTENT);
        let mut elsewhere = test.browser();
        elsewhere.peer = "10.77.0.9".parse().unwrap();
        elsewhere
            .post("/api/session", json!({ "login": COLLEAGUE, "password": GOOD }))
            .await
            .is(StatusCode::OK);
    }
}
