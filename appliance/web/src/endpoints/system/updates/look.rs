use super::{free_updater, refused, source};
use crate::{
    error::{ApiError, ErrorBody},
    login::Administrator,
    state::AppState,
};
use axum::{extract::State, http::StatusCode};
use tabellion_system::updater::{Goal, Request, Source};

/// Has the server of the settings looked at.
#[utoipa::path(post, path = "/api/system/updates/look", responses(
    (status = 202),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_administrator", body = ErrorBody),
    (status = 409, description = "no_source, no_firmware, updater_busy, update_waits", body = ErrorBody),
))]
pub(crate) async fn look(
    State(state): State<AppState>,
    _administrator: Administrator,
) -> Result<StatusCode, ApiError> {
    let updater = free_updater(&state)?;
    let source = Source::Url(source(&state).await?);
    let request = Request { source, goal: Goal::Look, again: false, restart: false };
    updater.ask(&request).map_err(|error| refused(&error))?;
    Ok(StatusCode::ACCEPTED)
}

#[cfg(test)]
mod tests {
    use super::super::testing::Firmware;
    use axum::http::StatusCode;
    use serde_json::json;

    #[tokio::test]
    async fn the_servers_folder_of_the_channel_is_looked_at_once_at_a_time() {
        let firmware = Firmware::new().await;
        let mut claire = firmware.test.logged_in().await;
        claire.post("/api/system/updates/look", json!({})).await.refuses(409, "no_source");
        firmware.with_source().await;
        claire.post("/api/system/updates/look", json!({})).await.is(StatusCode::ACCEPTED);
        let expected = json!({ "source": { "url": "https://maj.test/stable/" }, "goal": "look", "again": false, "restart": false });
        assert_eq!(firmware.request(), Some(expected));
        claire.post("/api/system/updates/look", json!({})).await.refuses(409, "updater_busy");
        let view = claire.get("/api/system/updates").await.is(StatusCode::OK);
        assert_eq!(view["activity"], json!({ "state": "looking" }));
    }
}
