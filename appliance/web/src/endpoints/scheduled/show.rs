use super::{found, view::ScheduledMeetingView};
use crate::{
    error::{ApiError, ErrorBody},
    extract::Path,
    login::MeetingManager,
    state::AppState,
};
use axum::{Json, extract::State};

/// A scheduled meeting, with those who take part and what has become of their mails.
#[utoipa::path(get, path = "/api/scheduled-meetings/{id}", params(("id" = i64, Path)), responses(
    (status = 200, body = ScheduledMeetingView),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_manager", body = ErrorBody),
    (status = 404, description = "unknown_meeting", body = ErrorBody),
))]
pub(crate) async fn show(
    State(state): State<AppState>,
    _: MeetingManager,
    Path(id): Path<i64>,
) -> Result<Json<ScheduledMeetingView>, ApiError> {
    Ok(Json(ScheduledMeetingView::of(found(&state, id).await?, &state).await?))
}
