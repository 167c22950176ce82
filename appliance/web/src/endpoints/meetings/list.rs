use super::view::PermanentMeetingView;
use crate::{
    error::{ApiError, ErrorBody},
    extract::Query,
    login::MeetingManager,
    state::AppState,
};
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use tabellion_store::MeetingOrder;
use utoipa::{IntoParams, ToSchema};

/// Rows of a page.
const PAGE_SIZE: u32 = 20;

/// What is listed.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Listing {
    /// `name` or `-name`.
    sort: Option<String>,
    /// From 1.
    page: Option<u32>,
}

/// A page of the table.
#[derive(Serialize, ToSchema)]
pub(crate) struct PermanentMeetings {
    /// The page's rows.
    items: Vec<PermanentMeetingView>,
    /// Rows of all pages.
    total: u64,
    /// This page, from 1.
    page: u32,
    /// Rows of a full page.
    page_size: u32,
}

/// The office's permanent meetings, sorted by name, paged.
#[utoipa::path(get, path = "/api/permanent-meetings", params(Listing), responses(
    (status = 200, body = PermanentMeetings),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_manager", body = ErrorBody),
))]
pub(crate) async fn list(
    State(state): State<AppState>,
    _: MeetingManager,
    Query(listing): Query<Listing>,
) -> Result<Json<PermanentMeetings>, ApiError> {
    let order = match listing.sort.as_deref() {
        None | Some("name") => MeetingOrder::Name,
        Some("-name") => MeetingOrder::NameDescending,
        Some(_) => {
            return Err(ApiError::invalid(
                "sort",
                "Le tri se fait par «\u{a0}name\u{a0}» ou «\u{a0}-name\u{a0}».",
            ));
        }
    };
    let page = listing.page.unwrap_or(1).max(1);
    let found = state.store.permanent_meetings(order, page - 1, PAGE_SIZE).await?;
    let mut items = Vec::new();
    for meeting in found.items {
        items.push(PermanentMeetingView::of(meeting, &state).await?);
    }
    Ok(Json(PermanentMeetings { items, total: found.total, page, page_size: PAGE_SIZE }))
}

#[cfg(test)]
mod tests {
    use crate::testing::{LINK, TestBox};
    use axum::http::StatusCode;
    use serde_json::json;

    #[tokio::test]
    async fn the_table_is_sorted_by_name_and_paged() {
        let test = TestBox::new().await;
        let mut browser = test.logged_in().await;
        for i in 0..22 {
            let new =
                json!({ "description": format!("Étude {i:02}"), "active": false, "code_active": false });
            browser.post("/api/permanent-meetings", new).await.is(StatusCode::CREATED);
        }
        let first = browser.get("/api/permanent-meetings?sort=name&page=1").await.is(StatusCode::OK);
        assert_eq!(
            (&first["total"], &first["page"], &first["page_size"]),
            (&json!(23), &json!(1), &json!(20))
        );
        assert_eq!(
            (first["items"].as_array().unwrap().len(), &first["items"][0]["name"]),
            (20, &json!("Étude 00"))
        );
        let second = browser.get("/api/permanent-meetings?page=2").await.is(StatusCode::OK);
        assert_eq!(second["items"].as_array().unwrap().len(), 3);
        let last = browser.get("/api/permanent-meetings?sort=-name").await.is(StatusCode::OK);
        let sale = &last["items"][0];
        assert_eq!((&sale["name"], &sale["code"]), (&json!("Vente DUPONT"), &json!("1234")));
        assert_eq!(sale["link"], format!("https://box.test:8443/reunion/{LINK}"));
        assert_eq!(sale["created_at"], "2026-11-23T12:00:00Z");
    }

    #[tokio::test]
    async fn what_cannot_be_listed_is_told() {
        let test = TestBox::new().await;
        let mut browser = test.logged_in().await;
        browser.get("/api/permanent-meetings?sort=code").await.refuses(422, "invalid");
        browser.get("/api/permanent-meetings?page=x").await.refuses(400, "bad_request");
        let beyond = browser.get("/api/permanent-meetings?page=4000000000").await.is(StatusCode::OK);
        assert_eq!((beyond["items"].as_array().unwrap().len(), &beyond["total"]), (0, &json!(1)));
        test.browser().get("/api/permanent-meetings").await.refuses(401, "not_logged_in");
    }
}
