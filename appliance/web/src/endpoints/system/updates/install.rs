use super::{free_updater, note, refused, source};
use crate::{
    error::{ApiError, ErrorBody},
    extract::JsonBody,
    login::Administrator,
    state::AppState,
};
use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use tabellion_system::updater::{Goal, Request, Source};
use utoipa::ToSchema;

/// What is to be installed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Installation {
    /// Where it is.
    from: Origin,
    /// Also a version that was taken back before.
    again: bool,
}

/// Where an update is.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Origin {
    /// On the server of the settings.
    Server,
    /// On a USB stick with the label TABELLION.
    Stick,
}

/// Has an update installed. It starts with the box's next restart.
#[utoipa::path(post, path = "/api/system/updates/installation", request_body = Installation, responses(
    (status = 202),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_administrator", body = ErrorBody),
    (status = 409, description = "no_source, no_firmware, updater_busy, update_waits", body = ErrorBody),
))]
pub(crate) async fn install(
    State(state): State<AppState>,
    administrator: Administrator,
    JsonBody(Installation { from, again }): JsonBody<Installation>,
) -> Result<StatusCode, ApiError> {
    let updater = free_updater(&state)?;
    let (source, word) = match from {
        Origin::Server => (Source::Url(source(&state).await?), "server"),
        Origin::Stick => (Source::Stick, "stick"),
    };
    note(&state, administrator.user.id, word).await?;
    let request = Request { source, goal: Goal::Install, again, restart: false };
    updater.ask(&request).map_err(|error| refused(&error))?;
    Ok(StatusCode::ACCEPTED)
}

#[cfg(test)]
mod tests {
    use super::super::testing::Firmware;
    use crate::testing::COLLEAGUE;
    use axum::http::StatusCode;
    use serde_json::json;
    use tabellion_domain::AuditEvent;

    const PATH: &str = "/api/system/updates/installation";

    #[tokio::test]
    async fn an_update_is_asked_for_with_its_journal_line() {
        let firmware = Firmware::new().await;
        let mut claire = firmware.test.logged_in().await;
        claire.post(PATH, json!({ "from": "stick", "again": true })).await.is(StatusCode::ACCEPTED);
        let expected = json!({ "source": "stick", "goal": "install", "again": true, "restart": false });
        assert_eq!(firmware.request(), Some(expected));
        let asked = AuditEvent::UpdateAsked { user: Some(firmware.test.claire), what: "stick".to_owned() };
        assert_eq!(firmware.test.journal().await.last(), Some(&asked));
    }

    #[tokio::test]
    async fn not_from_nowhere_not_beside_another_and_not_by_anybody() {
        let firmware = Firmware::new().await;
        let mut claire = firmware.test.logged_in().await;
        let server = json!({ "from": "server", "again": false });
        claire.post(PATH, server.clone()).await.refuses(409, "no_source");
        claire.post(PATH, json!({ "from": "/etc", "again": false })).await.refuses(400, "bad_request");
        firmware.with_source().await;
        firmware.publishes("state.json", r#"{"trial":{"from":"1","to":"2","written":true,"starts":0}}"#);
        claire.post(PATH, server.clone()).await.refuses(409, "update_waits");
        let mut colleague = firmware.test.logged_in_as(COLLEAGUE).await;
        colleague.post(PATH, server).await.refuses(403, "not_administrator");
        assert_eq!(firmware.request(), None);
    }
}
