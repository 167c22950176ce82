use crate::{
    error::{ApiError, ErrorBody},
    login::Administrator,
    state::AppState,
};
use axum::{Json, extract::State};
use serde::Serialize;
use time::format_description::well_known::Rfc3339;
use utoipa::ToSchema;

/// How long what tells of people is kept.
#[derive(Serialize, ToSchema)]
pub(crate) struct PersonalData {
    /// The periods, in days.
    periods: Periods,
    /// The last purge; none before the first.
    last_purge: Option<LastPurge>,
}

/// Retention periods, in days.
#[derive(Serialize, ToSchema)]
pub(crate) struct Periods {
    calls: u16,
    meetings: u16,
    messages: u16,
    journal: u16,
}

/// What a purge has deleted.
#[derive(Serialize, ToSchema)]
pub(crate) struct LastPurge {
    /// When, RFC 3339.
    at: String,
    /// Calls.
    calls: u64,
    /// Scheduled meetings, with those who were invited.
    meetings: u64,
    /// Presences in meetings.
    seats: u64,
    /// Mails and SMS.
    messages: u64,
    /// Names of deleted accounts.
    names: u64,
    /// Lines of the audit journal.
    journal: u64,
}

/// The retention periods that are in force, and what they have deleted last.
#[utoipa::path(get, path = "/api/personal-data", responses(
    (status = 200, body = PersonalData),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_administrator", body = ErrorBody),
))]
pub(crate) async fn show(
    State(state): State<AppState>,
    _administrator: Administrator,
) -> Result<Json<PersonalData>, ApiError> {
    let kept = state.settings().await?.retention;
    let last_purge = match state.store.last_purge().await? {
        None => None,
        Some((at, purged)) => Some(LastPurge {
            at: at.format(&Rfc3339).map_err(|error| ApiError::internal(&error))?,
            calls: purged.calls,
            meetings: purged.meetings,
            seats: purged.seats,
            messages: purged.messages,
            names: purged.names,
            journal: purged.journal,
        }),
    };
    let periods = Periods {
        calls: kept.calls,
        meetings: kept.meetings,
        messages: kept.messages,
        journal: kept.journal,
    };
    Ok(Json(PersonalData { periods, last_purge }))
}
