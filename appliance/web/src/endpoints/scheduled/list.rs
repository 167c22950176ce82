use super::view::ScheduledSummary;
use crate::{
    error::{ApiError, ErrorBody},
    extract::Query,
    login::MeetingManager,
    state::AppState,
};
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use tabellion_domain::paris::in_paris;
use time::{Date, macros::format_description};
use utoipa::{IntoParams, ToSchema};

/// Rows of a page.
const PAGE_SIZE: u32 = 50;

/// Which meetings.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ScheduledListing {
    /// The first day, `2026-11-27`; today, where it is absent.
    from: Option<String>,
    /// The last day; without an end, where it is absent.
    to: Option<String>,
    /// From 1.
    page: Option<u32>,
}

/// A page of the office's scheduled meetings.
#[derive(Serialize, ToSchema)]
pub(crate) struct ScheduledMeetings {
    /// The page's meetings.
    items: Vec<ScheduledSummary>,
    /// Of all pages.
    total: u64,
    /// This page, from 1.
    page: u32,
    /// Rows of a full page.
    page_size: u32,
}

/// The office's scheduled meetings of some days, by their beginning. Cancelled ones are not among them.
#[utoipa::path(get, path = "/api/scheduled-meetings", params(ScheduledListing), responses(
    (status = 200, body = ScheduledMeetings),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_manager", body = ErrorBody),
    (status = 422, description = "invalid", body = ErrorBody),
))]
pub(crate) async fn list(
    State(state): State<AppState>,
    _: MeetingManager,
    Query(listing): Query<ScheduledListing>,
) -> Result<Json<ScheduledMeetings>, ApiError> {
    let today = in_paris(state.clock.now()).date();
    let from = day("from", listing.from.as_deref())?.unwrap_or(today);
    let to = day("to", listing.to.as_deref())?.unwrap_or(Date::MAX);
    let page = listing.page.unwrap_or(1).max(1);
    let found = state.store.scheduled_meetings(from, to, page - 1, PAGE_SIZE).await?;
    let mut items = Vec::with_capacity(found.items.len());
    for row in found.items {
        items.push(ScheduledSummary::of(row, &state).await?);
    }
    Ok(Json(ScheduledMeetings { items, total: found.total, page, page_size: PAGE_SIZE }))
}

fn day(field: &str, text: Option<&str>) -> Result<Option<Date>, ApiError> {
    let Some(text) = text else { return Ok(None) };
    let day = Date::parse(text, format_description!("[year]-[month]-[day]"));
    day.map(Some).map_err(|_| ApiError::invalid(field, "Écrivez le jour sous la forme 2024-06-18."))
}
