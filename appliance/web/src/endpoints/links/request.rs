use super::SeatGrant;
use crate::{
    error::{ApiError, ErrorBody},
    extract::{JsonBody, Path},
    peer::Peer,
    state::AppState,
};
use axum::{Json, extract::State, http::StatusCode};
use serde::Deserialize;
use tabellion_conference::GuestForm;
use tabellion_domain::Civility;
use utoipa::ToSchema;

/// What a guest fills in (WAIT-01). By a personal link, only the code: the name is known.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EntryRequest {
    /// «», «Madame», «Monsieur», «Maître».
    #[serde(default)]
    civility: String,
    /// «Prénom».
    #[serde(default)]
    first_name: String,
    /// «Nom».
    #[serde(default)]
    last_name: String,
    /// «Code de sécurité», where the meeting has one.
    code: Option<String>,
}

/// «Entrer dans la salle d'attente»: asks to enter; by a personal link, takes the place that it is for.
#[utoipa::path(post, path = "/api/links/{token}/requests", request_body = EntryRequest,
    params(("token" = String, Path)), responses(
    (status = 201, body = SeatGrant),
    (status = 403, description = "wrong_code", body = ErrorBody),
    (status = 404, description = "link_unknown", body = ErrorBody),
    (status = 410, description = "meeting_inactive, meeting_over", body = ErrorBody),
    (status = 422, description = "invalid", body = ErrorBody),
    (status = 429, description = "too_many_attempts, too_many_requests, link_in_use", body = ErrorBody),
))]
pub(crate) async fn request(
    State(state): State<AppState>,
    peer: Peer,
    Path(token): Path<String>,
    JsonBody(entry): JsonBody<EntryRequest>,
) -> Result<(StatusCode, Json<SeatGrant>), ApiError> {
    let civility = Civility::from_label(&entry.civility)
        .ok_or_else(|| ApiError::invalid("civility", "Choisissez une civilité dans la liste, ou aucune."))?;
    let form =
        GuestForm { civility, first_name: entry.first_name, last_name: entry.last_name, code: entry.code };
    let seat_token = state.conference.request_entry(&token, form, peer.0).await.map_err(super::join_error)?;
    Ok((StatusCode::CREATED, Json(SeatGrant { seat_token })))
}

#[cfg(test)]
mod tests {
    use crate::testing::{LINK, TestBox};
    use axum::http::StatusCode;
    use serde_json::{Value, json};

    fn path() -> String {
        format!("/api/links/{LINK}/requests")
    }

    fn bob(code: Option<&str>) -> Value {
        json!({ "civility": "Monsieur", "first_name": "Bob", "last_name": "Martin", "code": code })
    }

    #[tokio::test]
    async fn a_guest_with_the_code_waits_in_front_of_the_meeting() {
        let test = TestBox::new().await;
        let grant = test.browser().post(&path(), bob(Some("1234"))).await.is(StatusCode::CREATED);
        assert_eq!(grant["seat_token"].as_str().unwrap().len(), 22);
    }

    #[tokio::test]
    async fn a_wrong_code_is_told_with_what_is_left_and_then_pauses_that_address_alone() {
        let test = TestBox::new().await;
        test.browser().post(&path(), bob(None)).await.refuses(403, "wrong_code");
        for left in [3, 2, 1, 0] {
            let error = test.browser().post(&path(), bob(Some("9999"))).await.refuses(403, "wrong_code");
            assert_eq!(error["attempts_left"], left);
        }
        let error = test.browser().post(&path(), bob(Some("1234"))).await.refuses(429, "too_many_attempts");
        assert_eq!(error["retry_after_seconds"], 600);
        let mut elsewhere = test.browser();
        elsewhere.peer = "10.77.0.3".parse().unwrap();
        elsewhere.post(&path(), bob(Some("1234"))).await.is(StatusCode::CREATED);
    }

    #[tokio::test]
    async fn an_address_that_asks_without_end_is_told_to_wait_and_others_are_not() {
        let test = TestBox::new().await;
        let mut flood = test.browser();
        for number in 0..20 {
            flood.peer = format!("2001:db8::{number}").parse().unwrap();
            flood.post(&path(), bob(Some("1234"))).await.is(StatusCode::CREATED);
        }
        let error = flood.post(&path(), bob(Some("1234"))).await.refuses(429, "too_many_requests");
        assert!(error["message"].as_str().unwrap().contains("Attendez qu’il y réponde"));
        test.browser().post(&path(), bob(Some("1234"))).await.is(StatusCode::CREATED);
    }

    #[tokio::test]
    async fn each_field_says_what_is_wrong_with_it() {
        let test = TestBox::new().await;
        for (field, value) in
            [("first_name", ""), ("last_name", "<b>"), ("first_name", "a\nb"), ("civility", "Docteur")]
        {
            let mut form = bob(Some("1234"));
            form[field] = value.into();
            let error = test.browser().post(&path(), form).await.refuses(422, "invalid");
            assert_eq!(error["field"], field, "{error}");
        }
    }

    #[tokio::test]
    async fn a_link_that_leads_nowhere_says_so() {
        let test = TestBox::new().await;
        test.browser().post("/api/links/BBBB/requests", bob(None)).await.refuses(404, "link_unknown");
        test.browser().get("/api/links/BBBB").await.refuses(404, "link_unknown");
        test.browser().get("/api/links/%ff").await.refuses(404, "unknown");
    }
}
