use super::LoginTurns;
use crate::{
    error::{ApiError, ErrorBody},
    login::HalfLoggedIn,
    state::AppState,
};
use axum::{Extension, Json, extract::State, http::StatusCode};
use serde::Serialize;
use tabellion_domain::{SMS_CODE_VALIDITY, SMS_RESEND_DELAY, SmsCode};
use tabellion_post::{Sms, texts};
use utoipa::ToSchema;

/// That a code is under way.
#[derive(Serialize, ToSchema)]
pub(crate) struct SmsSent {
    /// When another one may be asked for (AUTH-03).
    resend_after_seconds: i64,
}

/// Sends a code by SMS, or another one.
#[utoipa::path(post, path = "/api/session/sms", responses(
    (status = 202, body = SmsSent),
    (status = 401, description = "no_login_in_progress", body = ErrorBody),
    (status = 409, description = "no_mobile, no_gateway", body = ErrorBody),
    (status = 429, description = "too_many_attempts", body = ErrorBody),
))]
pub(crate) async fn send(
    State(state): State<AppState>,
    Extension(turns): Extension<LoginTurns>,
    half: HalfLoggedIn,
) -> Result<(StatusCode, Json<SmsSent>), ApiError> {
    if !state.config.sms {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            "no_gateway",
            "Cette boîte n’envoie pas de SMS. Utilisez votre application d’authentification.",
        ));
    }
    let Some(to) = half.user.mobile else {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            "no_mobile",
            "Aucun téléphone mobile n’est enregistré pour votre compte. Utilisez votre application \
             d’authentification, ou demandez à l’administrateur de l’office d’ajouter votre numéro.",
        ));
    };
    // One at a time: two requests at once would both find that none was sent lately.
    let _turn = turns.take().await;
    let now = state.clock.now();
    if let Some(wait) = state.store.sms_code(half.user.id).await?.and_then(|code| code.resend_delay(now)) {
        let wait = wait.try_into().unwrap_or_default();
        return Err(ApiError::too_many("Un code vient de vous être envoyé.", wait));
    }
    let (code, digits) = SmsCode::draw(state.entropy.as_ref(), now);
    let sms = Sms { to, text: texts::login_code(&digits), not_after: Some(now + SMS_CODE_VALIDITY) };
    state.store.send_sms_code(half.user.id, code, sms.payload(), now).await?;
    Ok((StatusCode::ACCEPTED, Json(SmsSent { resend_after_seconds: SMS_RESEND_DELAY.whole_seconds() })))
}

#[cfg(test)]
mod tests {
    use crate::testing::{PASSWORD, TestBox};
    use axum::http::StatusCode;
    use serde_json::json;
    use tabellion_domain::Clock;
    use tabellion_store::OutboxKind;
    use time::Duration;

    #[tokio::test]
    async fn a_code_by_sms_opens_the_espace_client_once() {
        let test = TestBox::new().await;
        let mut browser = test.browser();
        browser.password(PASSWORD).await.is(StatusCode::OK);
        let sent = browser.post("/api/session/sms", json!({})).await.is(StatusCode::ACCEPTED);
        assert_eq!(sent, json!({ "resend_after_seconds": 60 }));
        let code = test.sms().await;
        browser.code("sms", &code).await.is(StatusCode::OK);
        let mut second = test.browser();
        second.password(PASSWORD).await.is(StatusCode::OK);
        second.code("sms", &code).await.refuses(401, "used_code");
    }

    #[tokio::test]
    async fn another_sms_may_be_asked_for_after_a_minute_and_replaces_the_first() {
        let test = TestBox::new().await;
        let mut browser = test.browser();
        browser.password(PASSWORD).await.is(StatusCode::OK);
        browser.post("/api/session/sms", json!({})).await.is(StatusCode::ACCEPTED);
        let first = test.sms().await;
        test.clock.advance(Duration::seconds(20));
        let early = browser.post("/api/session/sms", json!({})).await.refuses(429, "too_many_attempts");
        assert_eq!(early["retry_after_seconds"], 40);
        test.clock.advance(Duration::seconds(40));
        browser.post("/api/session/sms", json!({})).await.is(StatusCode::ACCEPTED);
        assert_ne!(test.sms().await, first);
        browser.code("sms", &first).await.refuses(401, "bad_code");
    }

    #[tokio::test]
    async fn a_code_expires() {
        let test = TestBox::new().await;
        let mut browser = test.browser();
        browser.password(PASSWORD).await.is(StatusCode::OK);
        browser.post("/api/session/sms", json!({})).await.is(StatusCode::ACCEPTED);
        let code = test.sms().await;
        test.clock.advance(Duration::minutes(9));
        browser.password(PASSWORD).await.is(StatusCode::OK);
        test.clock.advance(Duration::minutes(1));
        browser.code("sms", &code).await.refuses(401, "expired_code");
    }

    #[tokio::test]
    async fn only_a_login_in_progress_gets_an_sms() {
        let test = TestBox::new().await;
        test.browser().post("/api/session/sms", json!({})).await.refuses(401, "no_login_in_progress");
        let mut inside = test.logged_in().await;
        inside.post("/api/session/sms", json!({})).await.refuses(401, "no_login_in_progress");
    }

    #[tokio::test]
    async fn a_box_without_gateway_promises_no_sms() {
        let test = TestBox::of(|config| config.sms = false).await;
        let mut browser = test.browser();
        browser.password(PASSWORD).await.is(StatusCode::OK);
        browser.post("/api/session/sms", json!({})).await.refuses(409, "no_gateway");
        let waiting = test.state.store.outbox_due(OutboxKind::Sms, test.clock.now()).await.unwrap();
        assert!(waiting.is_empty(), "and leaves none behind");
    }
}
