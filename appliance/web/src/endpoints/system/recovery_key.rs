use super::requests;
use crate::{
    endpoints::session::PasswordAgain,
    error::{ApiError, ErrorBody},
    extract::JsonBody,
    login::Administrator,
    state::AppState,
};
use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::{io::ErrorKind, path::Path, time::Duration};
use tabellion_domain::AuditEvent;
use tokio::{fs, sync::Mutex};
use utoipa::ToSchema;

/// How long the firmware may take: a TPM is slow. Less than a request's own patience.
const PATIENCE: Duration = Duration::from_secs(25);
/// Between two looks for the answer.
const LOOK: Duration = Duration::from_millis(200);

static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// Who asks for a recovery key.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecoveryKeyRequest {
    /// The administrator's own, once more.
    password: String,
}

/// What opens the data partition where this machine does not.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecoveryKey {
    /// Shown this once; one that was shown before opens nothing any more.
    key: String,
}

/// Makes a recovery key of the data partition, in the place of the former one.
#[utoipa::path(post, path = "/api/system/recovery-key", request_body = RecoveryKeyRequest, responses(
    (status = 200, body = RecoveryKey),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_administrator", body = ErrorBody),
    (status = 409, description = "no_firmware, not_encrypted", body = ErrorBody),
    (status = 422, description = "wrong_password", body = ErrorBody),
    (status = 429, description = "too_many_attempts", body = ErrorBody),
    (status = 503, description = "no_key: it was not made in time", body = ErrorBody),
))]
pub(crate) async fn make(
    State(state): State<AppState>,
    administrator: Administrator,
    again: PasswordAgain,
    JsonBody(request): JsonBody<RecoveryKeyRequest>,
) -> Result<Json<RecoveryKey>, ApiError> {
    again.check(&state, &administrator.user, request.password).await?;
    if state.config.reports.storage().await.as_deref() == Some("none") {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            "not_encrypted",
            "Les données de cette boîte ne sont pas chiffrées\u{a0}: aucune clé n’est nécessaire.",
        ));
    }
    // Of two administrators, neither gets the other's.
    let _one = ONE_AT_A_TIME.lock().await;
    if !state.config.requests.exists() {
        return Err(requests::no_firmware());
    }
    // Before it is made: from then on the former one opens nothing any more.
    let event = AuditEvent::RecoveryKeyMade { user: administrator.user.id };
    state.store.append_audit(event, state.clock.now()).await?;
    let answer = state.config.requests.join("recovery-key.answer");
    // One that came after nobody waited for it any more is the one that opens the data.
    if let Some(key) = taken(&answer).await? {
        return Ok(Json(RecoveryKey { key }));
    }
    requests::ask(&state, "recovery-key", &json!({})).await?;
    let key = tokio::time::timeout(PATIENCE, waited_for(&answer)).await.map_err(|_| not_made())??;
    Ok(Json(RecoveryKey { key }))
}

async fn waited_for(answer: &Path) -> Result<String, ApiError> {
    loop {
        if let Some(key) = taken(answer).await? {
            return Ok(key);
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// The answer, which is read once.
async fn taken(answer: &Path) -> Result<Option<String>, ApiError> {
    let fault = |error: std::io::Error| ApiError::internal(&error);
    match fs::read_to_string(answer).await {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        read => {
            let key = read.map_err(fault)?;
            fs::remove_file(answer).await.map_err(fault)?;
            Ok(Some(key.trim().to_owned()))
        }
    }
}

fn not_made() -> ApiError {
    ApiError::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "no_key",
        "La clé n’a pas pu être créée. Réessayez\u{a0}; si cela persiste, prévenez le support.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{COLLEAGUE, PASSWORD, TestBox};
    use std::fs;

    const PATH: &str = "/api/system/recovery-key";
    const KEY: &str = "cbdefghi-cbdefghi-cbdefghi-cbdefghi-cbdefghi-cbdefghi-cbdefghi-cbdefghi";

    /// The firmware's part: it answers a request, and nothing else.
    async fn firmware(requests: std::path::PathBuf) {
        while !requests.join("recovery-key.json").exists() {
            tokio::task::yield_now().await;
        }
        fs::remove_file(requests.join("recovery-key.json")).unwrap();
        fs::write(requests.join("recovery-key.answer"), KEY).unwrap();
    }

    #[tokio::test]
    async fn the_key_is_shown_once_and_one_that_nobody_has_seen_is_not_lost() {
        let test = TestBox::new().await;
        let requests = test.state.config.requests.clone();
        fs::create_dir(&requests).unwrap();
        let mut claire = test.logged_in().await;
        fs::write(requests.join("recovery-key.answer"), "a late one").unwrap();
        let late = claire.post(PATH, json!({ "password": PASSWORD })).await.is(StatusCode::OK);
        assert_eq!(late["key"], "a late one");
        let firmware = tokio::spawn(firmware(requests.clone()));
        let made = claire.post(PATH, json!({ "password": PASSWORD })).await.is(StatusCode::OK);
        firmware.await.unwrap();
        assert_eq!(made["key"], KEY);
        assert!(!requests.join("recovery-key.answer").exists(), "it is kept nowhere");
        assert_eq!(test.journal().await.last(), Some(&AuditEvent::RecoveryKeyMade { user: test.claire }));
    }

    #[tokio::test]
    async fn a_box_that_makes_none_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let mode = folder.path().join("mode");
        let test = TestBox::of(|config| config.reports.storage = mode.clone()).await;
        let mut claire = test.logged_in().await;
        let body = json!({ "password": PASSWORD });
        claire.post(PATH, body.clone()).await.refuses(409, "no_firmware");
        fs::write(&mode, "none").unwrap();
        claire.post(PATH, body.clone()).await.refuses(409, "not_encrypted");
        fs::write(&mode, "tpm2").unwrap();
        fs::create_dir(&test.state.config.requests).unwrap();
        // The database has a thread of its own, which stopped time would not wait for: only the answer is waited for.
        let answer = test.state.config.requests.join("x");
        let waiting = tokio::time::timeout(Duration::ZERO, waited_for(&answer));
        assert!(waiting.await.is_err());
        claire.post(PATH, json!({ "password": "x" })).await.refuses(422, "wrong_password");
        test.browser().post(PATH, body.clone()).await.refuses(401, "not_logged_in");
        test.logged_in_as(COLLEAGUE).await.post(PATH, body).await.refuses(403, "not_administrator");
    }
}
