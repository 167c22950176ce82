use super::{free_updater, note, refused};
use crate::{
    error::{ApiError, ErrorBody},
    extract::Query,
    login::Administrator,
    state::AppState,
};
use axum::{
    Extension,
    body::{Body, BodyDataStream},
    extract::State,
    http::{HeaderMap, StatusCode, header::CONTENT_LENGTH},
};
use futures_util::StreamExt;
use nix::sys::statvfs::statvfs;
use serde::Deserialize;
use std::{io, path::Path, sync::Arc, time::Duration};
use tabellion_domain::updates::{UploadRefusal, may_upload};
use tabellion_system::updater::{AskError, Goal, Request, Source, UnpackError, Unpacking};
use tokio::{sync::Mutex, task::spawn_blocking, time::timeout};
use utoipa::IntoParams;

/// Where updates are uploaded: it takes longer than any other request.
pub(crate) const PATH: &str = "/api/system/updates/upload";
/// The next bytes come within this.
const PATIENCE: Duration = Duration::from_secs(30);
/// All of them come within this: 600 MiB at 1 Mb/s.
const LONGEST: Duration = Duration::from_secs(90 * 60);
/// What the box does for its updates by itself, a look at the server for instance, may be under way when the last byte comes:
/// it is waited for, rather than half an hour of sending thrown away.
const TURN: Duration = Duration::from_secs(60);
/// Between two looks whether it is over.
const LOOK: Duration = Duration::from_secs(1);
/// Written at once, in bytes.
const CHUNK: usize = 1 << 20;

/// One upload at a time.
#[derive(Clone, Default)]
pub(crate) struct UploadPlace(Arc<Mutex<()>>);

/// How an uploaded update is taken.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct UploadQuery {
    /// Also a version that was taken back before.
    #[serde(default)]
    again: bool,
}

/// Takes a `tabellion_V.update` as its body, and has it checked and installed. One that is cut off leaves nothing.
#[utoipa::path(post, path = "/api/system/updates/upload", params(UploadQuery),
    request_body(content_type = "application/octet-stream"), responses(
    (status = 202),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_administrator", body = ErrorBody),
    (status = 408, description = "too_slow", body = ErrorBody),
    (status = 409, description = "no_firmware, updater_busy, update_waits", body = ErrorBody),
    (status = 413, description = "too_large", body = ErrorBody),
    (status = 422, description = "not_an_update", body = ErrorBody),
    (status = 507, description = "no_room", body = ErrorBody),
))]
pub(crate) async fn upload(
    State(state): State<AppState>,
    administrator: Administrator,
    Extension(place): Extension<UploadPlace>,
    Query(UploadQuery { again }): Query<UploadQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let updater = free_updater(&state)?;
    let Ok(_place) = place.0.try_lock_owned() else { return Err(refused(&AskError::Busy)) };
    let size = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let free = statvfs(&updater.uploads).map_err(|error| ApiError::internal(&error))?;
    let free = free.blocks_available() * free.fragment_size();
    may_upload(size, free).map_err(too_much)?;
    note(&state, administrator.user.id, "upload").await?;

    let folder = updater.uploads.join("incoming");
    let mut stream = body.into_data_stream();
    match timeout(LONGEST, take(&mut stream, &folder)).await.unwrap_or_else(|_| Err(too_slow())) {
        Ok(()) => {}
        Err(error) => {
            // A browser that is still sending would not hear why.
            let _ = timeout(LONGEST, drain(&mut stream)).await;
            return Err(error);
        }
    }
    let request = Request { source: Source::Upload, goal: Goal::Install, again, restart: false };
    let asked = async {
        loop {
            match updater.ask(&request) {
                Err(AskError::Busy) => tokio::time::sleep(LOOK).await,
                answered => break answered,
            }
        }
    };
    let asked = timeout(TURN, asked).await.unwrap_or(Err(AskError::Busy));
    asked.map_err(|error| {
        let _ = std::fs::remove_dir_all(&folder);
        refused(&error)
    })?;
    Ok(StatusCode::ACCEPTED)
}

/// Everything of the stream, unpacked into the folder. Given up, it leaves nothing there.
async fn take(stream: &mut BodyDataStream, folder: &Path) -> Result<(), ApiError> {
    let folder = folder.to_owned();
    let mut unpacking = off(move || Ok(Unpacking::begin(&folder)?)).await?;
    let mut gathered = Vec::with_capacity(CHUNK);
    loop {
        let next = timeout(PATIENCE, stream.next()).await.map_err(|_| too_slow())?;
        let over = next.is_none();
        if let Some(bytes) = next {
            gathered.extend_from_slice(&bytes.map_err(|_| too_slow())?);
        }
        if over || gathered.len() >= CHUNK {
            let bytes = std::mem::replace(&mut gathered, Vec::with_capacity(CHUNK));
            unpacking = off(move || unpacking.push(&bytes).map(|()| unpacking)).await?;
        }
        if over {
            return off(move || unpacking.finish()).await;
        }
    }
}

async fn drain(stream: &mut BodyDataStream) {
    while let Ok(Some(Ok(_))) = timeout(PATIENCE, stream.next()).await {}
}

/// Work with the disk, off the threads that carry the meetings' signalling.
async fn off<R: Send + 'static>(
    work: impl FnOnce() -> Result<R, UnpackError> + Send + 'static,
) -> Result<R, ApiError> {
    spawn_blocking(work).await.map_err(|error| ApiError::internal(&error))?.map_err(|error| match error {
        UnpackError::Container(error) => {
            ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "not_an_update", error.to_string())
        }
        UnpackError::Io(error) if error.kind() == io::ErrorKind::StorageFull => ApiError::new(
            StatusCode::INSUFFICIENT_STORAGE,
            "no_room",
            "L’espace de données s’est rempli pendant l’envoi. Rien n’a été installé\u{a0}; prévenez le support.",
        ),
        error @ UnpackError::Io(_) => ApiError::internal(&error),
    })
}

