//! What is asked of the firmware's programs, which run as root: files in a folder that their path units watch.

use crate::{error::ApiError, state::AppState};
use axum::http::StatusCode;
use serde::Serialize;
use std::{io::ErrorKind, path::PathBuf};

/// Asks for something: whole or not at all, for it is taken at once.
///
/// # Errors
/// 409 on a box without our firmware: a demonstration, or a trial on another system.
pub(super) async fn ask(state: &AppState, name: &str, what: &impl Serialize) -> Result<(), ApiError> {
    let (path, making) = (path(state, name), state.config.requests.join(format!("{name}.making")));
    let text = serde_json::to_vec(what).map_err(|error| ApiError::internal(&error))?;
    match tokio::fs::write(&making, text).await {
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(no_firmware()),
        written => written.map_err(|error| ApiError::internal(&error))?,
    }
    tokio::fs::rename(making, path).await.map_err(|error| ApiError::internal(&error))
}

pub(super) fn path(state: &AppState, name: &str) -> PathBuf {
    state.config.requests.join(format!("{name}.json"))
}

pub(super) fn no_firmware() -> ApiError {
    ApiError::new(
        StatusCode::CONFLICT,
        "no_firmware",
        "Cette machine n’a pas le micrologiciel de Tabellion\u{a0}: cela se fait dans son propre système.",
    )
}
