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
use sha2::{Digest, Sha256};
use std::io::ErrorKind;
use tabellion_domain::AuditEvent;
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};
use utoipa::ToSchema;

/// The firmware's request, which is also its consent: as long as the file is there.
const REQUEST: &str = "console";
/// For how long it may be allowed, in minutes.
const MINUTES: [u32; 2] = [15, 60];
/// Letters of the one-time password: 48 bits, and five attempts.
const LETTERS: usize = 12;
/// Letters only that lie in the same place on French and American keyboards: the box's console takes each for the latter. Without
/// I and O, which look like digits.
const ALPHABET: &[u8; 16] = b"BCDEFGHJKLNPRSTX";

/// An administrator's consent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConsoleConsent {
    /// The administrator's own, once more.
    password: String,
    /// 15 or 60.
    minutes: u32,
}

/// The support console that was allowed.
#[derive(Serialize, ToSchema)]
pub(crate) struct OpenedConsole {
    /// What it asks for, shown this once.
    password: String,
    /// When it ends by itself, RFC 3339.
    until: String,
}

/// Whether the support console is open.
#[derive(Serialize, ToSchema)]
pub(crate) struct ConsoleView {
    /// When it ends by itself, RFC 3339; null where it is closed.
    until: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Consent {
    until: i64,
    password: String,
}

/// Whether the support console is open.
#[utoipa::path(get, path = "/api/system/console", responses(
    (status = 200, body = ConsoleView),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_administrator", body = ErrorBody),
))]
pub(crate) async fn show(
    State(state): State<AppState>,
    _administrator: Administrator,
) -> Result<Json<ConsoleView>, ApiError> {
    let text = tokio::fs::read(requests::path(&state, REQUEST)).await.ok();
    let consent = text.and_then(|text| serde_json::from_slice::<Consent>(&text).ok());
    let until = consent.and_then(|consent| OffsetDateTime::from_unix_timestamp(consent.until).ok());
    let until = until.filter(|until| state.clock.now() < *until);
    Ok(Json(ConsoleView { until: until.map(written).transpose()? }))
}

/// Allows the support console at the box's own screen for a while, with a password of its own.
#[utoipa::path(post, path = "/api/system/console", request_body = ConsoleConsent, responses(
    (status = 200, body = OpenedConsole),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_administrator", body = ErrorBody),
    (status = 409, description = "no_firmware, open_already", body = ErrorBody),
    (status = 422, description = "invalid minutes, wrong_password", body = ErrorBody),
    (status = 429, description = "too_many_attempts", body = ErrorBody),
))]
pub(crate) async fn open(
    State(state): State<AppState>,
    administrator: Administrator,
    again: PasswordAgain,
    JsonBody(request): JsonBody<ConsoleConsent>,
) -> Result<Json<OpenedConsole>, ApiError> {
    if !MINUTES.contains(&request.minutes) {
        return Err(ApiError::invalid("minutes", "Choisissez 15 ou 60 minutes."));
    }
    again.check(&state, &administrator.user, request.password).await?;
    if requests::path(&state, REQUEST).exists() {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            "open_already",
            "La console de support est déjà ouverte. Fermez-la d’abord.",
        ));
    }
    if !state.config.requests.exists() {
        return Err(requests::no_firmware());
    }
    let mut bytes = [0; LETTERS];
    state.entropy.fill(&mut bytes);
    let letters: String = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 0x0f)])).collect();
    let now = state.clock.now();
    let until = now + Duration::minutes(request.minutes.into());
    // Before it is open: what nobody could read about does not happen.
    let event = AuditEvent::ConsoleOpened { user: administrator.user.id, minutes: request.minutes };
    state.store.append_audit(event, now).await?;
    let digest = Sha256::digest(letters.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    requests::ask(&state, REQUEST, &Consent { until: until.unix_timestamp(), password: digest }).await?;
    let password = format!("{}-{}-{}", &letters[..4], &letters[4..8], &letters[8..]);
    Ok(Json(OpenedConsole { password, until: written(until)? }))
}

