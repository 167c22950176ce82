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
use std::{io::ErrorKind, os::unix::fs::PermissionsExt, time::Duration};
use tabellion_backup::{BackupKey, ScheduleState};
use tabellion_domain::settings::{
    Author, BackupDestination, BackupEvery, BackupSchedule, Server, Settings, SftpServer,
};
use time::format_description::well_known::Rfc3339;
use tokio::fs;
use utoipa::ToSchema;

/// How long a server may take to introduce itself. Less than a request's own patience.
const PATIENCE: Duration = Duration::from_secs(25);
/// Between two looks for the answer.
const LOOK: Duration = Duration::from_millis(200);

/// The schedule of backups, and what became of the last one.
#[derive(Serialize, ToSchema)]
pub(crate) struct ScheduleView {
    /// Null: there is no schedule.
    schedule: Option<Schedule>,
    /// When a backup last arrived, RFC 3339.
    succeeded: Option<String>,
    /// Why the last one did not, in French.
    refused: Option<String>,
}

/// When backups are made, and where they go.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Schedule {
    /// How often.
    every: Every,
    /// At which hour of the box's time zone.
    hour: u8,
    /// How many are kept there.
    keep: u8,
    /// The SFTP server; null: the USB stick called TABELLION.
    sftp: Option<Sftp>,
}

/// How often.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Every {
    /// Each day.
    Day,
    /// Each Sunday.
    Week,
}

/// An SFTP server.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Sftp {
    host: String,
    port: u16,
    user: String,
    folder: String,
    /// As it was shown and confirmed.
    host_key: String,
}

/// A change of the schedule.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScheduleRequest {
    /// The administrator's own, once more.
    password: String,
    /// Null: no more scheduled backups.
    schedule: Option<Schedule>,
    /// A new key in the place of the one that was noted.
    #[serde(default)]
    new_key: bool,
}

/// The schedule after a change.
#[derive(Serialize, ToSchema)]
pub(crate) struct ScheduleChanged {
    /// What opens the backups from now on, shown this once; null: the key that was noted before.
    key: Option<String>,
}

/// A server that is to be introduced.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IntroductionRequest {
    host: String,
    port: u16,
}

/// What an administrator compares, and puts on the server.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct Introduction {
    /// The box's: a line for `authorized_keys`.
    public_key: String,
    /// The server's.
    host_keys: Vec<HostKey>,
}

/// One of a server's keys.
#[derive(Serialize, Deserialize, ToSchema)]
struct HostKey {
    /// `ssh-ed25519 AAAA…`.
    key: String,
    /// `SHA256:…`, as the server's own tools show it.
    fingerprint: String,
}

/// The schedule of backups.
#[utoipa::path(get, path = "/api/system/backup/schedule", responses(
    (status = 200, body = ScheduleView),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_administrator", body = ErrorBody),
))]
pub(crate) async fn show(
    State(state): State<AppState>,
    _administrator: Administrator,
) -> Result<Json<ScheduleView>, ApiError> {
    let known = ScheduleState::load(&state.config.state).map_err(|error| ApiError::internal(&error))?;
    let written = |at: time::OffsetDateTime| at.format(&Rfc3339).map_err(|error| ApiError::internal(&error));
    let schedule = in_force(&state).await?.unwrap_or_default().backup.map(Schedule::from);
    Ok(Json(ScheduleView {
        schedule,
        succeeded: known.succeeded.map(written).transpose()?,
        refused: known.refused,
    }))
}

/// Changes the schedule of backups. The first one of a new schedule is made within a minute.
#[utoipa::path(put, path = "/api/system/backup/schedule", request_body = ScheduleRequest, responses(
    (status = 200, body = ScheduleChanged),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_administrator", body = ErrorBody),
    (status = 409, description = "settings_pending", body = ErrorBody),
    (status = 422, description = "invalid, wrong_password", body = ErrorBody),
    (status = 429, description = "too_many_attempts", body = ErrorBody),
))]
pub(crate) async fn change(
    State(state): State<AppState>,
    administrator: Administrator,
    again: PasswordAgain,
    JsonBody(request): JsonBody<ScheduleRequest>,
) -> Result<Json<ScheduleChanged>, ApiError> {
    again.check(&state, &administrator.user, request.password).await?;
    let now = state.clock.now();
    if state.store.settings_state(now).await?.pending.is_some() {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            "settings_pending",
            "Un changement des réglages attend sa confirmation. Confirmez-le ou annulez-le d’abord.",
        ));
    }
    let before = in_force(&state).await?.unwrap_or_default();
    let noted = before.backup.as_ref().map(|backup| backup.recipient.clone()).filter(|_| !request.new_key);
    let key = match (&request.schedule, &noted) {
        (Some(_), None) => Some(BackupKey::draw(state.entropy.as_ref())),
        _ => None,
    };
    let recipient = noted.or_else(|| key.as_ref().map(BackupKey::recipient)).unwrap_or_default();
    let backup = request.schedule.map(|schedule| schedule.checked(recipient)).transpose()?;
    // Nothing was tried yet: the first one is due at once.
    ScheduleState::default().save(&state.config.state).map_err(|error| ApiError::internal(&error))?;
    let by = Author::User { user: administrator.user.id };
    state.store.adopt_settings(Settings { backup, ..before }, by, now).await?;
    Ok(Json(ScheduleChanged { key: key.map(|key| key.shown()) }))
}

