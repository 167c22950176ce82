use super::{edit, refused};
use crate::{
    error::{ApiError, ErrorBody},
    extract::Path,
    login::MeetingManager,
    state::AppState,
};
use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use tabellion_domain::{ParticipantId, scheduled::LinkSecret};
use utoipa::ToSchema;

/// A personal link.
#[derive(Serialize, ToSchema)]
pub(crate) struct PersonalLink {
    /// It is told this once: the box keeps no more than what recognises it.
    link: String,
}

/// One more personal link of a participant, to be handed over by other ways than by mail.
#[utoipa::path(post, path = "/api/scheduled-meetings/{id}/participants/{participant}/link",
    params(("id" = i64, Path), ("participant" = i64, Path)), responses(
    (status = 201, body = PersonalLink),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_manager", body = ErrorBody),
    (status = 404, description = "unknown_meeting", body = ErrorBody),
    (status = 409, description = "changed_meanwhile, not_validated", body = ErrorBody),
    (status = 410, description = "meeting_over", body = ErrorBody),
))]
pub(crate) async fn make(
    State(state): State<AppState>,
    by: MeetingManager,
    Path((id, participant)): Path<(i64, i64)>,
) -> Result<(StatusCode, Json<PersonalLink>), ApiError> {
    let secret = LinkSecret::draw(state.entropy.as_ref());
    let edit = edit(&state, &by, id, None);
    let kept = state.store.add_personal_link(edit, ParticipantId(participant), secret.hash).await?;
    kept.map_err(refused)?;
    let link = format!("{}/reunion/{}", state.config.public_url, secret.token);
    Ok((StatusCode::CREATED, Json(PersonalLink { link })))
}
