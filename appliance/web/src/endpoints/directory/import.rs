use crate::{
    error::{ApiError, ErrorBody},
    login::Administrator,
    state::AppState,
};
use axum::{
    Extension, Json,
    body::{Body, BodyDataStream},
    extract::State,
    http::{HeaderMap, StatusCode, header::CONTENT_LENGTH},
};
use futures_util::StreamExt;
use serde::Serialize;
use serde_json::json;
use std::{sync::Arc, time::Duration};
use tabellion_directory::csv::{CsvCopy, CsvRefusal, LARGEST, RefusedLine, read};
use tabellion_domain::directory::{DirectoryOrigin, Field};
use tabellion_store::{NewDirectory, StoreError};
use tokio::{sync::Mutex, task::spawn_blocking, time::timeout};
use utoipa::ToSchema;

/// Where a file is sent: it takes longer than any other request.
pub(crate) const PATH: &str = "/api/directory/import";
/// The next bytes come within this.
const PATIENCE: Duration = Duration::from_secs(30);
/// All of them come within this: 32 MiB at 1 Mb/s take 4.5 minutes.
const LONGEST: Duration = Duration::from_secs(10 * 60);

/// One file at a time: each is held in memory as a whole.
#[derive(Clone, Default)]
pub(crate) struct ImportPlace(Arc<Mutex<()>>);

/// What has become of a file.
#[derive(Serialize, ToSchema)]
pub(crate) struct DirectoryImported {
    /// Entries that the directory has now.
    entries: u64,
    /// Lines that were not taken.
    refused_count: u64,
    /// The first hundred of them.
    refused: Vec<RefusedLineView>,
    /// Columns that the file does not have, by their names.
    absent: Vec<&'static str>,
}

/// A line that was not taken.
#[derive(Serialize, ToSchema)]
pub(crate) struct RefusedLineView {
    /// From 1.
    line: u64,
    /// Why, in French.
    reason: String,
}

impl From<RefusedLine> for RefusedLineView {
    fn from(RefusedLine { line, reason }: RefusedLine) -> Self {
        Self { line, reason }
    }
}

