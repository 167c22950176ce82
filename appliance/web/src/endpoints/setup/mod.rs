//! The set-up page of a box without settings. Each request carries the one-time code: there is nothing to log in to yet, and
//! a code that is replaced closes the door at once.

pub(crate) mod apply;
pub(crate) mod confirm;
pub(crate) mod open;
pub(crate) mod show;
#[cfg(test)]
mod tests;

use super::{health, not_done_so, unknown};
use crate::{error::ApiError, setup::SetupState};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::StatusCode,
    routing::{get, post},
};

/// Largest request body in bytes: a set-up file with certificates has some kB.
const LARGEST_BODY: usize = 512 * 1024;

pub(crate) fn router() -> Router<SetupState> {
    Router::new()
        .route("/health", get(health::health))
        .route("/setup", get(show::show).post(apply::apply))
        .route("/setup/code", post(open::open))
        .route("/setup/confirmation", post(confirm::confirm))
        .fallback(unknown)
        .method_not_allowed_fallback(not_done_so)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
}

fn set_up_already() -> ApiError {
    let message = "Cette boîte vient d’être mise en service. Rechargez la page pour vous identifier.";
    ApiError::new(StatusCode::CONFLICT, "set_up_already", message)
}