fn too_slow() -> ApiError {
    ApiError::new(
        StatusCode::REQUEST_TIMEOUT,
        "too_slow",
        "L’envoi du fichier s’est interrompu. Rien n’a été installé\u{a0}; vérifiez votre connexion, puis réessayez.",
    )
}

fn too_much(refusal: UploadRefusal) -> ApiError {
    let (status, code) = match refusal {
        UploadRefusal::Unmeasured => (StatusCode::LENGTH_REQUIRED, "unmeasured"),
        UploadRefusal::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
        UploadRefusal::NoRoom { .. } => (StatusCode::INSUFFICIENT_STORAGE, "no_room"),
    };
    ApiError::new(status, code, refusal.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::testing::Firmware;
    use crate::testing::{Answer, Browser, COLLEAGUE};
    use axum::{
        body::{Body, Bytes},
        http::{Request, StatusCode},
    };
    use futures_util::stream;
    use serde_json::json;
    use std::{fs, process::Command};

    /// As image/build makes one.
    fn update() -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let names = ["SHA256SUMS", "SHA256SUMS.gpg", "tabellion_2.efi", "tabellion_2.root-x86-64.1.raw"];
        for name in names {
            fs::write(folder.path().join(name), name.repeat(40_000 / name.len())).unwrap();
        }
        let mut tar = Command::new("tar");
        tar.args(["--format=ustar", "--create", "--directory"]).arg(folder.path()).args(names);
        tar.output().unwrap().stdout
    }

    /// Sends these, and says that it would be so many bytes.
    async fn send(browser: &mut Browser, length: usize, body: Body) -> Answer {
        let request = Request::post("/api/system/updates/upload?again=true")
            .header("x-tabellion", "1")
            .header("content-length", length)
            .header("cookie", browser.cookie.clone().unwrap_or_default());
        browser.send(request.body(body).unwrap()).await
    }

    fn incoming(firmware: &Firmware) -> usize {
        fs::read_dir(firmware.updater.uploads.join("incoming")).map_or(0, Iterator::count)
    }

    #[tokio::test]
    async fn an_update_is_unpacked_and_the_updater_asked_to_take_it() {
        let firmware = Firmware::new().await;
        let mut claire = firmware.test.logged_in().await;
        let update = update();
        let pieces: Vec<_> = update
            .chunks(10_000)
            .map(|piece| Ok::<_, std::io::Error>(Bytes::copy_from_slice(piece)))
            .collect();
        send(&mut claire, update.len(), Body::from_stream(stream::iter(pieces)))
            .await
            .is(StatusCode::ACCEPTED);
        assert_eq!(incoming(&firmware), 4);
        let expected = json!({ "source": "upload", "goal": "install", "again": true, "restart": false });
        assert_eq!(firmware.request(), Some(expected));
    }

    #[tokio::test]
    async fn an_upload_that_ends_while_the_box_looks_at_the_server_waits_its_turn() {
        let firmware = Firmware::new().await;
        let mut claire = firmware.test.logged_in().await;
        let update = update();
        let working = firmware.updater.working.clone();
        let piece = Bytes::copy_from_slice(&update);
        // The box begins with it in the moment of the last byte, and is done a little later.
        let pieces = stream::once(async move {
            fs::create_dir(&working).unwrap();
            tokio::spawn(async move {
                tokio::time::sleep(std::time::Duration::from_millis(300)).await;
                fs::remove_dir(&working).unwrap();
            });
            Ok::<_, std::io::Error>(piece)
        });
        let body = Body::from_stream(pieces);
        send(&mut claire, update.len(), body).await.is(StatusCode::ACCEPTED);
        assert_eq!(incoming(&firmware), 4);
        assert!(firmware.request().is_some());
    }

    #[tokio::test]
    async fn what_is_cut_off_or_no_update_leaves_nothing_and_asks_for_nothing() {
        let firmware = Firmware::new().await;
        let mut claire = firmware.test.logged_in().await;
        let update = update();
        let half = Bytes::copy_from_slice(&update[..update.len() / 2]);
        send(&mut claire, update.len(), Body::from(half.clone())).await.refuses(422, "not_an_update");
        let broken = stream::iter([Ok(half), Err(std::io::Error::other("the line broke"))]);
        send(&mut claire, update.len(), Body::from_stream(broken)).await.refuses(408, "too_slow");
        let photograph =
            send(&mut claire, 4_000, Body::from(vec![0xff; 4_000])).await.refuses(422, "not_an_update");
        assert!(
            photograph["message"].as_str().unwrap().contains("n’est pas une mise à jour"),
            "{photograph}"
        );
        send(&mut claire, 2 << 30, Body::empty()).await.refuses(413, "too_large");
        assert_eq!((incoming(&firmware), firmware.request()), (0, None));
    }

    #[tokio::test]
    async fn nobody_else_uploads_and_nobody_while_the_updater_is_at_work() {
        let firmware = Firmware::new().await;
        send(&mut firmware.test.browser(), 5, Body::from("12345")).await.refuses(401, "not_logged_in");
        let mut colleague = firmware.test.logged_in_as(COLLEAGUE).await;
        send(&mut colleague, 5, Body::from("12345")).await.refuses(403, "not_administrator");
        firmware.works_at("install");
        let mut claire = firmware.test.logged_in().await;
        send(&mut claire, 5, Body::from("12345")).await.refuses(409, "updater_busy");
    }
}
