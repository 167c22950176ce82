use crate::{
    error::{ApiError, ErrorBody},
    extract::Path,
    login::MeetingManager,
    state::AppState,
};
use axum::{extract::State, http::StatusCode};
use tabellion_domain::MeetingId;

/// Deletes a permanent meeting, at once, also for those inside (PERM-09).
#[utoipa::path(delete, path = "/api/permanent-meetings/{id}", params(("id" = i64, Path)), responses(
    (status = 204),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_manager", body = ErrorBody),
    (status = 404, description = "unknown_meeting", body = ErrorBody),
))]
pub(crate) async fn delete(
    State(state): State<AppState>,
    login: MeetingManager,
    Path(id): Path<i64>,
) -> Result<StatusCode, ApiError> {
    let id = MeetingId(id);
    if !state.store.delete_permanent_meeting(id, login.user.id, state.clock.now()).await? {
        return Err(super::unknown());
    }
    state.conference.meeting_changed(id).await;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use crate::testing::{LINK, TestBox};
    use axum::http::StatusCode;

    #[tokio::test]
    async fn a_deleted_meeting_is_gone_with_its_link() {
        let test = TestBox::new().await;
        let mut browser = test.logged_in().await;
        let path = format!("/api/permanent-meetings/{}", test.sale.id);
        test.browser().delete(&path).await.refuses(401, "not_logged_in");
        browser.delete(&path).await.is(StatusCode::NO_CONTENT);
        browser.delete(&path).await.refuses(404, "unknown_meeting");
        test.browser().get(&format!("/api/links/{LINK}")).await.refuses(404, "link_unknown");
    }
}
