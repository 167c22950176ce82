use crate::{
    error::{ApiError, ErrorBody},
    extract::Path,
    state::AppState,
};
use axum::{Json, extract::State};
use serde::Serialize;
use tabellion_domain::scheduled::{clock_text, day_text};
use utoipa::ToSchema;

/// What the link's page shows first.
#[derive(Serialize, ToSchema)]
pub(crate) struct LinkView {
    /// «Vous êtes sur le point d'entrer dans la salle de réunion : …».
    meeting_name: String,
    /// Whose meeting.
    office_name: String,
    /// Whether the form asks for a code.
    code_required: bool,
    /// Whose link it is, where it is somebody's own, to a scheduled meeting.
    person: Option<LinkPersonView>,
}

/// Whom a personal link was sent to.
#[derive(Serialize, ToSchema)]
pub(crate) struct LinkPersonView {
    /// As the others will see it.
    name: String,
    /// `organizer`, `guest`, `spectator`.
    role: &'static str,
    /// When the meeting is: `18-06-2024`.
    date: String,
    /// `14h00`.
    time: String,
}

/// What a meeting's link leads to (WAIT-01).
#[utoipa::path(get, path = "/api/links/{token}", params(("token" = String, Path)), responses(
    (status = 200, body = LinkView),
    (status = 404, description = "link_unknown", body = ErrorBody),
    (status = 410, description = "meeting_inactive, meeting_over", body = ErrorBody),
))]
pub(crate) async fn show(
    State(state): State<AppState>,
    Path(token): Path<String>,
) -> Result<Json<LinkView>, ApiError> {
    let info = state.conference.link_info(&token).await.map_err(super::join_error)?;
    Ok(Json(LinkView {
        meeting_name: info.meeting_name,
        office_name: info.office_name,
        code_required: info.code_required,
        person: info.person.map(|person| LinkPersonView {
            name: person.name,
            role: person.role.word(),
            date: day_text(person.when.day()),
            time: clock_text(person.when.hour()),
        }),
    }))
}

#[cfg(test)]
mod tests {
    use crate::testing::{LINK, TestBox};

    #[tokio::test]
    async fn the_link_tells_where_it_leads_and_no_more() {
        let link = TestBox::new().await.browser().get(&format!("/api/links/{LINK}")).await;
        let expected = serde_json::json!({
            "meeting_name": "Vente DUPONT", "office_name": "Office Notarial de la Place", "code_required": true,
            "person": null,
        });
        assert_eq!(link.is(axum::http::StatusCode::OK), expected);
    }
}
