use super::{refused, test_mail::TriedSettings};
use crate::{
    error::{ApiError, ErrorBody},
    extract::JsonBody,
    login::Administrator,
    state::AppState,
};
use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use tabellion_domain::settings::{Refusal, SetupError};
use utoipa::ToSchema;

/// Where an SMS has gone.
#[derive(Serialize, ToSchema)]
pub(crate) struct TrialSmsSent {
    /// The administrator's number.
    to: String,
}

/// Sends an SMS to the administrator who asks, as settings say that need not be in force.
#[utoipa::path(post, path = "/api/system/settings/test-sms", request_body = TriedSettings, responses(
    (status = 200, body = TrialSmsSent),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_administrator", body = ErrorBody),
    (status = 409, description = "no_mobile", body = ErrorBody),
    (status = 422, description = "invalid, with `faults`: each a `Fault`", body = ErrorBody),
    (status = 502, description = "not_taken, with `detail`", body = ErrorBody),
))]
pub(crate) async fn send(
    State(state): State<AppState>,
    Administrator { user }: Administrator,
    JsonBody(tried): JsonBody<TriedSettings>,
) -> Result<Json<TrialSmsSent>, ApiError> {
    let settings = tried.read(&state).await?;
    if settings.sms.is_none() {
        let todo = "Dites d’abord par quoi la boîte envoie ses SMS";
        let fault = SetupError::new("sms.kind", Refusal::new("il n’y a pas d’envoi de SMS", todo));
        return Err(refused(vec![fault]));
    }
    let Some(to) = user.mobile else {
        let message = "Votre compte n’a pas de téléphone mobile\u{a0}: l’essai n’a pas de destinataire. Ajoutez-le à la page \
                       «\u{a0}Gestion des utilisateurs\u{a0}».";
        return Err(ApiError::new(StatusCode::CONFLICT, "no_mobile", message));
    };
    match state.machinery.send_trial_sms(&settings, to.clone()).await {
        Ok(()) => Ok(Json(TrialSmsSent { to })),
        Err((message, detail)) => {
            Err(ApiError::new(StatusCode::BAD_GATEWAY, "not_taken", message).with("detail", detail))
        }
    }
}
