use crate::{
    error::{ApiError, ErrorBody},
    login::Administrator,
    state::AppState,
};
use axum::{extract::State, http::header, response::IntoResponse};
use tabellion_domain::{
    orders::orders_csv,
    settings::{OfficeSettings, Settings},
};
use tabellion_system::Zone;
use time::UtcOffset;

/// All orders as a CSV file for whoever bills; what spreadsheets read, with the dates of the office's time zone.
#[utoipa::path(get, path = "/api/orders/export", responses(
    (status = 200, body = String, content_type = "text/csv"),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_administrator", body = ErrorBody),
))]
pub(crate) async fn export(
    State(state): State<AppState>,
    _administrator: Administrator,
) -> Result<impl IntoResponse, ApiError> {
    let Settings { time, .. } = state.settings().await?;
    // A zone whose rules are not there: UTC is better than no file.
    let zone = tokio::task::spawn_blocking(move || Zone::load(&time.zone).ok())
        .await
        .map_err(|error| ApiError::internal(&error))?;
    let office = OfficeSettings {
        name: state.config.office.name.clone(),
        crpcen: state.config.office.crpcen.clone(),
        ..OfficeSettings::default()
    };
    let orders = state.store.orders().await?;
    let csv =
        orders_csv(&orders, &office, |at| zone.as_ref().map_or(UtcOffset::UTC, |zone| zone.offset_at(at)));
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"commandes.csv\""),
    ];
    Ok((headers, csv))
}
