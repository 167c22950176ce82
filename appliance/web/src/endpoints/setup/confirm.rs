use super::open::SetupCodeForm;
use crate::{
    access::Way,
    error::{ApiError, ErrorBody},
    extract::JsonBody,
    setup::SetupState,
};
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use tabellion_domain::settings::Author;
use tabellion_store::SettingsFate;
use time::Duration;
use tracing::info;

/// By then the network's settings have been taken up: who reaches the box earlier may have reached it where it was before.
const TAKEN_UP: Duration = Duration::seconds(10);

/// Confirms settings that are tried out: whoever asks has reached the box where it is now. 425 while that is too early to tell,
/// 410 where they were undone.
#[utoipa::path(
    post,
    path = "/api/setup/confirmation",
    request_body = SetupCodeForm,
    responses(
        (status = 204),
        (status = 403, body = ErrorBody),
        (status = 410, body = ErrorBody),
        (status = 425, body = ErrorBody),
        (status = 429, body = ErrorBody),
    )
)]
pub(crate) async fn confirm(
    State(state): State<SetupState>,
    way: Way,
    headers: HeaderMap,
    JsonBody(form): JsonBody<SetupCodeForm>,
) -> Result<StatusCode, ApiError> {
    state.door.check(&form.code, state.clock.as_ref())?;
    let _turn = state.turn.lock().await;
    let now = state.clock.now();
    let standing = state.store.settings_state(now).await?;
    let Some(waiting) = standing.pending else {
        // Confirmed a moment ago, from another page.
        return if standing.in_force.is_some() { Ok(StatusCode::NO_CONTENT) } else { Err(undone()) };
    };
    let wait = waiting.at + TAKEN_UP - now;
    if wait.is_positive() {
        let message = "La boîte change encore de réseau. Patientez quelques secondes.";
        return Err(ApiError::new(StatusCode::TOO_EARLY, "too_early", message)
            .with("retry_after_seconds", wait.whole_seconds() + 1));
    }
    if !way.is_inside(&headers, &waiting.settings.access) {
        let message = "Vous n’êtes dans aucun des réseaux auxquels l’espace client répondrait. Confirmez depuis l’un d’eux, ou \
                       attendez une minute que ces réglages soient annulés, et donnez-en d’autres.";
        return Err(ApiError::new(StatusCode::FORBIDDEN, "outside_network", message));
    }
    match state.store.confirm_set_up(waiting.id, Author::SetupPage, now).await? {
        Some(SettingsFate::InForce) => {
            info!("this box is set up by its set-up page");
            Ok(StatusCode::NO_CONTENT)
        }
        Some(SettingsFate::Undone) | None => Err(undone()),
    }
}

fn undone() -> ApiError {
    let message = "Ces réglages n’ont pas été confirmés à temps\u{a0}: ils sont annulés. Recommencez la mise en service.";
    ApiError::new(StatusCode::GONE, "undone", message)
}
