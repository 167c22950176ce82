use crate::{
    error::{ApiError, ErrorBody},
    extract::Query,
    login::LoggedIn,
    state::AppState,
};
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use tabellion_domain::{CallDirection, CallMedia, CallOutcome};
use tabellion_store::{CallFilter, StoredCall};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use utoipa::{IntoParams, ToSchema};

/// Rows of a page.
const PAGE_SIZE: u32 = 20;
/// Characters that are searched for at most.
const LONGEST_SEARCH: usize = 100;

/// What is listed.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CallListing {
    /// Of this direction alone.
    direction: Option<DirectionWord>,
    /// Missed ones alone.
    missed: Option<bool>,
    /// Words that name and number hold, without regard to case and accents. Up to 100 characters.
    query: Option<String>,
    /// From 1.
    page: Option<u32>,
}

/// Who called whom.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DirectionWord {
    /// The user was called.
    Received,
    /// The user called.
    Made,
}

/// What was called for.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MediaWord {
    /// Picture and sound.
    Video,
    /// Sound alone.
    Audio,
}

/// What became of it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OutcomeWord {
    /// They spoke.
    Answered,
    /// Nobody answered.
    Missed,
    /// It was refused.
    Refused,
    /// Whoever was called was in another call.
    Busy,
    /// Whoever was called could not be reached.
    Absent,
    /// Nobody has the number.
    UnknownNumber,
    /// The caller gave up.
    Cancelled,
}

/// A page of the log.
#[derive(Serialize, ToSchema)]
pub(crate) struct CallPageView {
    /// The page's rows, the last call first.
    items: Vec<CallView>,
    /// Rows of all pages.
    total: u64,
    /// This page, from 1.
    page: u32,
    /// Rows of a full page.
    page_size: u32,
}

/// A call.
#[derive(Serialize, ToSchema)]
pub(crate) struct CallView {
    /// Its row.
    id: i64,
    /// Who called whom.
    direction: DirectionWord,
    /// The other side's number.
    number: String,
    /// The other side's name; may be empty.
    name: String,
    /// What was called for.
    media: MediaWord,
    /// What became of it.
    outcome: OutcomeWord,
    /// Whether the user should call back.
    missed: bool,
    /// RFC 3339, UTC.
    began_at: String,
    /// How long they spoke; null where nobody answered.
    duration_seconds: Option<i64>,
}

impl From<DirectionWord> for CallDirection {
    fn from(word: DirectionWord) -> Self {
        match word {
            DirectionWord::Received => Self::Received,
            DirectionWord::Made => Self::Made,
        }
    }
}

impl CallView {
    fn of(StoredCall { id, call }: StoredCall) -> Result<Self, ApiError> {
        Ok(Self {
            id,
            direction: match call.direction {
                CallDirection::Received => DirectionWord::Received,
                CallDirection::Made => DirectionWord::Made,
            },
            missed: call.is_missed(),
            duration_seconds: call.duration().map(|duration| duration.whole_seconds()),
            media: match call.media {
                CallMedia::Video => MediaWord::Video,
                CallMedia::Audio => MediaWord::Audio,
            },
            outcome: match call.outcome {
                CallOutcome::Answered => OutcomeWord::Answered,
                CallOutcome::Missed => OutcomeWord::Missed,
                CallOutcome::Refused => OutcomeWord::Refused,
                CallOutcome::Busy => OutcomeWord::Busy,
                CallOutcome::Absent => OutcomeWord::Absent,
                CallOutcome::UnknownNumber => OutcomeWord::UnknownNumber,
                CallOutcome::Cancelled => OutcomeWord::Cancelled,
            },
            began_at: told(call.began_at)?,
            number: call.number,
            name: call.name,
        })
    }
}

pub(super) fn told(at: OffsetDateTime) -> Result<String, ApiError> {
    at.format(&Rfc3339).map_err(|error| ApiError::internal(&error))
}

