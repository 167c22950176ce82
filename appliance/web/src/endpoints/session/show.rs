use super::view::SessionView;
use crate::{
    error::{ApiError, ErrorBody},
    login::{HalfLoggedIn, not_logged_in},
    state::AppState,
};
use axum::{Json, extract::State};
use tabellion_domain::SessionStage;

/// Who is logged in, or would be with a password of their own.
#[utoipa::path(get, path = "/api/session", responses(
    (status = 200, body = SessionView),
    (status = 401, description = "not_logged_in", body = ErrorBody),
))]
pub(crate) async fn show(
    State(state): State<AppState>,
    half: Option<HalfLoggedIn>,
) -> Result<Json<SessionView>, ApiError> {
    match half {
        Some(half) if half.stage != SessionStage::SecondFactor => {
            Ok(Json(SessionView::new(&half.user, &state.config)))
        }
        _ => Err(not_logged_in()),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::TestBox;
    use axum::http::StatusCode;
    use time::Duration;

    #[tokio::test]
    async fn a_session_lasts_while_it_is_used_but_no_longer_than_a_day_of_work() {
        let test = TestBox::new().await;
        let mut browser = test.logged_in().await;
        for _ in 0..24 {
            test.clock.advance(Duration::minutes(29));
            browser.get("/api/session").await.is(StatusCode::OK);
        }
        test.clock.advance(Duration::minutes(29));
        browser.get("/api/session").await.refuses(401, "not_logged_in");
    }

    #[tokio::test]
    async fn a_session_that_is_left_alone_ends() {
        let test = TestBox::new().await;
        let mut browser = test.logged_in().await;
        browser.get("/api/session").await.is(StatusCode::OK);
        test.clock.advance(Duration::minutes(30));
        browser.get("/api/session").await.refuses(401, "not_logged_in");
    }

    #[tokio::test]
    async fn a_cookie_that_was_made_up_opens_nothing() {
        let test = TestBox::new().await;
        let mut browser = test.browser();
        for cookie in ["__Host-tabellion=", "__Host-tabellion=AAAA", "tabellion=AAAA", "\u{1}"] {
            browser.cookie = Some(cookie.replace('\u{1}', ";;;="));
            browser.get("/api/session").await.refuses(401, "not_logged_in");
        }
    }
}
