use super::{edit, letters::Letters, refused, told, view::ScheduledMeetingView};
use crate::{
    error::{ApiError, ErrorBody},
    extract::{JsonBody, Path},
    login::MeetingManager,
    state::AppState,
};
use axum::{Json, extract::State, http::StatusCode};
use serde::Deserialize;
use serde_json::json;
use tabellion_domain::{
    ParticipantId,
    scheduled::{EntryFault, InviteeForm, read_all},
};
use utoipa::ToSchema;

/// All who are to take part.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ParticipantList {
    /// The version that the page shows.
    version: i64,
    /// In any order.
    participants: Vec<ParticipantFields>,
}

/// A row of the table, as it was typed (SCHED-03).
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ParticipantFields {
    /// Of one who is in the table already.
    id: Option<i64>,
    /// «Civilité»; may be empty.
    civility: String,
    /// «Nom prénom».
    name: String,
    /// «E-mail».
    email: String,
    /// «Rôle»: `organizer`, `guest`, `spectator`.
    role: String,
    /// «Envoyer ?».
    send: bool,
}

/// Puts a list of participants in the place of the former one (SCHED-03, SCHED-13). Once the meeting is validated, who comes, who is
/// changed and who goes is told by mail; links and seats of those who go end at once.
#[utoipa::path(put, path = "/api/scheduled-meetings/{id}/participants", params(("id" = i64, Path)),
    request_body = ParticipantList, responses(
    (status = 200, body = ScheduledMeetingView),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_manager", body = ErrorBody),
    (status = 404, description = "unknown_meeting", body = ErrorBody),
    (status = 409, description = "changed_meanwhile, not_ready", body = ErrorBody),
    (status = 410, description = "meeting_over", body = ErrorBody),
    (status = 422, description = "invalid, with `faults`: `row`, `field` and `message` of each", body = ErrorBody),
))]
pub(crate) async fn revise(
    State(state): State<AppState>,
    by: MeetingManager,
    Path(id): Path<i64>,
    JsonBody(list): JsonBody<ParticipantList>,
) -> Result<Json<ScheduledMeetingView>, ApiError> {
    let rows = list.participants.into_iter().map(|row| {
        let ParticipantFields { id, civility, name, email, role, send } = row;
        (id.map(ParticipantId), InviteeForm { civility, name, email, role }, send)
    });
    let entries = read_all(rows).map_err(|faults| invalid(&faults))?;
    let edit = edit(&state, &by, id, Some(list.version));
    let compose = Letters::of(&state, &by).await?.compose();
    let revised = state.store.revise_participants(edit, entries, compose).await?.map_err(refused)?;
    told(&state, edit.meeting).await?;
    Ok(Json(ScheduledMeetingView::of(revised, &state).await?))
}

fn invalid(faults: &[EntryFault]) -> ApiError {
    let faults: Vec<_> = faults
        .iter()
        .map(|EntryFault { row, field, message }| json!({ "row": row, "field": field, "message": message }))
        .collect();
    ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "invalid",
        "Certains participants sont à corriger. Voyez ce qui est écrit à côté de chacun, puis réessayez.",
    )
    .with("faults", faults)
}
