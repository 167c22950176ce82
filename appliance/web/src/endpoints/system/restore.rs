use super::{
    backup::refused,
    settings::{change::SettingsChanged, place, seconds},
};
use crate::{
    endpoints::session::PasswordAgain,
    error::{ApiError, ErrorBody},
    extract::{JsonBody, Query},
    login::{self, Administrator},
    state::AppState,
};
use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, Uri},
};
use serde::{Deserialize, Serialize};
use tabellion_backup::{BackupKey, Incoming, Manifest, Refusal};
use tabellion_domain::{AuditEvent, settings::CONFIRM_WITHIN};
use tabellion_store::RestoredNetwork;
use utoipa::{IntoParams, ToSchema};

/// Where a piece of the file belongs.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Place {
    /// Bytes before it; 0 begins anew.
    offset: u64,
}

/// How much of the file is here.
#[derive(Serialize, ToSchema)]
pub(crate) struct Received {
    /// Bytes: where the next piece begins.
    received: u64,
}

/// What opens the file that was sent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyRequest {
    /// As it was shown when the backup was made.
    key: String,
}

/// A backup that was found whole.
#[derive(Serialize, ToSchema)]
pub(crate) struct CheckedBackup {
    /// Whose data.
    office: String,
    /// When it was made, RFC 3339.
    made_at: String,
    /// The firmware that made it.
    version: String,
}

/// Consent to the restore of the backup that was checked last.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RestoreRequest {
    /// The administrator's own, once more.
    password: String,
    /// Which network settings the box has afterwards.
    network: NetworkWord,
}

/// Whose network settings.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum NetworkWord {
    /// The backup's: this box takes the other one's place. Undone unless it is confirmed from there.
    Taken,
    /// This box's own.
    Kept,
}

/// Takes a piece of a backup that is to be restored: at most 4 MiB, one after the other.
#[utoipa::path(put, path = "/api/system/restore/file", params(Place),
    request_body(content = String, content_type = "application/octet-stream"), responses(
    (status = 200, body = Received),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_administrator", body = ErrorBody),
    (status = 409, description = "out_of_order, with where to go on", body = ErrorBody),
    (status = 507, description = "no_room", body = ErrorBody),
))]
pub(crate) async fn receive(
    State(state): State<AppState>,
    _administrator: Administrator,
    Query(place): Query<Place>,
    piece: Result<Bytes, BytesRejection>,
) -> Result<Json<Received>, ApiError> {
    let piece = piece.map_err(|_| {
        ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "Ce morceau du fichier est trop long.")
    })?;
    let received = with(&state, move |incoming| incoming.append(place.offset, &piece)).await?;
    Ok(Json(Received { received }))
}

/// Checks the backup that was sent, to its last byte. Nothing is replaced.
#[utoipa::path(post, path = "/api/system/restore/check", request_body = KeyRequest, responses(
    (status = 200, body = CheckedBackup),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_administrator", body = ErrorBody),
    (status = 409, description = "not_checked: nothing was sent", body = ErrorBody),
    (status = 422, description = "wrong_key, not_restorable", body = ErrorBody),
))]
pub(crate) async fn check(
    State(state): State<AppState>,
    _administrator: Administrator,
    JsonBody(request): JsonBody<KeyRequest>,
) -> Result<Json<CheckedBackup>, ApiError> {
    let key = BackupKey::typed(&request.key).ok_or_else(|| {
        ApiError::invalid("key", "Une clé de sauvegarde compte sept groupes de quatre lettres ou chiffres.")
    })?;
    let Manifest { office, made_at, version, .. } =
        with(&state, move |incoming| incoming.check(&key)).await?;
    Ok(Json(CheckedBackup { office, made_at, version }))
}

