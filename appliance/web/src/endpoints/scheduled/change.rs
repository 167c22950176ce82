use super::{
    edit, form::ScheduledFields, found, letters::Letters, refused, told, view::ScheduledMeetingView,
};
use crate::{
    error::{ApiError, ErrorBody},
    extract::{JsonBody, Path},
    login::MeetingManager,
    state::AppState,
};
use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::ToSchema;

/// A meeting as it is to be.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ScheduledChange {
    /// The version that the page shows.
    version: i64,
    /// «Nom de la réunion», of one that is validated.
    name: Option<String>,
    #[serde(flatten)]
    fields: ScheduledFields,
}

/// Changes a scheduled meeting at once, also for those inside (SCHED-13). Those who were invited are told by mail.
#[utoipa::path(patch, path = "/api/scheduled-meetings/{id}", params(("id" = i64, Path)), request_body = ScheduledChange,
    responses(
    (status = 200, body = ScheduledMeetingView),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_manager", body = ErrorBody),
    (status = 404, description = "unknown_meeting", body = ErrorBody),
    (status = 409, description = "changed_meanwhile", body = ErrorBody),
    (status = 410, description = "meeting_over", body = ErrorBody),
    (status = 422, description = "invalid, with `faults`: `field` and `message` of each", body = ErrorBody),
))]
pub(crate) async fn change(
    State(state): State<AppState>,
    by: MeetingManager,
    Path(id): Path<i64>,
    JsonBody(change): JsonBody<ScheduledChange>,
) -> Result<Json<ScheduledMeetingView>, ApiError> {
    let before = found(&state, id).await?;
    let (edit, name) = (edit(&state, &by, id, Some(change.version)), change.name.as_deref());
    let (plan, name) = change.fields.read(name, Some(before.meeting.when), edit.at)?;
    let compose = Letters::of(&state, &by).await?.compose();
    let changed = state.store.change_scheduled_meeting(edit, plan, name, compose).await?.map_err(refused)?;
    told(&state, edit.meeting).await?;
    Ok(Json(ScheduledMeetingView::of(changed, &state).await?))
}
