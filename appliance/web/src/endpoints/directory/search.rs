use crate::{
    error::{ApiError, ErrorBody},
    extract::Query,
    login::LoggedIn,
    state::AppState,
};
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use tabellion_domain::directory::DirectorySearch;
use tabellion_store::DirectoryRow;
use utoipa::{IntoParams, ToSchema};

/// Rows of a page.
const PAGE_SIZE: u32 = 20;

/// What is looked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DirectoryQuery {
    /// Beginnings of words of CRPCEN, office and name, all of which an entry has; without regard to case and accents. Without any,
    /// everybody. Up to 100 characters and 8 words.
    query: Option<String>,
    /// «Entité»: of this one alone.
    entity: Option<String>,
    /// From 1.
    page: Option<u32>,
}

/// A page of what was found.
#[derive(Serialize, ToSchema)]
pub(crate) struct DirectoryPageView {
    /// The page's rows, by name.
    items: Vec<DirectoryEntryView>,
    /// Rows of all pages.
    total: u64,
    /// This page, from 1.
    page: u32,
    /// Rows of a full page.
    page_size: u32,
}

/// Somebody in the directory, as the table shows it. Any field may be empty, but not CRPCEN, office and name at once.
#[derive(Serialize, ToSchema)]
pub(crate) struct DirectoryEntryView {
    /// Its number, until the directory is replaced.
    id: i64,
    /// «Entité».
    entity: String,
    /// «CRPCEN».
    crpcen: String,
    /// «Office».
    office: String,
    /// «Nom».
    name: String,
    /// «Code postal».
    postal_code: String,
    /// «Ville».
    town: String,
    /// «Compte»: the number that is called.
    account: String,
}

impl From<DirectoryRow> for DirectoryEntryView {
    fn from(DirectoryRow { id, entry }: DirectoryRow) -> Self {
        Self {
            id,
            entity: entry.entity,
            crpcen: entry.crpcen,
            office: entry.office,
            name: entry.name,
            postal_code: entry.postal_code,
            town: entry.town,
            account: entry.account,
        }
    }
}

/// Searches the directory of notaries; sorted by name, paged.
#[utoipa::path(get, path = "/api/directory", params(DirectoryQuery), responses(
    (status = 200, body = DirectoryPageView),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 422, description = "invalid", body = ErrorBody),
))]
pub(crate) async fn search(
    State(state): State<AppState>,
    _: LoggedIn,
    Query(asked): Query<DirectoryQuery>,
) -> Result<Json<DirectoryPageView>, ApiError> {
    let search = DirectorySearch::new(asked.query.as_deref().unwrap_or_default())
        .map_err(|refusal| ApiError::invalid("query", refusal.to_string()))?;
    let page = asked.page.unwrap_or(1).max(1);
    // A page's «all of them» has no name.
    let entity = asked.entity.filter(|entity| !entity.is_empty());
    let found = state.store.search_directory(search, entity, page - 1, PAGE_SIZE).await?;
    let items = found.items.into_iter().map(DirectoryEntryView::from).collect();
    Ok(Json(DirectoryPageView { items, total: found.total, page, page_size: PAGE_SIZE }))
}

#[cfg(test)]
mod tests {
    use super::super::testing::with_a_directory;
    use crate::testing::{Served, TestBox};
    use axum::http::StatusCode;
    use serde_json::{Value, json};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    fn names(page: &Value) -> Vec<&str> {
        page["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect()
    }

    #[tokio::test]
    async fn people_are_found_by_name_office_and_crpcen_and_narrowed_by_entity() {
        let test = with_a_directory().await;
        let mut browser = test.logged_in().await;
        let mut found =
            async |query: &str| browser.get(&format!("/api/directory?{query}")).await.is(StatusCode::OK);
        let dupont = found("query=dup").await;
        assert_eq!((names(&dupont), &dupont["total"]), (vec!["DUPONT Marie"], &json!(1)));
        let expected = json!({
            "id": dupont["items"][0]["id"], "entity": "Notaire", "crpcen": "01001", "office": "Étude du Parc",
            "name": "DUPONT Marie", "postal_code": "01000", "town": "Bourg-en-Bresse", "account": "1099010011",
        });
        assert_eq!(dupont["items"][0], expected);
        assert_eq!(names(&found("query=etude%20LEFEVRE").await), ["LEFÈVRE Zoé"]);
        assert_eq!(names(&found("query=01001").await), ["DUPONT Marie", "LEFÈVRE Zoé"]);
        assert_eq!(names(&found("query=01001&entity=Collaborateur").await), ["LEFÈVRE Zoé"]);
        assert_eq!(found("query=01001&entity=Avocat").await["total"], 0);
        assert_eq!(found("entity=").await["total"], 3, "everybody");
        assert_eq!(names(&found("page=2").await), [] as [&str; 0]);
    }

    #[tokio::test]
    async fn whatever_is_typed_is_a_text_and_what_is_too_long_is_told() {
        let test = with_a_directory().await;
        let mut browser = test.logged_in().await;
        for typed in [
            "a*%20OR%20b:%22",
            "%22",
            "%22%22%22",
            "NEAR(dup%20marie)",
            "%7Bname%7D%20:%20dup",
            "-dup",
            "^dup",
            "name:dup",
            "dup%00ont",
            "%3Cscript%3E",
            "%EF%BB%BF",
            "AND",
            "NOT%20a",
            "('%3B--",
            "%E2%80%93",
            "%F0%9F%8F%9B",
            "%CC%81",
        ] {
            browser.get(&format!("/api/directory?query={typed}")).await.is(StatusCode::OK);
        }
        let long = "a".repeat(101);
        let refusal = browser.get(&format!("/api/directory?query={long}")).await.refuses(422, "invalid");
        assert_eq!(refusal["field"], "query");
        browser.get("/api/directory?query=%FF&page=x").await.refuses(400, "bad_request");
    }

    #[tokio::test]
    async fn a_query_of_a_megabyte_ends_at_the_door() {
        let served = Served::start(&TestBox::new().await).await;
        let mut browser = served.connect().await;
        let request =
            format!("GET /api/directory?query={} HTTP/1.1\r\nHost: box.test\r\n\r\n", "a".repeat(1 << 20));
        // The box may hang up before all of it has come.
        let _ = browser.write_all(request.as_bytes()).await;
        let mut answer = Vec::new();
        let _ = browser.read_to_end(&mut answer).await;
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }

    #[tokio::test]
    async fn a_box_without_a_directory_finds_nobody_and_a_stranger_asks_nothing() {
        let test = TestBox::new().await;
        let page = test.logged_in().await.get("/api/directory?query=dup").await.is(StatusCode::OK);
        assert_eq!((&page["items"], &page["total"], &page["page_size"]), (&json!([]), &json!(0), &json!(20)));
        test.browser().get("/api/directory").await.refuses(401, "not_logged_in");
    }
}
