use super::record::is_known;
use crate::{
    endpoints::meetings::unknown,
    error::{ApiError, ErrorBody},
    extract::Path,
    login::MeetingManager,
    state::AppState,
};
use axum::{Json, extract::State};
use serde::Serialize;
use std::collections::HashMap;
use tabellion_domain::{MeetingId, Sitting, UserId, sittings};
use tabellion_store::MeetingLine;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use utoipa::ToSchema;

/// The last ones of a meeting that is held each day for a year.
const MOST: usize = 400;

/// A sitting that is over.
#[derive(Serialize, ToSchema)]
pub(crate) struct SittingView {
    /// When the first one went in, RFC 3339: what a record is asked by.
    from: String,
    /// When the last one was out, RFC 3339.
    until: String,
    /// How many were inside: each coming counts.
    presences: usize,
}

/// A meeting's sittings that are over.
#[derive(Serialize, ToSchema)]
pub(crate) struct Sittings {
    /// What the meeting is called.
    name: String,
    /// Newest first: up to 400.
    sittings: Vec<SittingView>,
}

/// When a meeting was held, as far as the retention periods of meetings and of the audit journal go: what a record is made of.
#[utoipa::path(get, path = "/api/meetings/{id}/sittings", params(("id" = i64, Path)), responses(
    (status = 200, body = Sittings),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_manager", body = ErrorBody),
    (status = 404, description = "unknown_meeting", body = ErrorBody),
))]
pub(crate) async fn list(
    State(state): State<AppState>,
    _: MeetingManager,
    Path(id): Path<i64>,
) -> Result<Json<Sittings>, ApiError> {
    let meeting = About::of(&state, MeetingId(id)).await?;
    let lines = state.store.meeting_lines(MeetingId(id)).await?;
    let seats: HashMap<_, _> =
        state.store.seats_of(MeetingId(id)).await?.into_iter().map(|seat| (seat.id, ())).collect();
    let known = held(&lines).into_iter().rev().filter(|sitting| is_known(sitting, &seats));
    let told = known.take(MOST).map(|sitting| {
        Ok(SittingView {
            from: written(sitting.from)?,
            until: written(sitting.until)?,
            presences: sitting.presences.len(),
        })
    });
    Ok(Json(Sittings { name: meeting.name, sittings: told.collect::<Result<_, ApiError>>()? }))
}

pub(super) fn held(lines: &[MeetingLine]) -> Vec<Sitting> {
    sittings(lines.iter().map(|line| (line.at, line.entry.clone())))
}

fn written(at: OffsetDateTime) -> Result<String, ApiError> {
    at.format(&Rfc3339).map_err(|error| ApiError::internal(&error))
}

/// What a record says of the meeting itself.
pub(super) struct About {
    pub(super) name: String,
    pub(super) number: String,
    pub(super) organizer: UserId,
    pub(super) planned: Option<OffsetDateTime>,
}

impl About {
    /// # Errors
    /// There is no such meeting any more.
    pub(super) async fn of(state: &AppState, id: MeetingId) -> Result<Self, ApiError> {
        if let Some(meeting) = state.store.permanent_meeting(id).await? {
            return Ok(Self {
                name: meeting.description.to_string(),
                number: meeting.number.to_string(),
                organizer: meeting.created_by,
                planned: None,
            });
        }
        let meeting = state.store.scheduled_meeting(id).await?.ok_or_else(unknown)?;
        Ok(Self {
            name: meeting.public_name().to_string(),
            number: meeting.number.to_string(),
            organizer: meeting.created_by,
            planned: Some(meeting.when.begins_at()),
        })
    }
}
