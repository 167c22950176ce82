use crate::error::ApiError;
use axum::{
    extract::Request,
    http::{HeaderMap, Method, StatusCode, header},
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

/// For WebSockets, which browsers do not apply CORS to: whose page it is has to be looked at here. Who is no browser names none.
///
/// # Errors
/// 403: the page comes from elsewhere.
pub(crate) fn refuse_foreign_origin(headers: &HeaderMap) -> Result<(), ApiError> {
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    if origin.is_none_or(|origin| same_host(origin, headers)) {
        return Ok(());
    }
    Err(ApiError::new(
        StatusCode::FORBIDDEN,
        "foreign_page",
        "Cette connexion ne vient pas des pages de la boîte.",
    ))
}

fn same_host(origin: &str, headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    origin.strip_prefix("https://").is_some_and(|authority| Some(authority) == host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_connect() {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, "box:8443".parse().unwrap());
        assert!(same_host("https://box:8443", &headers));
        for origin in ["https://elsewhere", "http://box:8443", "https://box:8443.evil", "null"] {
            assert!(!same_host(origin, &headers), "{origin}");
        }
    }
}
