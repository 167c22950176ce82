use super::view::PermanentMeetingView;
use crate::{
    error::{ApiError, ErrorBody},
    extract::JsonBody,
    login::MeetingManager,
    state::AppState,
};
use axum::{Json, extract::State, http::StatusCode};
use serde::Deserialize;
use tabellion_store::NewMeeting;
use utoipa::ToSchema;

/// «Créer une réunion» (PERM-01).
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPermanentMeeting {
    /// «Description».
    description: String,
    /// «Activer la réunion».
    active: bool,
    /// «Code de sécurité», the box.
    code_active: bool,
    /// «Code de sécurité», the field: 4 to 8 digits.
    code: Option<String>,
}

/// Makes a permanent meeting, with a number and a link of its own.
#[utoipa::path(post, path = "/api/permanent-meetings", request_body = NewPermanentMeeting, responses(
    (status = 201, body = PermanentMeetingView),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_manager", body = ErrorBody),
    (status = 422, description = "invalid", body = ErrorBody),
))]
pub(crate) async fn create(
    State(state): State<AppState>,
    login: MeetingManager,
    JsonBody(new): JsonBody<NewPermanentMeeting>,
) -> Result<(StatusCode, Json<PermanentMeetingView>), ApiError> {
    let meeting = NewMeeting {
        description: super::description(&new.description)?,
        active: new.active,
        code_active: new.code_active,
        code: super::code(new.code.as_deref())?,
        created_by: login.user.id,
    };
    let prefix = state.config.office.number_prefix.clone();
    let made = state
        .store
        .create_permanent_meeting(meeting, prefix, state.entropy.clone(), state.clock.now())
        .await?;
    Ok((StatusCode::CREATED, Json(PermanentMeetingView::of(made, &state).await?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestBox;
    use serde_json::json;

    #[tokio::test]
    async fn a_new_meeting_has_a_number_and_a_link_to_share() {
        let test = TestBox::new().await;
        let mut browser = test.logged_in().await;
        let new = json!({ "description": " Succession PETIT ", "active": true, "code_active": false, "code": null });
        let made = browser.post("/api/permanent-meetings", new).await.is(StatusCode::CREATED);
        let number = made["number"].as_str().unwrap();
        assert!(number.len() == 10 && number.starts_with("1099"), "{number}");
        assert_eq!(made["address"], format!("{number}@visio.tabellion.test"));
        let token = made["link"].as_str().unwrap().strip_prefix("https://box.test:8443/reunion/").unwrap();
        assert_eq!(token.len(), 22, "128 bits as base64url");
        assert_eq!((&made["name"], &made["code"]), (&json!("Succession PETIT"), &json!(null)));
        assert_eq!(made["created_by"], "Maître Claire Moreau");
        let link = test.browser().get(&format!("/api/links/{token}")).await.is(StatusCode::OK);
        assert_eq!(link["meeting_name"], "Succession PETIT");
    }

    #[tokio::test]
    async fn each_field_says_what_is_wrong_with_it() {
        let test = TestBox::new().await;
        let mut browser = test.logged_in().await;
        for (description, code_active, code, field) in [
            ("", false, None, "description"),
            ("a\nb", false, None, "description"),
            ("Vente", true, None, "code"),
            ("Vente", true, Some(" "), "code"),
            ("Vente", true, Some("123"), "code"),
            ("Vente", false, Some("12a4"), "code"),
        ] {
            let new = json!({ "description": description, "active": true, "code_active": code_active, "code": code });
            let error = browser.post("/api/permanent-meetings", new).await.refuses(422, "invalid");
            assert_eq!(error["field"], field, "{error}");
        }
        let list = browser.get("/api/permanent-meetings").await.is(StatusCode::OK);
        assert_eq!(list["total"], 1, "nothing was made");
    }

    #[tokio::test]
    async fn a_stranger_makes_no_meeting() {
        let new = json!({ "description": "Vente", "active": true, "code_active": false });
        let answer = TestBox::new().await.browser().post("/api/permanent-meetings", new).await;
        answer.refuses(401, "not_logged_in");
    }
}
