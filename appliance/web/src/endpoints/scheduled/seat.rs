use crate::{
    endpoints::links::{SeatGrant, join_error},
    error::{ApiError, ErrorBody},
    extract::Path,
    login::LoggedIn,
    state::AppState,
};
use axum::{Json, extract::State, http::StatusCode};
use tabellion_conference::JoinError;
use tabellion_domain::MeetingId;

/// A user of the office goes to a scheduled meeting's waiting room, as organizer (DASH-09).
#[utoipa::path(post, path = "/api/scheduled-meetings/{id}/seat", params(("id" = i64, Path)), responses(
    (status = 201, body = SeatGrant),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_participant", body = ErrorBody),
    (status = 404, description = "unknown_meeting", body = ErrorBody),
    (status = 410, description = "meeting_over", body = ErrorBody),
))]
pub(crate) async fn take(
    State(state): State<AppState>,
    login: LoggedIn,
    Path(id): Path<i64>,
) -> Result<(StatusCode, Json<SeatGrant>), ApiError> {
    let id = MeetingId(id);
    if !id.is_scheduled() {
        return Err(join_error(JoinError::UnknownMeeting));
    }
    let seat_token = state.conference.organizer_seat(login.user.id, id).await.map_err(join_error)?;
    Ok((StatusCode::CREATED, Json(SeatGrant { seat_token })))
}
