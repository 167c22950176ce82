//! In whose name the service is given (AUTH-06): its name, logo and colour, whom its users turn to, and its legal texts. All of it is
//! for everybody, also before a login: it is there that somebody is in difficulty.

use crate::{error::ApiError, state::AppState};
use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Serialize;
use tabellion_domain::settings::Accent;
use utoipa::ToSchema;

/// Asked for each time: whoever has chosen another colour sees it at once.
const CACHED: &str = "private, no-cache";

/// Who gives the service.
#[derive(Serialize, ToSchema)]
pub(crate) struct BrandView {
    /// Its name.
    service: String,
    /// Where its logo is; null without one.
    logo: Option<&'static str>,
    /// Whether there are «CGV».
    terms: bool,
    /// Whether there is a text on «Responsabilité».
    responsibility: bool,
    /// Whom its users turn to.
    support: SupportContact,
}

/// The support; what is empty is not shown.
#[derive(Serialize, ToSchema)]
pub(crate) struct SupportContact {
    /// Its name.
    name: String,
    /// Its telephone number.
    phone: String,
    /// Its mail address.
    email: String,
    /// Its opening hours.
    hours: String,
}

/// The legal texts, plain text: paragraphs with empty lines between them.
#[derive(Serialize, ToSchema)]
pub(crate) struct LegalView {
    /// «CGV»; may be empty.
    terms: String,
    /// «Responsabilité»; may be empty.
    responsibility: String,
}

/// Who gives the service, and whom to turn to.
#[utoipa::path(get, path = "/api/brand", responses((status = 200, body = BrandView)))]
pub(crate) async fn show(State(state): State<AppState>) -> Json<BrandView> {
    let office = &state.config.office;
    let brand = &office.brand;
    Json(BrandView {
        service: brand.service.clone(),
        logo: (!brand.logo.is_empty()).then_some("/brand/logo.svg"),
        terms: !brand.terms.is_empty(),
        responsibility: !brand.responsibility.is_empty(),
        support: SupportContact {
            name: office.support_name.clone(),
            phone: office.support_phone.clone(),
            email: office.support_email.clone(),
            hours: office.support_hours.clone(),
        },
    })
}

/// «Nos CGV» and «Responsabilité».
#[utoipa::path(get, path = "/api/brand/legal", responses((status = 200, body = LegalView)))]
pub(crate) async fn legal(State(state): State<AppState>) -> Json<LegalView> {
    let brand = &state.config.office.brand;
    Json(LegalView { terms: brand.terms.clone(), responsibility: brand.responsibility.clone() })
}

/// What pages load beside their own files.
pub(crate) fn files() -> Router<AppState> {
    Router::new().route("/brand.css", get(style)).route("/brand/logo.svg", get(logo))
}

async fn style(State(state): State<AppState>) -> Response {
    let headers = [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, CACHED)];
    (headers, stylesheet(state.config.office.brand.accent)).into_response()
}

async fn logo(State(state): State<AppState>) -> Response {
    let logo = &state.config.office.brand.logo;
    if logo.is_empty() {
        return ApiError::new(StatusCode::NOT_FOUND, "unknown", "Ce service n’a pas de logo.")
            .into_response();
    }
    let headers = [(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, CACHED)];
    (headers, logo.clone()).into_response()
}

/// The colours that `tokens.css` asks for, in both themes: no page holds a style of its own, which the content policy forbids.
fn stylesheet(accent: Accent) -> String {
    format!(
        ":root {{\n  --brand: {accent};\n  --brand-strong: {};\n  --brand-ground: {};\n  --brand-on-dark: {};\n  \
         --brand-on-dark-strong: {};\n}}\n",
        accent.strong(),
        accent.ground(),
        accent.on_dark(),
        accent.on_dark_strong()
    )
}

#[cfg(test)]
mod tests {
    use crate::testing::TestBox;
    use axum::http::{StatusCode, header};
    use serde_json::json;
    use tabellion_domain::settings::Accent;

    #[tokio::test]
    async fn everybody_sees_who_gives_the_service_and_whom_to_turn_to() {
        let test = TestBox::of(|config| {
            config.office.brand.service = "Visio des offices".to_owned();
            config.office.brand.accent = Accent::new("#7a1f2b").unwrap();
            config.office.brand.logo = "<svg></svg>".to_owned();
            config.office.brand.terms = "Article 1".to_owned();
        })
        .await;
        let mut browser = test.browser();
        let brand = browser.get("/api/brand").await.is(StatusCode::OK);
        let support = json!({
            "name": "Support", "phone": "01 00 00 00 00", "email": "support@tabellion.test",
            "hours": "Du lundi au vendredi, de 9 h à 18 h",
        });
        let expected = json!({
            "service": "Visio des offices", "logo": "/brand/logo.svg", "terms": true, "responsibility": false,
            "support": support,
        });
        assert_eq!(brand, expected);
        let legal = browser.get("/api/brand/legal").await.is(StatusCode::OK);
        assert_eq!(legal, json!({ "terms": "Article 1", "responsibility": "" }));
        let style = browser.get("/brand.css").await;
        assert_eq!(style.headers[header::CONTENT_TYPE], "text/css; charset=utf-8");
        assert!(style.text.contains("--brand: #7a1f2b;") && style.text.contains("--brand-on-dark: #"));
        let logo = browser.get("/brand/logo.svg").await;
        assert_eq!((logo.status, logo.text.as_str()), (StatusCode::OK, "<svg></svg>"));
        assert!(
            logo.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().starts_with("default-src 'none'")
        );
    }

    #[tokio::test]
    async fn a_service_without_a_logo_has_none() {
        let mut browser = TestBox::new().await.browser();
        assert_eq!(browser.get("/api/brand").await.is(StatusCode::OK)["logo"], json!(null));
        browser.get("/brand/logo.svg").await.refuses(404, "unknown");
    }
}