/// Takes a CSV file of at most 32 MiB as its body, and puts its entries in the place of the directory. Lines that are wrong are told and
/// left out; where none is right, or the file is cut off, the directory stays as it was.
#[utoipa::path(post, path = "/api/directory/import",
    request_body(content = String, content_type = "text/csv"), responses(
    (status = 200, body = DirectoryImported),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_administrator", body = ErrorBody),
    (status = 408, description = "too_slow", body = ErrorBody),
    (status = 409, description = "busy: another copy is being put in place", body = ErrorBody),
    (status = 413, description = "too_large", body = ErrorBody),
    (status = 422, description = "not_a_directory, with `refused` where lines were read", body = ErrorBody),
    (status = 507, description = "no_room", body = ErrorBody),
))]
pub(crate) async fn import(
    State(state): State<AppState>,
    administrator: Administrator,
    Extension(place): Extension<ImportPlace>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<DirectoryImported>, ApiError> {
    let Ok(_place) = place.0.try_lock_owned() else { return Err(busy()) };
    let size = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let mut stream = body.into_data_stream();
    let taken = match size {
        Some(size) if size > LARGEST as u64 => Err(refused(CsvRefusal::TooLarge)),
        _ => timeout(LONGEST, take(&mut stream)).await.unwrap_or_else(|_| Err(too_slow())),
    };
    let bytes = match taken {
        Ok(bytes) => bytes,
        Err(error) => {
            // A browser that is still sending would not hear why.
            let _ = timeout(LONGEST, drain(&mut stream)).await;
            return Err(error);
        }
    };
    // Reading is work for a second: off the threads that carry the meetings' signalling.
    let copy = spawn_blocking(move || read(&bytes)).await.map_err(|error| ApiError::internal(&error))?;
    let CsvCopy { entries, refused, refused_count, absent } = copy.map_err(self::refused)?;
    let count = entries.len() as u64;
    let new = NewDirectory {
        entries,
        origin: DirectoryOrigin::File,
        mark: None,
        refused: refused_count,
        by: Some(administrator.user.id),
    };
    state.store.replace_directory(new, state.clock.now()).await.map_err(|error| match error {
        StoreError::DirectoryOvertaken => busy(),
        error => error.into(),
    })?;
    Ok(Json(DirectoryImported {
        entries: count,
        refused_count,
        refused: refused.into_iter().map(RefusedLineView::from).collect(),
        absent: absent.into_iter().map(Field::label).collect(),
    }))
}

/// All of the body; nothing where it is longer than a file may be.
async fn take(stream: &mut BodyDataStream) -> Result<Vec<u8>, ApiError> {
    let mut bytes = Vec::new();
    while let Some(next) = timeout(PATIENCE, stream.next()).await.map_err(|_| too_slow())? {
        let piece = next.map_err(|_| too_slow())?;
        if bytes.len() + piece.len() > LARGEST {
            return Err(refused(CsvRefusal::TooLarge));
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

async fn drain(stream: &mut BodyDataStream) {
    while let Ok(Some(Ok(_))) = timeout(PATIENCE, stream.next()).await {}
}

fn refused(refusal: CsvRefusal) -> ApiError {
    let text = refusal.to_string();
    match refusal {
        CsvRefusal::TooLarge => ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", text),
        CsvRefusal::NoGoodLine { refused, count } => {
            let lines: Vec<_> = refused.into_iter().map(RefusedLineView::from).collect();
            not_a_directory(text).with("refused", json!(lines)).with("refused_count", count)
        }
        _ => not_a_directory(text),
    }
}

fn not_a_directory(text: String) -> ApiError {
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "not_a_directory", text)
}

fn too_slow() -> ApiError {
    ApiError::new(
        StatusCode::REQUEST_TIMEOUT,
        "too_slow",
        "L’envoi du fichier s’est interrompu. L’annuaire reste tel qu’il était\u{a0}; vérifiez votre connexion, puis réessayez.",
    )
}

fn busy() -> ApiError {
    ApiError::new(
        StatusCode::CONFLICT,
        "busy",
        "L’annuaire est en cours de remplacement par une autre copie. Attendez une minute, puis réessayez si la vôtre est \
         encore nécessaire.",
    )
}

#[cfg(test)]
mod tests {
    use super::super::testing::{CSV, with_a_directory};
    use super::*;
    use crate::testing::{Answer, Browser, COLLEAGUE, TestBox};
    use axum::{body::Bytes, http::Request};
    use futures_util::stream;
    use tabellion_domain::AuditEvent;

    async fn send(browser: &mut Browser, length: usize, body: Body) -> Answer {
        let request = Request::post(PATH)
            .header("x-tabellion", "1")
            .header("content-length", length)
            .header("cookie", browser.cookie.clone().unwrap_or_default());
        browser.send(request.body(body).unwrap()).await
    }

    async fn send_text(browser: &mut Browser, text: &str) -> Answer {
        send(browser, text.len(), Body::from(text.to_owned())).await
    }

    #[tokio::test]
    async fn a_file_takes_the_place_of_the_directory_and_says_which_lines_it_lost() {
        let test = TestBox::new().await;
        let mut claire = test.logged_in().await;
        let text = format!("{CSV}Notaire;;;;75001;Paris;\n");
        let imported = send_text(&mut claire, &text).await.is(StatusCode::OK);
        assert_eq!((&imported["entries"], &imported["refused_count"]), (&json!(3), &json!(1)));
        assert_eq!(imported["refused"][0]["line"], 5);
        assert_eq!(imported["absent"], json!([]));
        let state = claire.get("/api/directory/state").await.is(StatusCode::OK);
        assert_eq!((&state["copy"]["origin"], &state["copy"]["entries"]), (&json!("file"), &json!(3)));
        let found = claire.get("/api/directory?query=martin").await.is(StatusCode::OK);
        assert_eq!(found["items"][0]["name"], "<b>MARTIN</b> Luc", "a text like another");
        let event = AuditEvent::DirectoryReplaced {
            user: Some(test.claire),
            origin: "file".into(),
            entries: 3,
            refused: 1,
        };
        assert_eq!(test.journal().await.last(), Some(&event));
    }

    #[tokio::test]
    async fn what_cannot_be_taken_leaves_the_directory_as_it_was() {
        let test = with_a_directory().await;
        let mut claire = test.logged_in().await;
        send_text(&mut claire, "").await.refuses(422, "not_a_directory");
        send_text(&mut claire, "PK\u{3}\u{4}\0").await.refuses(422, "not_a_directory");
        let none =
            send_text(&mut claire, "CRPCEN;Office;Nom\n;;\n1;2\n").await.refuses(422, "not_a_directory");
        assert_eq!((&none["refused_count"], &none["refused"][0]["line"]), (&json!(1), &json!(3)));
        send(&mut claire, LARGEST + 1, Body::empty()).await.refuses(413, "too_large");
        let piece = Bytes::from(vec![b'a'; 1 << 20]);
        let endless = stream::iter((0..40).map(move |_| Ok::<_, std::io::Error>(piece.clone())));
        let request = claire.request("POST", PATH).body(Body::from_stream(endless)).unwrap();
        claire.send(request).await.refuses(413, "too_large");
        let broken = stream::iter([Ok(Bytes::from(CSV)), Err(std::io::Error::other("the line broke"))]);
        send(&mut claire, 2 * CSV.len(), Body::from_stream(broken)).await.refuses(408, "too_slow");
        let state = claire.get("/api/directory/state").await.is(StatusCode::OK);
        assert_eq!(
            (&state["copy"]["origin"], &state["copy"]["entries"]),
            (&json!("demonstration"), &json!(3))
        );
    }

    #[tokio::test]
    async fn nobody_but_an_administrator_replaces_it() {
        let test = with_a_directory().await;
        send_text(&mut test.browser(), CSV).await.refuses(401, "not_logged_in");
        send_text(&mut test.logged_in_as(COLLEAGUE).await, CSV).await.refuses(403, "not_administrator");
    }
}
