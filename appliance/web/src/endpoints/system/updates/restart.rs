use super::{conflict, note, refused};
use crate::{
    error::{ApiError, ErrorBody},
    extract::JsonBody,
    login::Administrator,
    state::AppState,
};
use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use tabellion_domain::updates::{RestartRefusal, may_restart};
use utoipa::ToSchema;

/// A restart at once.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Restart {
    /// Although it cuts off who is in a meeting.
    despite_people: bool,
}

/// Restarts the box into the update that is installed.
#[utoipa::path(post, path = "/api/system/updates/restart", request_body = Restart, responses(
    (status = 202),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_administrator", body = ErrorBody),
    (status = 409, description = "nothing_installed, people_meet (with `people`), no_firmware", body = ErrorBody),
))]
pub(crate) async fn restart(
    State(state): State<AppState>,
    administrator: Administrator,
    JsonBody(Restart { despite_people }): JsonBody<Restart>,
) -> Result<StatusCode, ApiError> {
    let updater = &state.config.updater;
    let people = state.store.open_seats().await?.len();
    may_restart(updater.known().installed().is_some(), people, despite_people).map_err(|refusal| {
        match refusal {
            RestartRefusal::NothingInstalled => conflict(
                "nothing_installed",
                "Aucune mise à jour n’attend de redémarrage. Rechargez la page.",
            ),
            RestartRefusal::People(people) => conflict(
                "people_meet",
                "Des personnes sont en réunion ou attendent d’y entrer\u{a0}: un redémarrage les couperait.",
            )
            .with("people", people),
        }
    })?;
    note(&state, administrator.user.id, "restart").await?;
    updater.ask_for_restart().map_err(|error| refused(&error))?;
    Ok(StatusCode::ACCEPTED)
}

#[cfg(test)]
mod tests {
    use super::super::testing::Firmware;
    use axum::http::StatusCode;
    use serde_json::json;

    const PATH: &str = "/api/system/updates/restart";

    #[tokio::test]
    async fn a_meeting_is_cut_off_only_by_whoever_says_so() {
        let firmware = Firmware::new().await;
        let mut claire = firmware.test.logged_in().await;
        let gently = json!({ "despite_people": false });
        claire.post(PATH, gently.clone()).await.refuses(409, "nothing_installed");
        firmware.publishes("state.json", r#"{"trial":{"from":"1","to":"2","written":true,"starts":0}}"#);
        firmware.test.guest_seat().await;
        let refusal = claire.post(PATH, gently).await.refuses(409, "people_meet");
        assert_eq!(refusal["people"], 1);
        assert!(!firmware.asks_for_restart());
        claire.post(PATH, json!({ "despite_people": true })).await.is(StatusCode::ACCEPTED);
        assert!(firmware.asks_for_restart());
    }
}
