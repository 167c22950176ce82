use super::requests;
use crate::{
    endpoints::session::PasswordAgain,
    error::{ApiError, ErrorBody},
    extract::JsonBody,
    login::Administrator,
    state::AppState,
};
use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use serde_json::json;
use tabellion_domain::AuditEvent;
use utoipa::ToSchema;

/// The word that is typed to have all data destroyed.
const WORD: &str = "EFFACER";

/// Consent to a factory reset.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FactoryReset {
    /// The administrator's own, once more.
    password: String,
    /// `EFFACER`.
    word: String,
}

/// «Réinitialisation usine»: the box restarts, destroys all its data, and is as from its carton.
#[utoipa::path(post, path = "/api/system/factory-reset", request_body = FactoryReset, responses(
    (status = 202, description = "the box restarts"),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_administrator", body = ErrorBody),
    (status = 409, description = "no_firmware", body = ErrorBody),
    (status = 422, description = "invalid word, wrong_password", body = ErrorBody),
    (status = 429, description = "too_many_attempts", body = ErrorBody),
))]
pub(crate) async fn reset(
    State(state): State<AppState>,
    administrator: Administrator,
    again: PasswordAgain,
    JsonBody(request): JsonBody<FactoryReset>,
) -> Result<StatusCode, ApiError> {
    if request.word.trim() != WORD {
        return Err(ApiError::invalid("word", format!("Tapez {WORD}, en majuscules, pour confirmer.")));
    }
    again.check(&state, &administrator.user, request.password).await?;
    let event = AuditEvent::FactoryResetAsked { user: administrator.user.id };
    state.store.append_audit(event, state.clock.now()).await?;
    requests::ask(&state, "factory-reset", &json!({})).await?;
    Ok(StatusCode::ACCEPTED)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{COLLEAGUE, PASSWORD, TestBox};

    const PATH: &str = "/api/system/factory-reset";

    #[tokio::test]
    async fn an_administrator_who_means_it_has_the_firmware_asked() {
        let test = TestBox::new().await;
        let mut claire = test.logged_in().await;
        let meant = json!({ "password": PASSWORD, "word": "EFFACER" });
        claire.post(PATH, meant.clone()).await.refuses(409, "no_firmware");
        std::fs::create_dir(&test.state.config.requests).unwrap();
        for (password, word, code) in [
            (PASSWORD, "effacer", "invalid"),
            (PASSWORD, "", "invalid"),
            ("Tabellion-2025!", "EFFACER", "wrong_password"),
        ] {
            claire.post(PATH, json!({ "password": password, "word": word })).await.refuses(422, code);
        }
        let asked = requests::path(&test.state, "factory-reset");
        assert!(!asked.exists());
        claire.post(PATH, meant).await.is(StatusCode::ACCEPTED);
        assert_eq!(std::fs::read_to_string(asked).unwrap(), "{}");
        assert_eq!(test.journal().await.last(), Some(&AuditEvent::FactoryResetAsked { user: test.claire }));
    }

    #[tokio::test]
    async fn nobody_else_has_anything_destroyed() {
        let test = TestBox::new().await;
        std::fs::create_dir(&test.state.config.requests).unwrap();
        let meant = json!({ "password": PASSWORD, "word": "EFFACER" });
        test.browser().post(PATH, meant.clone()).await.refuses(401, "not_logged_in");
        test.logged_in_as(COLLEAGUE).await.post(PATH, meant).await.refuses(403, "not_administrator");
        assert!(!requests::path(&test.state, "factory-reset").exists());
    }
}