/// Has an SFTP server introduced: its keys, and the box's own one for it.
#[utoipa::path(post, path = "/api/system/backup/schedule/sftp", request_body = IntroductionRequest, responses(
    (status = 200, body = Introduction),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_administrator", body = ErrorBody),
    (status = 409, description = "no_firmware", body = ErrorBody),
    (status = 422, description = "invalid; unreachable", body = ErrorBody),
))]
pub(crate) async fn introduce(
    State(state): State<AppState>,
    _administrator: Administrator,
    JsonBody(request): JsonBody<IntroductionRequest>,
) -> Result<Json<Introduction>, ApiError> {
    let host =
        Server::new(&request.host).map_err(|refusal| ApiError::invalid("host", refusal.to_string()))?;
    let folder = &state.config.sftp_requests;
    let (asked, answer) = (folder.join("sftp.json"), folder.join("sftp.answer"));
    let fault = |error: std::io::Error| ApiError::internal(&error);
    let _ = fs::remove_file(&answer).await;
    let text = json!({ "do": "introduce", "host": host.as_str(), "port": request.port }).to_string();
    let making = folder.join("sftp.asking");
    match fs::write(&making, text).await {
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(requests::no_firmware()),
        written => written.map_err(fault)?,
    }
    // For the user who speaks with the server.
    fs::set_permissions(&making, std::fs::Permissions::from_mode(0o644)).await.map_err(fault)?;
    fs::rename(&making, asked).await.map_err(fault)?;
    let waiting = async {
        loop {
            match fs::read(&answer).await {
                Err(error) if error.kind() == ErrorKind::NotFound => tokio::time::sleep(LOOK).await,
                read => break read.map_err(fault),
            }
        }
    };
    let text = tokio::time::timeout(PATIENCE, waiting).await.map_err(|_| unreachable(None))??;
    fs::remove_file(&answer).await.map_err(fault)?;
    #[derive(Deserialize)]
    struct Answer {
        refused: Option<String>,
    }
    let said: Answer = serde_json::from_slice(&text).map_err(|error| ApiError::internal(&error))?;
    if said.refused.is_some() {
        return Err(unreachable(said.refused));
    }
    Ok(Json(serde_json::from_slice(&text).map_err(|error| ApiError::internal(&error))?))
}

fn unreachable(refused: Option<String>) -> ApiError {
    let message = refused.unwrap_or_else(|| {
        "Le serveur SFTP ne répond pas. Vérifiez son adresse et son port, puis réessayez.".to_owned()
    });
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "unreachable", message)
}

async fn in_force(state: &AppState) -> Result<Option<Settings>, ApiError> {
    let settings = state.store.settings_state(state.clock.now()).await?;
    Ok(settings.in_force.map(|change| change.settings))
}

impl Schedule {
    fn checked(self, recipient: String) -> Result<BackupSchedule, ApiError> {
        let to = match self.sftp {
            None => BackupDestination::Usb,
            Some(Sftp { host, port, user, folder, host_key }) => {
                let host =
                    Server::new(&host).map_err(|refusal| ApiError::invalid("host", refusal.to_string()))?;
                BackupDestination::Sftp(SftpServer { host, port, user, folder, host_key })
            }
        };
        let every = match self.every {
            Every::Day => BackupEvery::Day,
            Every::Week => BackupEvery::Week,
        };
        let schedule = BackupSchedule { every, hour: self.hour, keep: self.keep, to, recipient };
        schedule.check().map_err(|(field, refusal)| ApiError::invalid(field, refusal.to_string()))?;
        Ok(schedule)
    }
}

