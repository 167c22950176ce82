use super::place;
use crate::{
    error::{ApiError, ErrorBody},
    extract::JsonBody,
    login::{self, Administrator},
    peer::Reached,
    state::AppState,
};
use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use std::time::Duration;
use tabellion_domain::settings::Author;
use tabellion_store::{SettingsChange, SettingsFate};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// How long the operating system takes at most to take a change up: who reaches the box before that may have reached it as it
/// was.
const TAKEN_UP: time::Duration = time::Duration::seconds(5);

/// Which change it is about, and by what right.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Settled {
    /// The change's number.
    change: i64,
    /// What the one who asked for it was given: at another address of the box there is no session. Without it, an
    /// administrator's session counts.
    token: Option<String>,
}

/// Confirms a change of the settings, from where the box is found under them.
#[utoipa::path(post, path = "/api/system/settings/confirmation", request_body = Settled, responses(
    (status = 204, description = "it stays"),
    (status = 403, description = "not_yours", body = ErrorBody),
    (status = 409, description = "too_early, with `retry_after_seconds`; old_address; undone", body = ErrorBody),
))]
pub(crate) async fn confirm(
    State(state): State<AppState>,
    administrator: Option<Administrator>,
    Reached(reached): Reached,
    JsonBody(settled): JsonBody<Settled>,
) -> Result<StatusCode, ApiError> {
    let now = state.clock.now();
    let (change, by) = authorised(&state, administrator, &settled, now).await?;
    if change.fate.is_none() {
        let age = now - change.at;
        if age < TAKEN_UP || !state.machinery.works_with(&change.settings) {
            let wait = (TAKEN_UP - age).max(time::Duration::SECOND);
            return Err(too_early(wait.try_into().unwrap_or_default()));
        }
        if !place::is_there(reached, &change.settings, state.config.demonstration) {
            return Err(ApiError::new(
                StatusCode::CONFLICT,
                "old_address",
                "Vous avez rejoint la boîte par son ancienne adresse, ce qui ne prouve rien pour la nouvelle. Ouvrez la \
                 nouvelle adresse et confirmez depuis là.",
            ));
        }
    }
    match state.store.confirm_settings(change.id, by, now).await? {
        Some(SettingsFate::InForce) => Ok(StatusCode::NO_CONTENT),
        _ => Err(undone()),
    }
}

/// Undoes a change of the settings that waits for its confirmation.
#[utoipa::path(post, path = "/api/system/settings/abandonment", request_body = Settled, responses(
    (status = 204, description = "it is undone"),
    (status = 403, description = "not_yours", body = ErrorBody),
    (status = 409, description = "confirmed", body = ErrorBody),
))]
pub(crate) async fn abandon(
    State(state): State<AppState>,
    administrator: Option<Administrator>,
    JsonBody(settled): JsonBody<Settled>,
) -> Result<StatusCode, ApiError> {
    let now = state.clock.now();
    let (change, by) = authorised(&state, administrator, &settled, now).await?;
    match state.store.undo_settings(change.id, by, now).await? {
        Some(SettingsFate::Undone) => Ok(StatusCode::NO_CONTENT),
        _ => Err(ApiError::new(
            StatusCode::CONFLICT,
            "confirmed",
            "Ce changement est déjà confirmé. Pour revenir en arrière, changez de nouveau les réglages.",
        )),
    }
}

/// The change, and who speaks: an administrator, or whoever asked for it, by the token.
async fn authorised(
    state: &AppState,
    administrator: Option<Administrator>,
    settled: &Settled,
    now: OffsetDateTime,
) -> Result<(SettingsChange, Author), ApiError> {
    let change = state.store.settings_change(settled.change, now).await?;
    let proven = |change: &SettingsChange| {
        let hash = settled.token.as_deref().map(login::hash);
        change.confirmation.is_some() && change.confirmation == hash
    };
    match (change, administrator) {
        (Some(change), Some(administrator)) => Ok((change, Author::User { user: administrator.user.id })),
        (Some(change), None) if proven(&change) => {
            let by = change.by;
            Ok((change, by))
        }
        _ => Err(ApiError::new(
            StatusCode::FORBIDDEN,
            "not_yours",
            "Ce lien n’est pas, ou n’est plus, celui d’un changement de réglages. Identifiez-vous, puis ouvrez la page des \
             réglages.",
        )),
    }
}

fn too_early(wait: Duration) -> ApiError {
    let seconds = u64::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(1);
    let message = "La boîte applique encore ces réglages. Attendez quelques secondes.";
    ApiError::new(StatusCode::CONFLICT, "too_early", message).with("retry_after_seconds", seconds)
}

fn undone() -> ApiError {
    ApiError::new(
        StatusCode::CONFLICT,
        "undone",
        "Ce changement a été annulé\u{a0}: il n’a pas été confirmé à temps, ou un administrateur l’a annulé. Les réglages \
         d’avant sont de nouveau en vigueur.",
    )
}
