use crate::error::ApiError;
use axum::{
    extract::Request,
    http::{Method, StatusCode},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// A header that only our own pages send: a foreign page's form cannot set it, and a foreign script would need a
/// permission (CORS) that is never given. Besides the cookie's `SameSite=Strict`.
const HEADER: &str = "x-tabellion";

pub(crate) async fn require_header(request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if reads || request.headers().contains_key(HEADER) {
        return next.run(request).await;
    }
    ApiError::new(StatusCode::FORBIDDEN, "foreign_page", "Cette demande ne vient pas des pages de la boîte.")
        .into_response()
}
