use super::view::PermanentMeetingView;
use crate::{
    error::{ApiError, ErrorBody},
    extract::{JsonBody, Path},
    login::MeetingManager,
    state::AppState,
};
use axum::{Json, extract::State};
use serde::Deserialize;
use tabellion_domain::MeetingId;
use utoipa::ToSchema;

/// What is to be changed; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MeetingChange {
    /// «Description».
    description: Option<String>,
    /// «Réunion active».
    active: Option<bool>,
    /// «Code de sécurité actif».
    code_active: Option<bool>,
    /// «Code de sécurité»: 4 to 8 digits.
    code: Option<String>,
}

/// Changes a permanent meeting, at once, also for those inside and in the waiting room (PERM-09).
#[utoipa::path(patch, path = "/api/permanent-meetings/{id}", request_body = MeetingChange,
    params(("id" = i64, Path)), responses(
    (status = 200, body = PermanentMeetingView),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_manager", body = ErrorBody),
    (status = 404, description = "unknown_meeting", body = ErrorBody),
    (status = 422, description = "invalid", body = ErrorBody),
))]
pub(crate) async fn change(
    State(state): State<AppState>,
    login: MeetingManager,
    Path(id): Path<i64>,
    JsonBody(change): JsonBody<MeetingChange>,
) -> Result<Json<PermanentMeetingView>, ApiError> {
    let id = MeetingId(id);
    let change = tabellion_store::MeetingChange {
        description: change.description.as_deref().map(super::description).transpose()?,
        active: change.active,
        code_active: change.code_active,
        code: super::code(change.code.as_deref())?,
    };
    let changed = state.store.change_permanent_meeting(id, change, login.user.id, state.clock.now()).await?;
    let changed = changed.ok_or_else(super::unknown)?;
    state.conference.meeting_changed(id).await;
    Ok(Json(PermanentMeetingView::of(changed, &state).await?))
}

#[cfg(test)]
mod tests {
    use crate::testing::{LINK, TestBox};
    use axum::http::StatusCode;
    use serde_json::json;

    #[tokio::test]
    async fn what_is_changed_counts_at_once_and_the_rest_stays() {
        let test = TestBox::new().await;
        let mut browser = test.logged_in().await;
        let path = format!("/api/permanent-meetings/{}", test.sale.id);
        let off = browser.patch(&path, json!({ "code_active": false })).await.is(StatusCode::OK);
        assert_eq!(
            (&off["code_active"], &off["code"], &off["active"]),
            (&json!(false), &json!("1234"), &json!(true))
        );
        let link = test.browser().get(&format!("/api/links/{LINK}")).await.is(StatusCode::OK);
        assert_eq!(link["code_required"], false);
        browser
            .patch(&path, json!({ "active": false, "description": "Vente DURAND" }))
            .await
            .is(StatusCode::OK);
        test.browser().get(&format!("/api/links/{LINK}")).await.refuses(410, "meeting_inactive");
        let list = browser.get("/api/permanent-meetings").await.is(StatusCode::OK);
        assert_eq!(
            (&list["items"][0]["name"], &list["items"][0]["active"]),
            (&json!("Vente DURAND"), &json!(false))
        );
    }

    #[tokio::test]
    async fn what_cannot_be_is_refused_and_changes_nothing() {
        let test = TestBox::new().await;
        let mut browser = test.logged_in().await;
        let path = format!("/api/permanent-meetings/{}", test.sale.id);
        let error =
            browser.patch(&path, json!({ "description": "", "active": false })).await.refuses(422, "invalid");
        assert_eq!(error["field"], "description");
        let error =
            browser.patch(&path, json!({ "code": "12", "active": false })).await.refuses(422, "invalid");
        assert_eq!(error["field"], "code");
        browser.patch(&path, json!({ "name": "Vente" })).await.refuses(400, "bad_request");
        browser.patch("/api/permanent-meetings/999", json!({})).await.refuses(404, "unknown_meeting");
        browser.patch("/api/permanent-meetings/x", json!({})).await.refuses(404, "unknown");
        test.browser().patch(&path, json!({ "active": false })).await.refuses(401, "not_logged_in");
        test.browser().get(&format!("/api/links/{LINK}")).await.is(StatusCode::OK);
    }
}
