use crate::{
    error::{ApiError, ErrorBody},
    login::LoggedIn,
    state::AppState,
};
use axum::{Json, extract::State};
use serde::Serialize;
use tabellion_domain::paris::week_began;
use utoipa::ToSchema;

/// «Appels reçus cette semaine».
#[derive(Serialize, ToSchema)]
pub(crate) struct WeekView {
    /// Calls that came.
    received: u64,
    /// Those of them that were missed.
    missed: u64,
    /// When the week has begun, Monday at midnight in Paris: RFC 3339, UTC.
    since: String,
}

/// How many calls came to the user this week, and how many were missed (DASH-01).
#[utoipa::path(get, path = "/api/calls/week", responses(
    (status = 200, body = WeekView),
    (status = 401, description = "not_logged_in", body = ErrorBody),
))]
pub(crate) async fn week(State(state): State<AppState>, login: LoggedIn) -> Result<Json<WeekView>, ApiError> {
    let since = week_began(state.clock.now());
    let count = state.store.calls_received(login.user.id, since).await?;
    let since = super::list::told(since.to_offset(time::UtcOffset::UTC))?;
    Ok(Json(WeekView { received: count.received, missed: count.missed, since }))
}

#[cfg(test)]
mod tests {
    use super::super::list::tests::received;
    use crate::testing::TestBox;
    use axum::http::StatusCode;
    use serde_json::json;
    use tabellion_domain::CallOutcome;
    use time::macros::datetime;

    #[tokio::test]
    async fn the_week_begins_on_monday_at_midnight_in_paris() {
        let test = TestBox::new().await;
        let store = &test.state.store;
        // A Monday at 13:00 in Paris: 13 hours after midnight.
        for (minutes, outcome) in [
            (1, CallOutcome::Missed),
            (2, CallOutcome::Answered),
            (3, CallOutcome::Refused),
            (13 * 60, CallOutcome::Busy),
            (13 * 60 + 1, CallOutcome::Missed),
        ] {
            store.record_call(received(&test, "DUPONT Marie", minutes, outcome)).await.unwrap();
        }
        let mut claire = test.logged_in().await;
        let week = claire.get("/api/calls/week").await.is(StatusCode::OK);
        assert_eq!(week, json!({ "received": 4, "missed": 2, "since": "2026-11-22T23:00:00Z" }));
        test.clock.set(datetime!(2026-11-29 23:00 UTC));
        let mut claire = test.logged_in().await;
        let next = claire.get("/api/calls/week").await.is(StatusCode::OK);
        assert_eq!((&next["received"], &next["missed"]), (&json!(0), &json!(0)));
        test.browser().get("/api/calls/week").await.refuses(401, "not_logged_in");
    }
}
