use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// That the control process answers.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// `ok`.
    status: &'static str,
    /// The release.
    version: &'static str,
}

/// Whether the box answers.
#[utoipa::path(get, path = "/api/health", responses((status = 200, body = Health)))]
pub(crate) async fn health() -> Json<Health> {
    Json(Health { status: "ok", version: env!("CARGO_PKG_VERSION") })
}

#[cfg(test)]
mod tests {
    use crate::testing::TestBox;

    #[tokio::test]
    async fn the_box_says_that_it_answers() {
        let health = TestBox::new().await.browser().get("/api/health").await.is(axum::http::StatusCode::OK);
        assert_eq!(health, serde_json::json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }));
    }
}
