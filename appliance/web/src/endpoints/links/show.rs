use crate::{
    error::{ApiError, ErrorBody},
    extract::Path,
    state::AppState,
};
use axum::{Json, extract::State};
use serde::Serialize;
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
}

/// What a meeting's link leads to (WAIT-01).
#[utoipa::path(get, path = "/api/links/{token}", params(("token" = String, Path)), responses(
    (status = 200, body = LinkView),
    (status = 404, description = "link_unknown", body = ErrorBody),
    (status = 410, description = "meeting_inactive", body = ErrorBody),
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
        });
        assert_eq!(link.is(axum::http::StatusCode::OK), expected);
    }
}
