use super::refused;
use crate::{
    endpoints::orders::mail,
    error::{ApiError, ErrorBody},
    extract::JsonBody,
    login::Administrator,
    state::AppState,
};
use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use tabellion_domain::UserId;
use utoipa::ToSchema;

/// Accounts that one request deletes at most.
const MOST: usize = 500;

/// Which users are to be deleted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UsersToDelete {
    /// Their numbers.
    ids: Vec<i64>,
}

/// Deletes users, all of them or none (USER-06): their sessions, links and seats in meetings end at once.
#[utoipa::path(post, path = "/api/users/deletion", request_body = UsersToDelete, responses(
    (status = 204),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_administrator", body = ErrorBody),
    (status = 404, description = "unknown_user", body = ErrorBody),
    (status = 409, description = "last_administrator", body = ErrorBody),
))]
pub(crate) async fn delete(
    State(state): State<AppState>,
    Administrator { user: by }: Administrator,
    JsonBody(UsersToDelete { ids }): JsonBody<UsersToDelete>,
) -> Result<StatusCode, ApiError> {
    let mut users: Vec<_> = ids.into_iter().take(MOST).map(UserId).collect();
    users.sort_unstable();
    users.dedup();
    let settings = state.settings().await?;
    let deleted = state.store.delete_users(users.clone(), by.id, mail(&state, &settings), state.clock.now());
    deleted.await?.map_err(refused)?;
    for user in users {
        state.conference.account_ended(user).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use crate::testing::{COLLEAGUE, TestBox};
    use axum::http::StatusCode;
    use serde_json::{Value, json};
    use tabellion_domain::AuditEvent;

    const PATH: &str = "/api/users/deletion";

    async fn id(test: &TestBox, login: &str) -> Value {
        json!(test.state.store.user_by_login(login.to_owned()).await.unwrap().unwrap().id.0)
    }

    #[tokio::test]
    async fn who_is_deleted_is_out_at_once_and_the_meetings_stay_with_the_name() {
        let test = TestBox::new().await;
        let mut claire = test.logged_in().await;
        let mut julien = test.logged_in_as(COLLEAGUE).await;
        let new = json!({ "description": "Vente PETIT", "active": true, "code_active": false, "code": null });
        let made = julien.post("/api/permanent-meetings", new).await.is(StatusCode::CREATED);
        let seat = format!("/api/permanent-meetings/{}/seat", made["id"]);
        let grant = julien.post(&seat, json!({})).await.is(StatusCode::CREATED);
        let asked = json!({ "text": "julien.petit" });
        test.browser().post("/api/password/lost", asked).await.is(StatusCode::ACCEPTED);
        let link = test.last_link().await;

        let gone = id(&test, COLLEAGUE).await;
        claire.post(PATH, json!({ "ids": [gone] })).await.is(StatusCode::NO_CONTENT);
        julien.get("/api/session").await.refuses(401, "not_logged_in");
        julien.post(&seat, json!({})).await.refuses(401, "not_logged_in");
        test.seat_is_over(grant["seat_token"].as_str().unwrap()).await;
        test.browser().password_of(COLLEAGUE).await.refuses(401, "bad_credentials");
        test.browser().post("/api/password/link", json!({ "token": link })).await.refuses(410, "link_over");
        let meetings = claire.get("/api/permanent-meetings").await.is(StatusCode::OK);
        let kept = meetings["items"].as_array().unwrap().iter().find(|one| one["id"] == made["id"]).unwrap();
        assert_eq!(kept["created_by"], "Maître Claire Moreau", "the name of all users of this box");
        let users = claire.get("/api/users").await.is(StatusCode::OK);
        assert!(users["users"].as_array().unwrap().iter().all(|user| user["login"] != COLLEAGUE));
        claire.post(PATH, json!({ "ids": [gone] })).await.refuses(404, "unknown_user");
        let user = tabellion_domain::UserId(gone.as_i64().unwrap());
        assert!(test.journal().await.contains(&AuditEvent::UserDeleted { by: test.claire, user }));
        let mut again = super::super::testing::form(COLLEAGUE);
        again["visio"] = json!("delegate");
        claire.post("/api/users", again).await.is(StatusCode::CREATED);
    }

    #[tokio::test]
    async fn nothing_is_left_of_one_who_made_nothing() {
        let test = TestBox::new().await;
        let mut claire = test.logged_in().await;
        let gone = id(&test, COLLEAGUE).await;
        claire.post(PATH, json!({ "ids": [gone, gone] })).await.is(StatusCode::NO_CONTENT);
        let user = tabellion_domain::UserId(gone.as_i64().unwrap());
        assert_eq!(test.state.store.user(user).await.unwrap(), None);
    }

    #[tokio::test]
    async fn the_last_administrator_is_not_deleted_and_then_nobody_of_the_same_request_is() {
        let test = TestBox::new().await;
        let mut claire = test.logged_in().await;
        let mut ids = Vec::new();
        for login in ["claire.moreau", "without.factor", "mobile.only", COLLEAGUE] {
            ids.push(id(&test, login).await);
        }
        claire.post(PATH, json!({ "ids": ids })).await.refuses(409, "last_administrator");
        assert_eq!(test.state.store.users().await.unwrap().len(), 4);
        claire.get("/api/session").await.is(StatusCode::OK);
        claire.post(PATH, json!({ "ids": ids[..1] })).await.is(StatusCode::NO_CONTENT);
        claire.get("/api/session").await.refuses(401, "not_logged_in");
    }
}
