use super::{mail, view::LicencesView};
use crate::{
    endpoints::users::refused,
    error::{ApiError, ErrorBody},
    extract::JsonBody,
    login::Administrator,
    state::AppState,
};
use axum::{Json, extract::State, http::StatusCode};
use serde::Deserialize;
use tabellion_domain::licences_ordered;
use utoipa::ToSchema;

/// «Souscrire de nouvelles licences» (LIC-01).
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LicenceOrder {
    /// How many, 1 to 200.
    count: u32,
}

/// Orders licences: they are the office's at once, and whoever bills is told.
#[utoipa::path(post, path = "/api/orders/licences", request_body = LicenceOrder, responses(
    (status = 201, body = LicencesView),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_administrator", body = ErrorBody),
    (status = 422, description = "invalid", body = ErrorBody),
))]
pub(crate) async fn order(
    State(state): State<AppState>,
    Administrator { user }: Administrator,
    JsonBody(LicenceOrder { count }): JsonBody<LicenceOrder>,
) -> Result<(StatusCode, Json<LicencesView>), ApiError> {
    let count = licences_ordered(count).map_err(|error| ApiError::invalid("count", error.to_string()))?;
    let settings = state.settings().await?;
    let ordered = state.store.order_licences(count, user.id, mail(&state, &settings), state.clock.now());
    ordered.await?.map_err(refused)?;
    Ok((StatusCode::CREATED, Json(state.store.licences().await?.into())))
}

#[cfg(test)]
mod tests {
    use crate::testing::TestBox;
    use axum::http::StatusCode;
    use serde_json::json;
    use tabellion_domain::{
        AuditEvent,
        settings::{Author, BillingSettings, MailAddress, Settings},
    };
    use tabellion_store::OutboxKind;

    const PATH: &str = "/api/orders/licences";

    async fn with_a_biller() -> TestBox {
        let test = TestBox::new().await;
        let billing = BillingSettings { email: Some(MailAddress::new("facture@exemple.fr").unwrap()) };
        let settings = Settings { billing, ..Settings::default() };
        test.state
            .store
            .adopt_settings(settings, Author::Demonstration, test.state.clock.now())
            .await
            .unwrap();
        test
    }

    #[tokio::test]
    async fn an_order_counts_at_once_is_kept_and_goes_to_whoever_bills() {
        let test = with_a_biller().await;
        let mut claire = test.logged_in().await;
        let licences = claire.post(PATH, json!({ "count": 3 })).await.is(StatusCode::CREATED);
        assert_eq!(licences, json!({ "owned": 8, "used": 4, "left": 4 }));
        let (to, text) = test.last_mail().await;
        assert_eq!(to, "facture@exemple.fr");
        assert!(
            text.contains("Licences VisioConférence\u{a0}: 3") && text.contains("CRPCEN 99001"),
            "{text}"
        );
        let orders = claire.get("/api/orders").await.is(StatusCode::OK);
        let order = &orders["orders"][0];
        assert_eq!(
            (&order["kind"], &order["licences"], &order["delivery"]),
            (&json!("licences"), &json!(3), &json!("mailing"))
        );
        assert_eq!(order["by"], "Maître Claire Moreau");
        let mails = test.state.store.outbox_due(OutboxKind::Mail, test.state.clock.now()).await.unwrap();
        test.state.store.outbox_sent(mails[0].id, test.state.clock.now()).await.unwrap();
        let orders = claire.get("/api/orders").await.is(StatusCode::OK);
        assert_eq!(orders["orders"][0]["delivery"], "mailed");
        let handed = claire.post("/api/orders/handover", json!({ "last": 99 })).await.is(StatusCode::OK);
        assert_eq!(handed["orders"], 0, "a mail carries it");
        let event = AuditEvent::Ordered { order: 1, by: test.claire, what: "licences".to_owned() };
        assert!(test.journal().await.contains(&event));
    }

    #[tokio::test]
    async fn as_many_as_one_means() {
        let test = TestBox::new().await;
        let mut claire = test.logged_in().await;
        for count in [0, 201, u32::MAX] {
            let refused = claire.post(PATH, json!({ "count": count })).await.refuses(422, "invalid");
            assert_eq!(refused["field"], "count");
        }
        claire.post(PATH, json!({ "count": -1 })).await.refuses(400, "bad_request");
    }
}
