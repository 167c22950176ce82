use crate::{
    endpoints::session::PasswordAgain,
    error::{ApiError, ErrorBody},
    extract::{JsonBody, Path},
    login::Administrator,
    state::AppState,
};
use axum::{
    Extension, Json,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
};
use tabellion_backup::{BackupKey, Lock, Refusal, Snapshot};
use tabellion_domain::AuditEvent;
use time::{Duration, OffsetDateTime};
use tokio::sync::mpsc;
use tracing::warn;
use utoipa::ToSchema;

/// How long a download may be waited for after it was asked for.
const TICKET_LASTS: Duration = Duration::minutes(10);
/// Pieces that wait for a slow line: of [`PIECE`] bytes each.
const AHEAD: usize = 4;
const PIECE: usize = 64 * 1024;

/// Downloads that were asked for and not begun, by their ticket. Forgotten with the process.
#[derive(Clone, Default)]
pub(crate) struct Tickets(Arc<Mutex<HashMap<String, Ticket>>>);

struct Ticket {
    key: BackupKey,
    until: OffsetDateTime,
}

impl Tickets {
    fn add(&self, name: String, ticket: Ticket, now: OffsetDateTime) {
        let mut tickets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tickets.retain(|_, ticket| now < ticket.until);
        tickets.insert(name, ticket);
    }

    fn take(&self, name: &str, now: OffsetDateTime) -> Option<Ticket> {
        let mut tickets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tickets.remove(name).filter(|ticket| now < ticket.until)
    }
}

/// Who asks for a backup.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BackupRequest {
    /// The administrator's own, once more.
    password: String,
}

/// A backup that is ready to be downloaded, once, within ten minutes.
#[derive(Serialize, ToSchema)]
pub(crate) struct PreparedBackup {
    /// The last part of its address.
    ticket: String,
    /// What opens it, shown this once: without it, the backup is worth nothing.
    key: String,
}

/// Prepares a download of all data of the box: draws the key that they will be encrypted with.
#[utoipa::path(post, path = "/api/system/backup", request_body = BackupRequest, responses(
    (status = 200, body = PreparedBackup),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_administrator", body = ErrorBody),
    (status = 422, description = "wrong_password", body = ErrorBody),
    (status = 429, description = "too_many_attempts", body = ErrorBody),
))]
pub(crate) async fn prepare(
    State(state): State<AppState>,
    Extension(tickets): Extension<Tickets>,
    administrator: Administrator,
    again: PasswordAgain,
    JsonBody(request): JsonBody<BackupRequest>,
) -> Result<Json<PreparedBackup>, ApiError> {
    again.check(&state, &administrator.user, request.password).await?;
    let (ticket, key) = (state.entropy.token128(), BackupKey::draw(state.entropy.as_ref()));
    let (shown, now) = (key.shown(), state.clock.now());
    tickets.add(ticket.clone(), Ticket { key, until: now + TICKET_LASTS }, now);
    Ok(Json(PreparedBackup { ticket, key: shown }))
}

/// The backup: the data as they are now, encrypted with the key that was shown.
#[utoipa::path(get, path = "/api/system/backup/{ticket}", params(("ticket" = String, Path)), responses(
    (status = 200, description = "an age file", content_type = "application/octet-stream"),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_administrator", body = ErrorBody),
    (status = 404, description = "no_such_backup", body = ErrorBody),
    (status = 507, description = "no_room", body = ErrorBody),
))]
pub(crate) async fn download(
    State(state): State<AppState>,
    Extension(tickets): Extension<Tickets>,
    administrator: Administrator,
    Path(ticket): Path<String>,
) -> Result<Response, ApiError> {
    let now = state.clock.now();
    let Ticket { key, .. } = tickets.take(&ticket, now).ok_or_else(no_such_backup)?;
    let snapshot = snapshot(&state, now).await?;
    let event = AuditEvent::BackupMade { user: Some(administrator.user.id), to: "download".to_owned() };
    state.store.append_audit(event, now).await?;
    let (pieces, mut written) = mpsc::channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        let out = io::BufWriter::with_capacity(PIECE, Pieces(pieces.clone()));
        let whole = snapshot.write(&Lock::Key(key), out).and_then(|mut out| out.flush());
        if let Err(problem) = whole {
            warn!(%problem, "a backup was not downloaded to its end");
            // The browser shall not take it for a whole one.
            let _ = pieces.blocking_send(Err(problem));
        }
    });
    let body = Body::from_stream(futures_util::stream::poll_fn(move |context| written.poll_recv(context)));
    let name = format!("attachment; filename=\"tabellion-{}.tabellion\"", now.date());
    let disposition = HeaderValue::try_from(name).map_err(|error| ApiError::internal(&error))?;
    let kind = HeaderValue::from_static("application/octet-stream");
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)], body).into_response())
}

