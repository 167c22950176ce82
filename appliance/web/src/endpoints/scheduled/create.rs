use super::{form::ScheduledFields, view::ScheduledMeetingView};
use crate::{
    error::{ApiError, ErrorBody},
    extract::JsonBody,
    login::MeetingManager,
    state::AppState,
};
use axum::{Json, extract::State, http::StatusCode};
use tabellion_store::NewScheduled;

/// «Créer une réunion» (SCHED-01, SCHED-02): a draft, which nobody is invited to yet.
#[utoipa::path(post, path = "/api/scheduled-meetings", request_body = ScheduledFields, responses(
    (status = 201, body = ScheduledMeetingView),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_manager", body = ErrorBody),
    (status = 422, description = "invalid, with `faults`: `field` and `message` of each", body = ErrorBody),
))]
pub(crate) async fn create(
    State(state): State<AppState>,
    by: MeetingManager,
    JsonBody(fields): JsonBody<ScheduledFields>,
) -> Result<(StatusCode, Json<ScheduledMeetingView>), ApiError> {
    let now = state.clock.now();
    let (plan, _) = fields.read(None, None, now)?;
    let new = NewScheduled { plan, created_by: by.user.id };
    let prefix = state.config.office.number_prefix.clone();
    let made = state.store.create_scheduled_meeting(new, prefix, state.entropy.clone(), now).await?;
    Ok((StatusCode::CREATED, Json(ScheduledMeetingView::of(made, &state).await?)))
}
