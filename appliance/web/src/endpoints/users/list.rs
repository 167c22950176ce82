use super::view::AccountView;
use crate::{
    endpoints::orders::view::LicencesView,
    error::{ApiError, ErrorBody},
    login::Administrator,
    state::AppState,
};
use axum::{Json, extract::State};
use serde::Serialize;
use tabellion_domain::settings::{Brand, Settings};
use utoipa::ToSchema;

/// The users of the office, and what making another one needs.
#[derive(Serialize, ToSchema)]
pub(crate) struct UsersView {
    /// All of them, in the order in which they were made.
    users: Vec<AccountView>,
    /// What is used and what is left.
    licences: LicencesView,
    /// «Nos CGV».
    terms: LegalTextView,
    /// «Responsabilité».
    liability: LegalTextView,
    /// Whether orders are sent by mail; they are exported and handed over otherwise.
    orders_are_mailed: bool,
}

/// A text that is agreed to.
#[derive(Serialize, ToSchema)]
pub(crate) struct LegalTextView {
    /// Whether there is one; there is the pages' own neutral text otherwise.
    given: bool,
    /// What an agreement names.
    version: String,
}

impl LegalTextView {
    pub(super) fn of(text: &str) -> Self {
        Self { given: !text.is_empty(), version: Brand::version(text) }
    }

    pub(super) fn version(self) -> String {
        self.version
    }
}

/// The office's users.
#[utoipa::path(get, path = "/api/users", responses(
    (status = 200, body = UsersView),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_administrator", body = ErrorBody),
))]
pub(crate) async fn list(
    State(state): State<AppState>,
    _administrator: Administrator,
) -> Result<Json<UsersView>, ApiError> {
    let Settings { brand, billing, .. } = state.settings().await?;
    let users = state.store.users().await?;
    Ok(Json(UsersView {
        users: users.into_iter().map(AccountView::of).collect::<Result<_, _>>()?,
        licences: state.store.licences().await?.into(),
        terms: LegalTextView::of(&brand.terms),
        liability: LegalTextView::of(&brand.responsibility),
        orders_are_mailed: billing.email.is_some(),
    }))
}

#[cfg(test)]
mod tests {
    use crate::testing::{COLLEAGUE, TestBox};
    use axum::http::StatusCode;
    use serde_json::json;

    #[tokio::test]
    async fn administrators_see_all_users_with_their_rights_and_no_secret() {
        let test = TestBox::new().await;
        let answer = test.logged_in().await.get("/api/users").await;
        assert!(!answer.text.contains("argon2") && !answer.text.contains("JBSWY3"), "{}", answer.text);
        let view = answer.is(StatusCode::OK);
        let logins: Vec<_> =
            view["users"].as_array().unwrap().iter().map(|user| user["login"].clone()).collect();
        assert_eq!(logins, ["claire.moreau", "without.factor", "mobile.only", "julien.petit"]);
        assert_eq!(view["users"][0]["created_at"], "2026-11-23T12:00:00Z");
        assert_eq!(view["users"][3]["rights"]["administrator"], false);
        assert_eq!(view["licences"], json!({ "owned": 5, "used": 4, "left": 1 }));
        assert_eq!(view["terms"], json!({ "given": false, "version": "neutral-1" }));
    }

    /// USER-07: by hand, as no page of theirs would.
    #[tokio::test]
    async fn nobody_else_sees_or_does_any_of_it() {
        let test = TestBox::new().await;
        let mut julien = test.logged_in_as(COLLEAGUE).await;
        let before = test.state.store.users().await.unwrap();
        let lines = test.journal().await.len();
        for (browser, status, code) in
            [(&mut test.browser(), 401, "not_logged_in"), (&mut julien, 403, "not_administrator")]
        {
            for path in ["/api/users", "/api/orders", "/api/orders/export"] {
                browser.get(path).await.refuses(status, code);
            }
            browser.post("/api/users", json!({})).await.refuses(status, code);
            browser.patch("/api/users/1", json!({})).await.refuses(status, code);
            browser.post("/api/users/1/credentials", json!({})).await.refuses(status, code);
            browser.post("/api/users/deletion", json!({ "ids": [1] })).await.refuses(status, code);
            browser.post("/api/orders/licences", json!({ "count": 1 })).await.refuses(status, code);
            browser.post("/api/orders/handover", json!({ "last": 9 })).await.refuses(status, code);
        }
        assert_eq!(test.state.store.users().await.unwrap(), before);
        assert_eq!(test.journal().await.len(), lines);
    }
}
