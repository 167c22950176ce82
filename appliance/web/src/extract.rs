//! Extractors whose refusals are errors like all others, in French, instead of the framework's plain English.

use crate::error::ApiError;
use axum::{
    extract::{
        FromRequest, FromRequestParts,
        rejection::{JsonRejection, PathRejection, QueryRejection},
    },
    http::StatusCode,
};
use tracing::debug;

/// A request's body.
#[derive(FromRequest)]
#[from_request(via(axum::Json), rejection(ApiError))]
pub(crate) struct JsonBody<T>(pub T);

/// What the address holds.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(ApiError))]
pub(crate) struct Path<T>(pub T);

/// What stands behind the address's question mark.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(ApiError))]
pub(crate) struct Query<T>(pub T);

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            return Self::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too_large",
                "Cette demande est trop longue. Raccourcissez votre saisie.",
            );
        }
        not_understood(&rejection)
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        not_understood(&rejection)
    }
}

impl From<PathRejection> for ApiError {
    fn from(rejection: PathRejection) -> Self {
        debug!(%rejection, "an address does not exist");
        Self::new(StatusCode::NOT_FOUND, "unknown", "Cette adresse n’existe pas.")
    }
}

/// Our own pages do not send such: an older page after an update, or someone else's program.
fn not_understood(rejection: &dyn std::fmt::Display) -> ApiError {
    debug!(%rejection, "a request is not understood");
    ApiError::new(
        StatusCode::BAD_REQUEST,
        "bad_request",
        "La boîte ne comprend pas cette demande. Rechargez la page, puis réessayez.",
    )
}
