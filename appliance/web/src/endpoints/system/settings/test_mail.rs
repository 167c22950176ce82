use super::refused;
use crate::{
    error::{ApiError, ErrorBody},
    extract::JsonBody,
    login::Administrator,
    state::AppState,
};
use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tabellion_domain::settings::{Refusal, Settings, SetupError};
use utoipa::ToSchema;

/// Settings that are not applied, but tried.
#[derive(Deserialize, ToSchema)]
pub(crate) struct TriedSettings {
    /// As for a change of the settings.
    #[schema(value_type = Object)]
    document: Value,
}

impl TriedSettings {
    /// # Errors
    /// Each fault beside its field.
    pub(super) async fn read(&self, state: &AppState) -> Result<Settings, ApiError> {
        let now = state.clock.now();
        let before = state.store.settings_state(now).await?.in_force.map(|change| change.settings);
        let (settings, _) = super::read(state, &self.document, &before.unwrap_or_default(), now)?;
        Ok(settings)
    }
}

/// Where a mail has gone.
#[derive(Serialize, ToSchema)]
pub(crate) struct TrialMailSent {
    /// The administrator's mail address.
    to: String,
}

/// Sends a mail to the administrator who asks, through the relay of settings that need not be in force.
#[utoipa::path(post, path = "/api/system/settings/test-mail", request_body = TriedSettings, responses(
    (status = 200, body = TrialMailSent),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_administrator", body = ErrorBody),
    (status = 422, description = "invalid, with `faults`: each a `Fault`", body = ErrorBody),
    (status = 502, description = "not_taken, with `detail`", body = ErrorBody),
))]
pub(crate) async fn send(
    State(state): State<AppState>,
    Administrator { user }: Administrator,
    JsonBody(tried): JsonBody<TriedSettings>,
) -> Result<Json<TrialMailSent>, ApiError> {
    let settings = tried.read(&state).await?;
    if settings.mail.is_none() {
        let todo = "Remplissez les champs du relais avant de l’essayer";
        let fault = SetupError::new("mail.host", Refusal::new("il n’y a pas de relais de messagerie", todo));
        return Err(refused(vec![fault]));
    }
    match state.machinery.send_trial_mail(&settings, user.email.clone(), state.clock.now()).await {
        Ok(()) => Ok(Json(TrialMailSent { to: user.email })),
        Err((message, detail)) => {
            Err(ApiError::new(StatusCode::BAD_GATEWAY, "not_taken", message).with("detail", detail))
        }
    }
}
