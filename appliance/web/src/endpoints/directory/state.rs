use crate::{
    error::{ApiError, ErrorBody},
    login::LoggedIn,
    state::AppState,
};
use axum::{Json, extract::State};
use serde::Serialize;
use tabellion_domain::directory::DirectoryOrigin;
use tabellion_store::{DirectoryCopy, DirectoryTrouble};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use utoipa::ToSchema;

/// How it stands with the directory.
#[derive(Serialize, ToSchema)]
pub(crate) struct DirectoryStateView {
    /// The copy that is searched; none before the first one.
    copy: Option<DirectoryCopyView>,
    /// The last look at the source, where it failed: the copy is from before.
    trouble: Option<DirectoryTroubleView>,
    /// What «Entité» offers.
    entities: Vec<String>,
}

/// A copy of the directory.
#[derive(Serialize, ToSchema)]
pub(crate) struct DirectoryCopyView {
    /// Where it comes from.
    origin: OriginWord,
    /// When it was taken from there, RFC 3339, UTC.
    at: String,
    /// How many entries it has.
    entries: u64,
}

/// Where a copy comes from.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum OriginWord {
    /// A CSV file.
    File,
    /// An LDAP server.
    Ldap,
    /// Made up.
    Demonstration,
}

/// A look at the source that failed.
#[derive(Serialize, ToSchema)]
pub(crate) struct DirectoryTroubleView {
    /// Why, and what to do, in French.
    text: String,
    /// When, RFC 3339, UTC.
    at: String,
}

impl DirectoryCopyView {
    pub(super) fn of(copy: &DirectoryCopy) -> Result<Self, ApiError> {
        let origin = match copy.origin {
            DirectoryOrigin::File => OriginWord::File,
            DirectoryOrigin::Ldap => OriginWord::Ldap,
            DirectoryOrigin::Demonstration => OriginWord::Demonstration,
        };
        Ok(Self { origin, at: told(copy.at)?, entries: copy.entries })
    }
}

impl DirectoryTroubleView {
    fn of(trouble: &DirectoryTrouble) -> Result<Self, ApiError> {
        Ok(Self { text: trouble.text.clone(), at: told(trouble.at)? })
    }
}

fn told(at: OffsetDateTime) -> Result<String, ApiError> {
    at.format(&Rfc3339).map_err(|error| ApiError::internal(&error))
}

/// How it stands with the directory: its copy's origin and age, and what «Entité» offers.
#[utoipa::path(get, path = "/api/directory/state", responses(
    (status = 200, body = DirectoryStateView),
    (status = 401, description = "not_logged_in", body = ErrorBody),
))]
pub(crate) async fn state(
    State(state): State<AppState>,
    _: LoggedIn,
) -> Result<Json<DirectoryStateView>, ApiError> {
    let found = state.store.directory_state().await?;
    Ok(Json(DirectoryStateView {
        copy: found.copy.as_ref().map(DirectoryCopyView::of).transpose()?,
        trouble: found.trouble.as_ref().map(DirectoryTroubleView::of).transpose()?,
        entities: found.entities,
    }))
}

#[cfg(test)]
mod tests {
    use super::super::testing::with_a_directory;
    use crate::testing::TestBox;
    use axum::http::StatusCode;
    use serde_json::json;

    #[tokio::test]
    async fn origin_age_and_entities_are_told_and_so_is_a_source_that_is_away() {
        let test = with_a_directory().await;
        let mut browser = test.logged_in().await;
        let mut expected = json!({
            "copy": { "origin": "demonstration", "at": "2026-11-23T12:00:00Z", "entries": 3 },
            "trouble": null,
            "entities": ["Collaborateur", "Notaire"],
        });
        assert_eq!(browser.get("/api/directory/state").await.is(StatusCode::OK), expected);
        let text = "Le serveur ne répond pas.".to_owned();
        test.state.store.note_directory_trouble(text.clone(), test.state.clock.now()).await.unwrap();
        let state = browser.get("/api/directory/state").await.is(StatusCode::OK);
        expected["trouble"] = json!({ "text": text, "at": state["trouble"]["at"] });
        assert_eq!(state, expected);
    }

    #[tokio::test]
    async fn a_box_without_a_directory_says_so() {
        let test = TestBox::new().await;
        let state = test.logged_in().await.get("/api/directory/state").await.is(StatusCode::OK);
        assert_eq!(state, json!({ "copy": null, "trouble": null, "entities": [] }));
        test.browser().get("/api/directory/state").await.refuses(401, "not_logged_in");
    }
}
