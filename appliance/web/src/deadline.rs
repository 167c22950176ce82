use crate::{
    endpoints::{directory::import, system::updates::upload},
    error::ApiError,
};
use axum::{
    extract::Request,
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::time::Duration;

/// A request is read and answered within this; a body that trickles in byte by byte does not hold its connection.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) async fn keep(request: Request, next: Next) -> Response {
    if matches!(request.uri().path(), upload::PATH | import::PATH) {
        // They keep deadlines of their own, once they know who sends.
        return next.run(request).await;
    }
    match tokio::time::timeout(PATIENCE, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::new(
            StatusCode::REQUEST_TIMEOUT,
            "too_slow",
            "La demande n’a pas abouti à temps. Vérifiez votre connexion, puis réessayez.",
        )
        .into_response(),
    }
}