/// Puts the backup that was checked last in the place of the box's data: the box starts again with it, and everybody is
/// logged out. Another network than its own has to be confirmed, as any change of it.
#[utoipa::path(post, path = "/api/system/restore", request_body = RestoreRequest, responses(
    (status = 200, description = "the box starts again", body = SettingsChanged),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_administrator", body = ErrorBody),
    (status = 409, description = "not_checked, pending, update_on_trial", body = ErrorBody),
    (status = 422, description = "wrong_password", body = ErrorBody),
    (status = 429, description = "too_many_attempts", body = ErrorBody),
))]
pub(crate) async fn restore(
    State(state): State<AppState>,
    administrator: Administrator,
    again: PasswordAgain,
    uri: Uri,
    headers: HeaderMap,
    JsonBody(request): JsonBody<RestoreRequest>,
) -> Result<Json<SettingsChanged>, ApiError> {
    again.check(&state, &administrator.user, request.password).await?;
    if state.config.reports.updates().await.is_some_and(|updates| updates.trial.is_some()) {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            "update_on_trial",
            "Une mise à jour est à l’essai\u{a0}: si elle était annulée, les données le seraient aussi. \
             Attendez qu’elle soit terminée.",
        ));
    }
    let now = state.clock.now();
    let before = state.store.current_settings(now).await?.unwrap_or_default();
    let (own, token) = (before.network.clone(), state.entropy.token128());
    let network = match request.network {
        NetworkWord::Taken => RestoredNetwork::Tried { own, confirmation: login::hash(&token) },
        NetworkWord::Kept => RestoredNetwork::Kept(own),
    };
    state.store.append_audit(AuditEvent::RestoreAsked { user: Some(administrator.user.id) }, now).await?;
    let restored = with(&state, move |incoming| incoming.commit(network, now)).await?;
    state.restart.notify_one();
    let remarks = Vec::new();
    let Some(change) = restored.change else { return Ok(Json(SettingsChanged::InForce { remarks })) };
    let after = restored.settings.unwrap_or_default();
    let address = place::asked(&uri, &headers)
        .and_then(|asked| place::after_the_change(&asked, &before, &after, state.config.demonstration));
    let seconds_left = seconds(CONFIRM_WITHIN);
    Ok(Json(SettingsChanged::Pending { remarks, change, token, seconds_left, address }))
}

