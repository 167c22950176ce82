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

/// The organizer goes to the waiting room (PERM-06): a seat, without any field to fill in.
#[utoipa::path(post, path = "/api/permanent-meetings/{id}/seat", params(("id" = i64, Path)), responses(
    (status = 201, body = SeatGrant),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_participant", body = ErrorBody),
    (status = 404, description = "unknown_meeting", body = ErrorBody),
    (status = 410, description = "meeting_inactive", body = ErrorBody),
))]
pub(crate) async fn take(
    State(state): State<AppState>,
    login: LoggedIn,
    Path(id): Path<i64>,
) -> Result<(StatusCode, Json<SeatGrant>), ApiError> {
    let id = MeetingId(id);
    let meeting = state.store.permanent_meeting(id).await?.ok_or_else(super::unknown)?;
    // A meeting that has just been switched off may still have its actor, which gives seats (PERM-09).
    if !meeting.active {
        return Err(join_error(JoinError::Inactive));
    }
    let seat_token = state.conference.organizer_seat(login.user.id, id).await.map_err(join_error)?;
    Ok((StatusCode::CREATED, Json(SeatGrant { seat_token })))
}

#[cfg(test)]
mod tests {
    use crate::testing::TestBox;
    use axum::http::StatusCode;
    use serde_json::json;

    #[tokio::test]
    async fn the_organizer_takes_a_seat_without_the_code() {
        let test = TestBox::new().await;
        let mut browser = test.logged_in().await;
        let path = format!("/api/permanent-meetings/{}/seat", test.sale.id);
        let grant = browser.post(&path, json!({})).await.is(StatusCode::CREATED);
        assert_eq!(grant["seat_token"].as_str().unwrap().len(), 22);
        test.browser().post(&path, json!({})).await.refuses(401, "not_logged_in");
        browser.post("/api/permanent-meetings/999/seat", json!({})).await.refuses(404, "unknown_meeting");
        let off = format!("/api/permanent-meetings/{}", test.sale.id);
        browser.patch(&off, json!({ "active": false })).await.is(StatusCode::OK);
        browser.post(&path, json!({})).await.refuses(410, "meeting_inactive");
    }
}
