use super::refused;
use crate::{
    endpoints::password::hashed,
    error::{ApiError, ErrorBody},
    extract::Path,
    login::Administrator,
    state::AppState,
};
use axum::{extract::State, http::StatusCode};
use tabellion_domain::{UserId, password};
use tabellion_post::account_texts::{self, Addressee};
use tabellion_store::UserRefusal;

/// Sends the login details again, with another temporary password: the first mail was lost, or its password has expired.
/// Whoever is logged in with the account is logged out.
#[utoipa::path(post, path = "/api/users/{id}/credentials", params(("id" = i64, Path)), responses(
    (status = 202),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_administrator", body = ErrorBody),
    (status = 404, description = "unknown_user", body = ErrorBody),
))]
pub(crate) async fn send(
    State(state): State<AppState>,
    Administrator { user: by }: Administrator,
    Path(id): Path<i64>,
) -> Result<StatusCode, ApiError> {
    let user = state.store.user(UserId(id)).await?.filter(|user| !user.deleted);
    let user = user.ok_or_else(|| refused(UserRefusal::Unknown))?;
    let temporary = password::temporary(state.entropy.as_ref());
    let name = user.display_name();
    let to = Addressee { email: &user.email, name: &name, login: &user.login };
    let mail =
        account_texts::login_details(to, &state.config.office.name, &state.config.public_url, &temporary);
    let (hash, now) = (hashed(&state, temporary).await?, state.clock.now());
    let until = now + password::TEMPORARY_VALIDITY;
    let sent = state.store.send_credentials(user.id, hash, until, mail.payload(), by.id, now).await?;
    sent.map_err(refused)?;
    Ok(StatusCode::ACCEPTED)
}

#[cfg(test)]
mod tests {
    use crate::testing::{COLLEAGUE, TestBox};
    use axum::http::StatusCode;
    use serde_json::json;
    use tabellion_domain::AuditEvent;

    #[tokio::test]
    async fn a_lost_mail_is_sent_again_with_another_password() {
        let test = TestBox::new().await;
        let (mut claire, mut julien) = (test.logged_in().await, test.logged_in_as(COLLEAGUE).await);
        let user = test.state.store.user_by_login(COLLEAGUE.to_owned()).await.unwrap().unwrap().id;
        claire.post(&format!("/api/users/{user}/credentials"), json!({})).await.is(StatusCode::ACCEPTED);
        julien.get("/api/session").await.refuses(401, "not_logged_in");
        test.browser().password_of(COLLEAGUE).await.refuses(401, "bad_credentials");
        let temporary = test.temporary_password().await;
        let login = json!({ "login": COLLEAGUE, "password": temporary });
        test.browser().post("/api/session", login).await.is(StatusCode::OK);
        assert!(test.journal().await.contains(&AuditEvent::CredentialsSent { by: test.claire, user }));
        claire.post("/api/users/999/credentials", json!({})).await.refuses(404, "unknown_user");
    }
}