/// Files and keys take their time: on a thread that is there to wait.
async fn with<T: Send + 'static>(
    state: &AppState,
    work: impl FnOnce(&Incoming) -> Result<T, Refusal> + Send + 'static,
) -> Result<T, ApiError> {
    let incoming = Incoming::of(&state.config.state);
    let done = tokio::task::spawn_blocking(move || work(&incoming)).await;
    done.map_err(|error| ApiError::internal(&error))?.map_err(refused)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Browser, COLLEAGUE, PASSWORD, TestBox};
    use axum::{body::Body, http::header};
    use serde_json::{Value, json};
    use tabellion_domain::Clock;
    use tabellion_domain::settings::{
        Addressing, Author, InterfaceAddress, Network, OfficeSettings, Settings,
    };

    /// A box with settings, its backup and the key of it.
    async fn with_a_backup() -> (TestBox, Browser, Vec<u8>, String) {
        let test = TestBox::new().await;
        let office = OfficeSettings { name: "Office A".to_owned(), ..OfficeSettings::default() };
        let settings = Settings { office, ..Settings::default() };
        test.state.store.adopt_settings(settings, Author::SetupPage, test.clock.now()).await.unwrap();
        let mut claire = test.logged_in().await;
        let body = json!({ "password": PASSWORD });
        let prepared = claire.post("/api/system/backup", body).await.is(StatusCode::OK);
        let path = format!("/api/system/backup/{}", prepared["ticket"].as_str().unwrap());
        let file = claire.get(&path).await.body;
        (test, claire, file, prepared["key"].as_str().unwrap().to_owned())
    }

    async fn send(browser: &mut Browser, offset: usize, piece: &[u8]) -> crate::testing::Answer {
        let request = browser.request("PUT", &format!("/api/system/restore/file?offset={offset}"));
        let request = request.header(header::CONTENT_TYPE, "application/octet-stream");
        browser.send(request.body(Body::from(piece.to_vec())).unwrap()).await
    }

    fn consent() -> Value {
        json!({ "password": PASSWORD, "network": "kept" })
    }

    #[tokio::test]
    async fn a_backup_that_was_sent_and_checked_waits_for_the_next_start() {
        let (test, mut claire, file, key) = with_a_backup().await;
        let half = file.len() / 2;
        assert_eq!(send(&mut claire, 0, &file[..half]).await.is(StatusCode::OK)["received"], half);
        send(&mut claire, half, &file[half..]).await.is(StatusCode::OK);
        let checked = claire.post("/api/system/restore/check", json!({ "key": key.to_lowercase() })).await;
        let made_at = "2026-11-23T12:00:30Z";
        let version = env!("CARGO_PKG_VERSION");
        let expected =
            json!({ "office": "Office Notarial de la Place", "made_at": made_at, "version": version });
        assert_eq!(checked.is(StatusCode::OK), expected);
        let restored = claire.post("/api/system/restore", consent()).await.is(StatusCode::OK);
        assert_eq!(restored, json!({ "outcome": "in_force", "remarks": [] }), "its own network stays");
        test.state.restart.notified().await;
        assert!(test.state.config.state.join("restored/tabellion.db").exists());
        let asked = AuditEvent::RestoreAsked { user: Some(test.claire) };
        assert_eq!(test.journal().await.last(), Some(&asked));
        claire.post("/api/system/restore", consent()).await.refuses(409, "pending");
    }

    #[tokio::test]
    async fn the_backups_network_waits_to_be_confirmed_from_where_the_box_is_then() {
        let (test, mut claire, file, key) = with_a_backup().await;
        let address = InterfaceAddress::new("192.168.10.9/24").unwrap();
        let addressing = Addressing::Fixed { address, gateway: None };
        let network = Network { addressing, ..Network::default() };
        let settings = Settings { network, ..Settings::default() };
        test.state.store.adopt_settings(settings.clone(), Author::SetupPage, test.clock.now()).await.unwrap();
        send(&mut claire, 0, &file).await.is(StatusCode::OK);
        claire.post("/api/system/restore/check", json!({ "key": key })).await.is(StatusCode::OK);
        let consent = json!({ "password": PASSWORD, "network": "taken" });
        let restored = claire.post("/api/system/restore", consent).await.is(StatusCode::OK);
        assert_eq!((&restored["outcome"], &restored["seconds_left"]), (&json!("pending"), &json!(60)));
        assert_eq!(restored["address"], Value::Null, "the backup's network gives it an address");
        let waits =
            tabellion_store::Store::open(&test.state.config.state.join("restored/tabellion.db")).unwrap();
        let state = waits.settings_state(test.clock.now()).await.unwrap();
        let (kept, tried) = (state.in_force.unwrap().settings, state.pending.unwrap());
        assert_eq!((kept.office.name.as_str(), kept.network), ("Office A", settings.network));
        assert_eq!(
            (json!(tried.id), tried.settings.network),
            (restored["change"].clone(), Network::default())
        );
        assert_eq!(tried.confirmation, Some(login::hash(restored["token"].as_str().unwrap())));
    }

    #[tokio::test]
    async fn what_is_wrong_is_told_in_the_order_of_the_steps() {
        let (test, mut claire, file, key) = with_a_backup().await;
        let check = |key: &str| json!({ "key": key });
        claire.post("/api/system/restore", consent()).await.refuses(409, "not_checked");
        claire.post("/api/system/restore/check", check(&key)).await.refuses(409, "not_checked");
        claire.post("/api/system/restore/check", check("ABCD")).await.refuses(422, "invalid");
        send(&mut claire, 0, &file).await.is(StatusCode::OK);
        let other = BackupKey::draw(test.state.entropy.as_ref()).shown();
        claire.post("/api/system/restore/check", check(&other)).await.refuses(422, "wrong_key");
        let refusal = send(&mut claire, 1, &file).await.refuses(409, "out_of_order");
        assert_eq!(refusal["received"], file.len());
        send(&mut claire, 0, b"no backup").await.is(StatusCode::OK);
        claire.post("/api/system/restore/check", check(&key)).await.refuses(422, "not_restorable");
        let wrong = json!({ "password": "Tabellion-2025!", "network": "kept" });
        claire.post("/api/system/restore", wrong).await.refuses(422, "wrong_password");
        send(&mut claire, 0, &vec![0; 5 << 20]).await.refuses(413, "too_large");
    }

    #[tokio::test]
    async fn nobody_but_an_administrator_restores_anything() {
        let test = TestBox::new().await;
        let mut nobody = test.browser();
        let mut colleague = test.logged_in_as(COLLEAGUE).await;
        for (browser, status, code) in
            [(&mut nobody, 401, "not_logged_in"), (&mut colleague, 403, "not_administrator")]
        {
            send(browser, 0, b"x").await.refuses(status, code);
            browser.post("/api/system/restore/check", json!({ "key": "x" })).await.refuses(status, code);
            browser.post("/api/system/restore", consent()).await.refuses(status, code);
        }
        assert!(!test.state.config.state.join("restore").exists());
    }
}
