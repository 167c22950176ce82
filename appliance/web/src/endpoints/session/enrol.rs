use super::create::second_factors;
use crate::{
    error::{ApiError, ErrorBody},
    login::HalfLoggedIn,
    qr::QrView,
    state::AppState,
};
use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use tabellion_domain::Totp;
use utoipa::ToSchema;

/// What an authenticator application is told.
#[derive(Serialize, ToSchema)]
pub(crate) struct Enrolment {
    /// For its camera.
    qr: QrView,
    /// The same for a telephone that shows this page: its address opens the application.
    uri: String,
    /// For typing, base32.
    secret: String,
}

/// Shows the secret of an authenticator application that is to be the account's second factor (AUTH-03), where the
/// account has none that works. The account has it once its first code was right.
#[utoipa::path(post, path = "/api/session/authenticator", responses(
    (status = 200, body = Enrolment),
    (status = 401, description = "no_login_in_progress", body = ErrorBody),
    (status = 409, description = "already_enrolled", body = ErrorBody),
))]
pub(crate) async fn show(
    State(state): State<AppState>,
    half: HalfLoggedIn,
) -> Result<Json<Enrolment>, ApiError> {
    let totp = candidate(&state, &half).await?;
    let uri = totp.uri(&state.config.office.name, &half.user.login);
    Ok(Json(Enrolment { qr: QrView::of(&uri)?, uri, secret: totp.to_base32() }))
}

/// The secret that this login enrols; the same as long as the login lasts.
///
/// # Errors
/// The account has a second factor that works: another one is enrolled after giving it.
pub(super) async fn candidate(state: &AppState, half: &HalfLoggedIn) -> Result<Totp, ApiError> {
    if !second_factors(&half.user, state.config.sms).enrols() {
        return Err(already_enrolled());
    }
    let fresh = Totp::draw(state.entropy.as_ref()).to_base32();
    let kept = state.store.authenticator_candidate(half.session_hash, fresh).await?;
    let secret = kept.ok_or_else(already_enrolled)?;
    Totp::from_base32(&secret).map_err(|error| ApiError::internal(&error))
}

pub(super) fn already_enrolled() -> ApiError {
    ApiError::new(
        StatusCode::CONFLICT,
        "already_enrolled",
        "Votre compte a déjà un second facteur. Identifiez-vous de nouveau pour vous en servir.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        qr::tests::read,
        testing::{MOBILE_ONLY, PASSWORD, TestBox, WITHOUT_FACTOR},
    };
    use serde_json::json;

    const PATH: &str = "/api/session/authenticator";

    #[tokio::test]
    async fn the_qr_code_carries_the_office_the_login_and_the_secret() {
        let test = TestBox::new().await;
        let mut browser = test.browser();
        browser.password_of(WITHOUT_FACTOR).await.is(StatusCode::OK);
        let enrolment = browser.post(PATH, json!({})).await.is(StatusCode::OK);
        let secret = enrolment["secret"].as_str().unwrap();
        let uri = format!(
            "otpauth://totp/Office%20Notarial%20de%20la%20Place:without.factor?secret={secret}\
             &issuer=Office%20Notarial%20de%20la%20Place&algorithm=SHA1&digits=6&period=30"
        );
        assert_eq!(enrolment["uri"], uri);
        let (size, path) =
            (enrolment["qr"]["size"].as_u64().unwrap(), enrolment["qr"]["path"].as_str().unwrap());
        assert_eq!(read(size.try_into().unwrap(), path), uri);
        let again = browser.post(PATH, json!({})).await.is(StatusCode::OK);
        assert_eq!(again, enrolment, "a page that asks again shows what was scanned");
    }

    #[tokio::test]
    async fn each_login_enrols_a_secret_of_its_own() {
        let test = TestBox::new().await;
        let mut secrets = Vec::new();
        for _ in 0..2 {
            let mut browser = test.browser();
            browser.password_of(WITHOUT_FACTOR).await.is(StatusCode::OK);
            secrets.push(browser.post(PATH, json!({})).await.is(StatusCode::OK)["secret"].clone());
        }
        assert_ne!(secrets[0], secrets[1]);
    }

    #[tokio::test]
    async fn a_password_alone_enrols_nothing_beside_a_factor_that_works() {
        let test = TestBox::new().await;
        let mut browser = test.browser();
        browser.post(PATH, json!({})).await.refuses(401, "no_login_in_progress");
        browser.password(PASSWORD).await.is(StatusCode::OK);
        browser.post(PATH, json!({})).await.refuses(409, "already_enrolled");
        browser.password_of(MOBILE_ONLY).await.is(StatusCode::OK);
        browser.post(PATH, json!({})).await.refuses(409, "already_enrolled");
        let mut inside = test.logged_in().await;
        inside.post(PATH, json!({})).await.refuses(401, "no_login_in_progress");
        let without_gateway = TestBox::of(|config| config.sms = false).await;
        let mut browser = without_gateway.browser();
        browser.password_of(MOBILE_ONLY).await.is(StatusCode::OK);
        browser.post(PATH, json!({})).await.is(StatusCode::OK);
    }
}
