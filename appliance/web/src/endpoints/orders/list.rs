use super::view::{LicencesView, OrderView};
use crate::{
    error::{ApiError, ErrorBody},
    login::Administrator,
    state::AppState,
};
use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

/// What was ordered, and what the office has.
#[derive(Serialize, ToSchema)]
pub(crate) struct OrdersView {
    /// Newest first.
    orders: Vec<OrderView>,
    /// What is used and what is left.
    licences: LicencesView,
    /// Where orders are sent; none: they are exported and handed over.
    billing_email: Option<String>,
}

/// The office's orders and licences.
#[utoipa::path(get, path = "/api/orders", responses(
    (status = 200, body = OrdersView),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_administrator", body = ErrorBody),
))]
pub(crate) async fn list(
    State(state): State<AppState>,
    _administrator: Administrator,
) -> Result<Json<OrdersView>, ApiError> {
    let billing = state.settings().await?.billing;
    let orders = state.store.orders().await?;
    Ok(Json(OrdersView {
        orders: orders.into_iter().map(OrderView::of).collect::<Result<_, _>>()?,
        licences: state.store.licences().await?.into(),
        billing_email: billing.email.map(String::from),
    }))
}