async fn snapshot(state: &AppState, now: OffsetDateTime) -> Result<Snapshot, ApiError> {
    let (folder, office) = (state.config.state.clone(), state.config.office.name.clone());
    let version = state.config.reports.version().await;
    let taken = tokio::task::spawn_blocking(move || Snapshot::take(&folder, &office, &version, now)).await;
    taken.map_err(|error| ApiError::internal(&error))?.map_err(refused)
}

/// A refusal as an answer: what lies in the file, or in the order of things, is the caller's to mend.
pub(super) fn refused(refusal: Refusal) -> ApiError {
    let (status, code) = match &refusal {
        Refusal::Io(_) | Refusal::Store(_) => return ApiError::internal(&refusal),
        Refusal::NoRoom => (StatusCode::INSUFFICIENT_STORAGE, "no_room"),
        Refusal::OutOfOrder { .. } => (StatusCode::CONFLICT, "out_of_order"),
        Refusal::NotChecked => (StatusCode::CONFLICT, "not_checked"),
        Refusal::Pending => (StatusCode::CONFLICT, "pending"),
        Refusal::WrongKey => (StatusCode::UNPROCESSABLE_ENTITY, "wrong_key"),
        Refusal::NotABackup | Refusal::Damaged | Refusal::Newer { .. } | Refusal::NeverSetUp => {
            (StatusCode::UNPROCESSABLE_ENTITY, "not_restorable")
        }
    };
    let error = ApiError::new(status, code, refusal.to_string());
    match refusal {
        Refusal::OutOfOrder { received } => error.with("received", received),
        Refusal::WrongKey => error.with("field", "key"),
        _ => error,
    }
}

fn no_such_backup() -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        "no_such_backup",
        "Cette sauvegarde a déjà été téléchargée ou a été demandée il y a trop longtemps. Demandez-en une autre.",
    )
}

/// Hands over what is written, and waits while the line is slow.
struct Pieces(mpsc::Sender<io::Result<Bytes>>);

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let sent = self.0.blocking_send(Ok(Bytes::copy_from_slice(bytes)));
        sent.map(|()| bytes.len()).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{COLLEAGUE, PASSWORD, TestBox};
    use serde_json::json;

    #[tokio::test]
    async fn a_backup_is_downloaded_once_and_opens_with_the_key_that_was_shown() {
        let test = TestBox::new().await;
        let mut claire = test.logged_in().await;
        let body = json!({ "password": PASSWORD });
        let prepared = claire.post("/api/system/backup", body).await.is(StatusCode::OK);
        let path = format!("/api/system/backup/{}", prepared["ticket"].as_str().unwrap());
        let answer = claire.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK);
        let named = answer.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
        assert_eq!(named, "attachment; filename=\"tabellion-2026-11-23.tabellion\"");
        assert!(answer.body.starts_with(b"age-encryption.org/v1\n"));
        let elsewhere = tempfile::tempdir().unwrap();
        let incoming = tabellion_backup::Incoming::of(elsewhere.path());
        incoming.append(0, &answer.body).unwrap();
        let key = BackupKey::typed(prepared["key"].as_str().unwrap()).unwrap();
        // The test's box has no settings; its database is read to its end before that is told.
        assert!(matches!(incoming.check(&key), Err(Refusal::NeverSetUp)));
        claire.get(&path).await.refuses(404, "no_such_backup");
        let made = AuditEvent::BackupMade { user: Some(test.claire), to: "download".to_owned() };
        assert_eq!(test.journal().await.last(), Some(&made));
    }

    #[tokio::test]
    async fn a_ticket_does_not_last_for_ever() {
        let test = TestBox::new().await;
        let mut claire = test.logged_in().await;
        let body = json!({ "password": PASSWORD });
        let prepared = claire.post("/api/system/backup", body).await.is(StatusCode::OK);
        test.clock.advance(TICKET_LASTS);
        let path = format!("/api/system/backup/{}", prepared["ticket"].as_str().unwrap());
        claire.get(&path).await.refuses(404, "no_such_backup");
    }

    #[tokio::test]
    async fn only_an_administrator_who_gives_the_password_again_gets_one() {
        let test = TestBox::new().await;
        let body = json!({ "password": PASSWORD });
        test.browser().post("/api/system/backup", body.clone()).await.refuses(401, "not_logged_in");
        let mut colleague = test.logged_in_as(COLLEAGUE).await;
        colleague.post("/api/system/backup", body.clone()).await.refuses(403, "not_administrator");
        colleague.get("/api/system/backup/x").await.refuses(403, "not_administrator");
        let mut claire = test.logged_in().await;
        for _ in 0..3 {
            let wrong = json!({ "password": "Tabellion-2025!" });
            claire.post("/api/system/backup", wrong).await.refuses(422, "wrong_password");
        }
        claire.post("/api/system/backup", body).await.refuses(429, "too_many_attempts");
    }
}
