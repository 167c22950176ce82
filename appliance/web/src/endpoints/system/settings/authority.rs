use crate::{
    error::{ApiError, ErrorBody},
    login::Administrator,
    state::AppState,
};
use axum::{extract::State, http::header, response::IntoResponse};

/// The certificate of the box's own authority, to be imported into the office's machines; PEM.
#[utoipa::path(get, path = "/api/system/settings/authority", responses(
    (status = 200, body = String, content_type = "application/x-x509-ca-cert"),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_administrator", body = ErrorBody),
))]
pub(crate) async fn download(
    State(state): State<AppState>,
    _administrator: Administrator,
) -> Result<impl IntoResponse, ApiError> {
    let pem = state.machinery.authority(state.clock.now()).map_err(|error| ApiError::internal(&error))?;
    let headers = [
        (header::CONTENT_TYPE, "application/x-x509-ca-cert"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"autorite-tabellion.crt\""),
    ];
    Ok((headers, pem))
}
