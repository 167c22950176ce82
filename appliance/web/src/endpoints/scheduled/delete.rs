use super::{edit, letters::Letters, refused, told};
use crate::{
    error::{ApiError, ErrorBody},
    extract::Path,
    login::MeetingManager,
    state::AppState,
};
use axum::{extract::State, http::StatusCode};

/// Deletes a scheduled meeting (SCHED-13): its links, its number and its code open nothing any more, whoever is inside is out, and
/// those who were invited are told by mail.
#[utoipa::path(delete, path = "/api/scheduled-meetings/{id}", params(("id" = i64, Path)), responses(
    (status = 204),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_manager", body = ErrorBody),
    (status = 404, description = "unknown_meeting", body = ErrorBody),
    (status = 410, description = "meeting_over", body = ErrorBody),
))]
pub(crate) async fn delete(
    State(state): State<AppState>,
    by: MeetingManager,
    Path(id): Path<i64>,
) -> Result<StatusCode, ApiError> {
    let edit = edit(&state, &by, id, None);
    let compose = Letters::of(&state, &by).await?.compose();
    state.store.delete_scheduled_meeting(edit, compose).await?.map_err(refused)?;
    told(&state, edit.meeting).await?;
    Ok(StatusCode::NO_CONTENT)
}