/// Closes the support console before its time; what was started from it ends, too.
#[utoipa::path(delete, path = "/api/system/console", responses(
    (status = 204, description = "it is closed"),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_administrator", body = ErrorBody),
))]
pub(crate) async fn close(
    State(state): State<AppState>,
    administrator: Administrator,
) -> Result<StatusCode, ApiError> {
    match tokio::fs::remove_file(requests::path(&state, REQUEST)).await {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(StatusCode::NO_CONTENT),
        removed => removed.map_err(|error| ApiError::internal(&error))?,
    }
    let event = AuditEvent::ConsoleClosed { user: administrator.user.id };
    state.store.append_audit(event, state.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn written(time: OffsetDateTime) -> Result<String, ApiError> {
    time.format(&Rfc3339).map_err(|error| ApiError::internal(&error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{COLLEAGUE, PASSWORD, TestBox};
    use serde_json::{Value, json};

    const PATH: &str = "/api/system/console";

    #[tokio::test]
    async fn it_is_open_with_a_password_of_its_own_until_it_is_closed_or_its_time_is_up() {
        let test = TestBox::new().await;
        std::fs::create_dir(&test.state.config.requests).unwrap();
        let mut claire = test.logged_in().await;
        let consent = json!({ "password": PASSWORD, "minutes": 15 });
        let opened = claire.post(PATH, consent.clone()).await.is(StatusCode::OK);
        let until = opened["until"].as_str().unwrap().to_owned();
        assert_eq!(until, "2026-11-23T12:15:30Z");
        let asked: Value =
            serde_json::from_slice(&std::fs::read(requests::path(&test.state, REQUEST)).unwrap()).unwrap();
        let shown = opened["password"].as_str().unwrap().replace('-', "");
        let digest: String =
            Sha256::digest(shown.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!((shown.len(), &asked["password"]), (12, &json!(digest)));
        claire.post(PATH, consent.clone()).await.refuses(409, "open_already");
        assert_eq!(claire.get(PATH).await.is(StatusCode::OK)["until"], until);
        claire.delete(PATH).await.is(StatusCode::NO_CONTENT);
        claire.delete(PATH).await.is(StatusCode::NO_CONTENT);
        assert_eq!(claire.get(PATH).await.is(StatusCode::OK)["until"], Value::Null);
        let journal = test.journal().await;
        let user = test.claire;
        let told = [AuditEvent::ConsoleOpened { user, minutes: 15 }, AuditEvent::ConsoleClosed { user }];
        assert_eq!(journal[journal.len() - 2..], told, "once each");

        claire.post(PATH, consent).await.is(StatusCode::OK);
        test.clock.advance(Duration::minutes(15));
        let mut later = test.logged_in().await;
        assert_eq!(later.get(PATH).await.is(StatusCode::OK)["until"], Value::Null);
    }

    #[tokio::test]
    async fn nobody_else_opens_it_and_nobody_for_longer() {
        let test = TestBox::new().await;
        let mut claire = test.logged_in().await;
        let consent = json!({ "password": PASSWORD, "minutes": 60 });
        claire.post(PATH, consent.clone()).await.refuses(409, "no_firmware");
        claire.post(PATH, json!({ "password": PASSWORD, "minutes": 600 })).await.refuses(422, "invalid");
        claire.post(PATH, json!({ "password": "x", "minutes": 60 })).await.refuses(422, "wrong_password");
        let mut colleague = test.logged_in_as(COLLEAGUE).await;
        for (browser, status, code) in
            [(&mut test.browser(), 401, "not_logged_in"), (&mut colleague, 403, "not_administrator")]
        {
            browser.get(PATH).await.refuses(status, code);
            browser.post(PATH, consent.clone()).await.refuses(status, code);
            browser.delete(PATH).await.refuses(status, code);
        }
    }
}
