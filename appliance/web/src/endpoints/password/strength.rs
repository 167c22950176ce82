use super::judged;
use crate::{
    error::{ApiError, ErrorBody},
    extract::JsonBody,
    login::{HalfLoggedIn, not_logged_in},
    state::AppState,
};
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use tabellion_domain::{SessionStage, account::PasswordLink, password::LONGEST};
use utoipa::ToSchema;

/// A password that is being typed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TypedPassword {
    /// So far.
    password: String,
    /// Of a link, where it is chosen by one.
    token: Option<String>,
}

/// What is thought of a password.
#[derive(Serialize, ToSchema)]
pub(crate) struct PasswordVerdict {
    /// How hard it is to guess, 0 to 4; from 3 on it is taken.
    strength: u8,
    /// What is wrong, and what to do, in French; none where it is taken.
    message: Option<String>,
}

/// How hard a password is to guess, while it is typed: by the rule that decides later, with what the box knows of its user.
#[utoipa::path(post, path = "/api/password/strength", request_body = TypedPassword, responses(
    (status = 200, body = PasswordVerdict),
    (status = 401, description = "not_logged_in", body = ErrorBody),
))]
pub(crate) async fn judge(
    State(state): State<AppState>,
    half: Option<HalfLoggedIn>,
    JsonBody(TypedPassword { password, token }): JsonBody<TypedPassword>,
) -> Result<Json<PasswordVerdict>, ApiError> {
    let user = match token {
        Some(token) => state.store.owner_of_link(PasswordLink::hash(&token), state.clock.now()).await?,
        None => half.filter(|half| half.stage != SessionStage::SecondFactor).map(|half| half.user),
    };
    let user = user.ok_or_else(not_logged_in)?;
    // Longer ones are refused whatever they are.
    let looked_at: String = password.chars().take(LONGEST + 1).collect();
    let (strength, message) = judged(&state, &user, &looked_at);
    Ok(Json(PasswordVerdict { strength, message }))
}

#[cfg(test)]
mod tests {
    use crate::testing::{COLLEAGUE, TestBox};
    use axum::http::StatusCode;
    use serde_json::json;

    const PATH: &str = "/api/password/strength";

    #[tokio::test]
    async fn the_page_says_what_the_box_will_say() {
        let test = TestBox::new().await;
        let mut claire = test.logged_in().await;
        let verdict = claire.post(PATH, json!({ "password": "ClaireMoreau" })).await.is(StatusCode::OK);
        assert!(verdict["strength"].as_u64().unwrap() < 3, "{verdict}");
        assert!(verdict["message"].as_str().unwrap().contains("votre nom"), "{verdict}");
        let good = json!({ "password": "cheval agrafe pile correct" });
        let verdict = claire.post(PATH, good.clone()).await.is(StatusCode::OK);
        assert_eq!(verdict, json!({ "strength": 4, "message": null }));
        test.browser().post(PATH, good.clone()).await.refuses(401, "not_logged_in");
        let mut half = test.browser();
        half.password_of(COLLEAGUE).await.is(StatusCode::OK);
        half.post(PATH, good).await.refuses(401, "not_logged_in");
    }
}