impl From<BackupSchedule> for Schedule {
    fn from(schedule: BackupSchedule) -> Self {
        let every = match schedule.every {
            BackupEvery::Day => Every::Day,
            BackupEvery::Week => Every::Week,
        };
        let sftp = match schedule.to {
            BackupDestination::Usb => None,
            BackupDestination::Sftp(SftpServer { host, port, user, folder, host_key }) => {
                Some(Sftp { host: host.into(), port, user, folder, host_key })
            }
        };
        Self { every, hour: schedule.hour, keep: schedule.keep, sftp }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{COLLEAGUE, PASSWORD, TestBox};
    use serde_json::Value;

    const PATH: &str = "/api/system/backup/schedule";

    fn change_to(schedule: Value) -> Value {
        json!({ "password": PASSWORD, "schedule": schedule })
    }

    fn usb() -> Value {
        json!({ "every": "day", "hour": 2, "keep": 7, "sftp": null })
    }

    fn sftp() -> Value {
        let server = json!({
            "host": "nas.office.fr", "port": 22, "user": "tabellion", "folder": "/sauvegardes",
            "host_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI"
        });
        json!({ "every": "week", "hour": 3, "keep": 4, "sftp": server })
    }

    #[tokio::test]
    async fn a_schedule_has_a_key_that_is_shown_once_and_stays_until_a_new_one_is_asked_for() {
        let test = TestBox::new().await;
        let mut claire = test.logged_in().await;
        let nothing = json!({ "schedule": null, "succeeded": null, "refused": null });
        assert_eq!(claire.get(PATH).await.is(StatusCode::OK), nothing);
        let first = claire.with_body("PUT", PATH, change_to(usb()).to_string()).await.is(StatusCode::OK);
        let key = BackupKey::typed(first["key"].as_str().unwrap()).unwrap();
        let recipient = async || in_force(&test.state).await.unwrap().unwrap().backup.unwrap().recipient;
        assert_eq!(recipient().await, key.recipient());
        let second = claire.with_body("PUT", PATH, change_to(sftp()).to_string()).await.is(StatusCode::OK);
        assert_eq!((&second["key"], recipient().await), (&Value::Null, key.recipient()));
        assert_eq!(claire.get(PATH).await.is(StatusCode::OK)["schedule"], sftp());
        let mut again = change_to(sftp());
        again["new_key"] = json!(true);
        let third = claire.with_body("PUT", PATH, again.to_string()).await.is(StatusCode::OK);
        assert!(third["key"].is_string() && recipient().await != key.recipient());
        claire.with_body("PUT", PATH, change_to(Value::Null).to_string()).await.is(StatusCode::OK);
        assert_eq!(claire.get(PATH).await.is(StatusCode::OK), nothing);
    }

    #[tokio::test]
    async fn what_cannot_be_kept_is_told_with_its_field() {
        let test = TestBox::new().await;
        let mut claire = test.logged_in().await;
        for (part, value, field) in [
            ("hour", json!(24), "hour"),
            ("keep", json!(0), "keep"),
            (
                "sftp",
                json!({ "host": "-x y", "port": 22, "user": "a", "folder": "/", "host_key": "a b" }),
                "host",
            ),
        ] {
            let mut schedule = usb();
            schedule[part] = value;
            let answer = claire.with_body("PUT", PATH, change_to(schedule).to_string()).await;
            assert_eq!(answer.refuses(422, "invalid")["field"], field);
        }
        let mut wrong = change_to(usb());
        wrong["password"] = json!("x");
        claire.with_body("PUT", PATH, wrong.to_string()).await.refuses(422, "wrong_password");
        let mut colleague = test.logged_in_as(COLLEAGUE).await;
        let refused = colleague.with_body("PUT", PATH, change_to(usb()).to_string()).await;
        refused.refuses(403, "not_administrator");
        colleague.get(PATH).await.refuses(403, "not_administrator");
        let server = json!({ "host": "nas.office.fr", "port": 22 });
        colleague.post(&format!("{PATH}/sftp"), server).await.refuses(403, "not_administrator");
    }

    #[tokio::test]
    async fn a_server_is_introduced_by_who_may_speak_with_it() {
        let test = TestBox::new().await;
        let mut claire = test.logged_in().await;
        let server = json!({ "host": "nas.office.fr", "port": 2222 });
        claire.post(&format!("{PATH}/sftp"), server.clone()).await.refuses(409, "no_firmware");
        let folder = test.state.config.sftp_requests.clone();
        std::fs::create_dir(&folder).unwrap();
        for refused in [json!(null), json!("Le serveur SFTP ne répond pas.")] {
            let host_keys = json!([{ "key": "ssh-ed25519 AAAA", "fingerprint": "SHA256:x" }]);
            let said =
                json!({ "refused": refused, "public_key": "ssh-ed25519 BBBB", "host_keys": host_keys });
            let (folder, told) = (folder.clone(), said.to_string());
            let unit = tokio::spawn(async move {
                while !folder.join("sftp.json").exists() {
                    tokio::task::yield_now().await;
                }
                let asked = std::fs::read_to_string(folder.join("sftp.json")).unwrap();
                std::fs::remove_file(folder.join("sftp.json")).unwrap();
                std::fs::write(folder.join("sftp.answer"), told).unwrap();
                asked
            });
            let answer = claire.post(&format!("{PATH}/sftp"), server.clone()).await;
            assert!(unit.await.unwrap().contains("\"port\":2222"));
            if refused.is_null() {
                let shown = answer.is(StatusCode::OK);
                assert_eq!(
                    (&shown["public_key"], &shown["host_keys"]),
                    (&said["public_key"], &said["host_keys"])
                );
            } else {
                answer.refuses(422, "unreachable");
            }
        }
    }
}
