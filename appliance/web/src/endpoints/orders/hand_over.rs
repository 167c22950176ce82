use crate::{
    endpoints::users::refused,
    error::{ApiError, ErrorBody},
    extract::JsonBody,
    login::Administrator,
    state::AppState,
};
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What an administrator has handed over.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HandedOver {
    /// The newest order in the file that was handed over.
    last: i64,
}

/// How many orders are marked.
#[derive(Serialize, ToSchema)]
pub(crate) struct OrdersMarked {
    /// Those that no mail carries and that were not marked before.
    orders: u64,
}

/// Marks orders as handed over to whoever bills.
#[utoipa::path(post, path = "/api/orders/handover", request_body = HandedOver, responses(
    (status = 200, body = OrdersMarked),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_administrator", body = ErrorBody),
))]
pub(crate) async fn hand_over(
    State(state): State<AppState>,
    Administrator { user }: Administrator,
    JsonBody(HandedOver { last }): JsonBody<HandedOver>,
) -> Result<Json<OrdersMarked>, ApiError> {
    let marked = state.store.hand_orders_over(last, user.id, state.clock.now()).await?;
    Ok(Json(OrdersMarked { orders: marked.map_err(refused)? }))
}

#[cfg(test)]
mod tests {
    use crate::testing::TestBox;
    use axum::http::{StatusCode, header};
    use serde_json::json;
    use tabellion_domain::AuditEvent;

    #[tokio::test]
    async fn without_a_mail_address_orders_are_exported_and_handed_over() {
        let test = TestBox::new().await;
        let mut claire = test.logged_in().await;
        for count in [1, 2] {
            claire.post("/api/orders/licences", json!({ "count": count })).await.is(StatusCode::CREATED);
        }
        let file = claire.get("/api/orders/export").await;
        assert_eq!(file.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8");
        assert!(file.headers[header::CONTENT_DISPOSITION].to_str().unwrap().starts_with("attachment"));
        let rows: Vec<_> = file.text.trim_start_matches('\u{feff}').lines().collect();
        assert_eq!((file.status, rows.len()), (StatusCode::OK, 3));
        // Noon in Greenwich, and a login or two later.
        assert!(
            rows[1].starts_with("\"2\";\"2026-11-23 13:0") && rows[1].contains("\"à transmettre\""),
            "{}",
            rows[1]
        );
        let marked = claire.post("/api/orders/handover", json!({ "last": 1 })).await.is(StatusCode::OK);
        assert_eq!(marked["orders"], 1);
        let orders = claire.get("/api/orders").await.is(StatusCode::OK);
        let states: Vec<_> =
            orders["orders"].as_array().unwrap().iter().map(|one| one["delivery"].clone()).collect();
        assert_eq!(states, ["waiting", "handed_over"]);
        let event = AuditEvent::OrdersHandedOver { by: test.claire, orders: 1 };
        assert_eq!(test.journal().await.last(), Some(&event));
    }
}
