use super::{edit, letters::Letters, refused, view::ScheduledMeetingView};
use crate::{
    error::{ApiError, ErrorBody},
    extract::{JsonBody, Path},
    login::MeetingManager,
    state::AppState,
};
use axum::{Json, extract::State};
use serde::Deserialize;
use tabellion_domain::ParticipantId;
use utoipa::ToSchema;

/// «Renvoyer l’invitation»: to whom.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Resending {
    /// These; all whom mails are to be sent to, where it is absent.
    participants: Option<Vec<i64>>,
}

/// Sends invitations again (SCHED-13). The links of before stay good.
#[utoipa::path(post, path = "/api/scheduled-meetings/{id}/invitations", params(("id" = i64, Path)),
    request_body = Resending, responses(
    (status = 200, body = ScheduledMeetingView),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_manager", body = ErrorBody),
    (status = 404, description = "unknown_meeting", body = ErrorBody),
    (status = 409, description = "not_validated, nobody", body = ErrorBody),
    (status = 410, description = "meeting_over", body = ErrorBody),
))]
pub(crate) async fn send(
    State(state): State<AppState>,
    by: MeetingManager,
    Path(id): Path<i64>,
    JsonBody(resending): JsonBody<Resending>,
) -> Result<Json<ScheduledMeetingView>, ApiError> {
    let only = resending.participants.map(|ids| ids.into_iter().map(ParticipantId).collect());
    let edit = edit(&state, &by, id, None);
    let compose = Letters::of(&state, &by).await?.compose();
    let sent = state.store.send_invitations(edit, only, compose).await?.map_err(refused)?;
    Ok(Json(ScheduledMeetingView::of(sent, &state).await?))
}