/// The user's own calls, the last one first, paged.
#[utoipa::path(get, path = "/api/calls", params(CallListing), responses(
    (status = 200, body = CallPageView),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 422, description = "invalid", body = ErrorBody),
))]
pub(crate) async fn list(
    State(state): State<AppState>,
    login: LoggedIn,
    Query(asked): Query<CallListing>,
) -> Result<Json<CallPageView>, ApiError> {
    let query = asked.query.unwrap_or_default();
    if query.chars().count() > LONGEST_SEARCH {
        let told = "La recherche compte 100 caractères au plus. Raccourcissez-la.";
        return Err(ApiError::invalid("query", told));
    }
    let page = asked.page.unwrap_or(1).max(1);
    let filter = CallFilter {
        direction: asked.direction.map(CallDirection::from),
        missed: asked.missed.unwrap_or_default(),
        words: query.split_whitespace().map(str::to_owned).collect(),
    };
    let found = state.store.calls(login.user.id, filter, page - 1, PAGE_SIZE).await?;
    let items = found.items.into_iter().map(CallView::of).collect::<Result<_, _>>()?;
    Ok(Json(CallPageView { items, total: found.total, page, page_size: PAGE_SIZE }))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::testing::{COLLEAGUE, TestBox};
    use axum::http::StatusCode;
    use serde_json::{Value, json};
    use tabellion_domain::{CallRecord, Clock};
    use time::Duration;

    /// Somebody called Claire, so many minutes ago.
    pub(in crate::endpoints::calls) fn received(
        test: &TestBox,
        name: &str,
        minutes: i64,
        outcome: CallOutcome,
    ) -> CallRecord {
        let began_at = test.clock.now() - Duration::minutes(minutes);
        CallRecord {
            user: test.claire,
            direction: CallDirection::Received,
            number: "1099000200".to_owned(),
            name: name.to_owned(),
            media: CallMedia::Audio,
            outcome,
            began_at,
            answered_at: (outcome == CallOutcome::Answered).then_some(began_at),
            ended_at: began_at + Duration::seconds(75),
        }
    }

    fn names(page: &Value) -> Vec<&str> {
        page["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect()
    }

    #[tokio::test]
    async fn everybody_sees_the_own_calls_and_finds_among_them() {
        let test = TestBox::new().await;
        let store = &test.state.store;
        store.record_call(received(&test, "LEFÈVRE Zoé", 3, CallOutcome::Missed)).await.unwrap();
        store.record_call(received(&test, "DUPONT Marie", 2, CallOutcome::Answered)).await.unwrap();
        let made = received(&test, "MARTIN Luc", 1, CallOutcome::UnknownNumber);
        store.record_call(CallRecord { direction: CallDirection::Made, ..made }).await.unwrap();
        let mut claire = test.logged_in().await;
        let all = claire.get("/api/calls").await.is(StatusCode::OK);
        assert_eq!(names(&all), ["MARTIN Luc", "DUPONT Marie", "LEFÈVRE Zoé"]);
        let expected = json!({
            "id": all["items"][1]["id"], "direction": "received", "number": "1099000200", "name": "DUPONT Marie",
            "media": "audio", "outcome": "answered", "missed": false, "began_at": "2026-11-23T11:58:00Z",
            "duration_seconds": 75,
        });
        assert_eq!(all["items"][1], expected);
        assert_eq!(all["items"][0]["outcome"], "unknown_number");
        let mut found =
            async |query: &str| claire.get(&format!("/api/calls?{query}")).await.is(StatusCode::OK);
        assert_eq!(names(&found("missed=true").await), ["LEFÈVRE Zoé"]);
        assert_eq!(names(&found("direction=made").await), ["MARTIN Luc"]);
        assert_eq!(names(&found("query=lefevre&direction=received").await), ["LEFÈVRE Zoé"]);
        assert_eq!(found("page=2").await["total"], 3);
        let long = "a".repeat(101);
        assert_eq!(
            claire.get(&format!("/api/calls?query={long}")).await.refuses(422, "invalid")["field"],
            "query"
        );
        claire.get("/api/calls?direction=sideways").await.refuses(400, "bad_request");
        let colleague = test.logged_in_as(COLLEAGUE).await.get("/api/calls").await.is(StatusCode::OK);
        assert_eq!(colleague["total"], 0, "of somebody else");
        test.browser().get("/api/calls").await.refuses(401, "not_logged_in");
    }
}
