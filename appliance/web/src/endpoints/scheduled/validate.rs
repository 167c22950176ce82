use super::{edit, form::line, letters::Letters, refused, told, view::ScheduledMeetingView};
use crate::{
    error::{ApiError, ErrorBody},
    extract::{JsonBody, Path},
    login::MeetingManager,
    state::AppState,
};
use axum::{Json, extract::State};
use serde::Deserialize;
use tabellion_domain::{account::FieldFault, scheduled::Message};
use utoipa::ToSchema;

/// «Valider et envoyer» (SCHED-07).
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Validation {
    /// The version that the page shows.
    version: i64,
    /// «Nom de la réunion».
    name: String,
    /// «Message».
    message: String,
}

/// Validates a meeting: it opens, and invitations go to those whom mails are to be sent to (SCHED-08).
#[utoipa::path(post, path = "/api/scheduled-meetings/{id}/validation", params(("id" = i64, Path)),
    request_body = Validation, responses(
    (status = 200, body = ScheduledMeetingView),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_manager", body = ErrorBody),
    (status = 404, description = "unknown_meeting", body = ErrorBody),
    (status = 409, description = "changed_meanwhile, not_ready", body = ErrorBody),
    (status = 410, description = "meeting_over", body = ErrorBody),
    (status = 422, description = "invalid, with `faults`: `field` and `message` of each", body = ErrorBody),
))]
pub(crate) async fn validate(
    State(state): State<AppState>,
    by: MeetingManager,
    Path(id): Path<i64>,
    JsonBody(form): JsonBody<Validation>,
) -> Result<Json<ScheduledMeetingView>, ApiError> {
    let mut faults = Vec::new();
    let name = line(&form.name, "name", &mut faults);
    let message = Message::new(&form.message);
    let message =
        message.map_err(|error| faults.push(FieldFault { field: "message", message: error.to_string() }));
    let (Some(name), Ok(message)) = (name, message) else { return Err(ApiError::faults(&faults)) };
    let edit = edit(&state, &by, id, Some(form.version));
    let compose = Letters::of(&state, &by).await?.compose();
    let done = state.store.validate_scheduled_meeting(edit, name, message, compose).await?;
    let done = done.map_err(refused)?;
    told(&state, edit.meeting).await?;
    Ok(Json(ScheduledMeetingView::of(done, &state).await?))
}
