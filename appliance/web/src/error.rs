use axum::{
    Json,
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::time::Duration;
use tabellion_domain::account::FieldFault;
use tabellion_store::StoreError;
use tracing::error;
use utoipa::ToSchema;

/// What goes wrong, as the pages read it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ErrorBody {
    /// The error.
    pub error: ErrorView,
}

/// One error.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ErrorView {
    /// For the program.
    pub code: String,
    /// For the user, in French: what happened, and what to do.
    pub message: String,
    /// What belongs to it: `field`, `attempts_left`, `retry_after_seconds`.
    #[serde(flatten)]
    pub details: Map<String, Value>,
}

/// An answer that is not what was asked for.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    details: Map<String, Value>,
}

impl ApiError {
    /// An error without details.
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), details: Map::new() }
    }

    #[cfg(test)]
    pub(crate) fn code(&self) -> &'static str {
        self.code
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }

    /// 422: a field cannot be accepted.
    pub(crate) fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", message).with("field", field)
    }

    /// 422: fields cannot be accepted, each with what is wrong with it.
    pub(crate) fn faults(faults: &[FieldFault]) -> Self {
        let faults: Vec<_> = faults
            .iter()
            .map(|FieldFault { field, message }| json!({ "field": field, "message": message }))
            .collect();
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid",
            "Certains champs sont à corriger. Voyez ce qui est écrit à côté de chacun, puis réessayez.",
        )
        .with("faults", faults)
    }

    /// 429: slowed down.
    pub(crate) fn too_many(message: &str, retry_after: Duration) -> Self {
        let seconds = retry_after.as_millis().div_ceil(1000).max(1);
        let seconds = u64::try_from(seconds).unwrap_or(u64::MAX);
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", format!("{message} {}.", wait(seconds)))
            .with("retry_after_seconds", seconds)
    }

    /// 500: this box's fault. The cause is logged, not told.
    pub(crate) fn internal(cause: &dyn std::fmt::Display) -> Self {
        error!(%cause, "a request failed by this box's fault");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "La boîte a rencontré une erreur. Réessayez\u{a0}; si cela persiste, prévenez le support.",
        )
    }
}

/// «Réessayez dans 2 minutes».
fn wait(seconds: u64) -> String {
    match seconds {
        1 => "Réessayez dans 1 seconde".to_owned(),
        2..120 => format!("Réessayez dans {seconds} secondes"),
        _ => format!("Réessayez dans {} minutes", seconds.div_ceil(60)),
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::CodeMissing => Self::invalid(
                "code",
                "Saisissez un code de sécurité, ou décochez «\u{a0}Code de sécurité\u{a0}».",
            ),
            StoreError::AccountEnded => Self::new(
                StatusCode::UNAUTHORIZED,
                "not_logged_in",
                "Votre compte n’est plus actif. Adressez-vous à un administrateur de l’office.",
            ),
            full if full.is_full() => {
                error!(cause = %full, "the disk is full");
                Self::new(
                    StatusCode::INSUFFICIENT_STORAGE,
                    "no_room",
                    "La boîte n’a plus de place pour enregistrer cette demande. Rien n’a été perdu\u{a0}; prévenez le support.",
                )
            }
            other => Self::internal(&other),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let retry = self.details.get("retry_after_seconds").and_then(Value::as_u64);
        let error = ErrorView { code: self.code.to_owned(), message: self.message, details: self.details };
        let mut response = (self.status, Json(json!(ErrorBody { error }))).into_response();
        if let Some(seconds) = retry {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
