use crate::{
    error::ApiError,
    login::{self, HalfLoggedIn},
    state::AppState,
};
use axum::{extract::State, http::StatusCode};
use axum_extra::extract::CookieJar;
use tabellion_domain::{AuditEvent, SessionStage};

/// Signs out (AUTH-07). Without a session there is nothing to do, and that is no error.
#[utoipa::path(delete, path = "/api/session", responses((status = 204)))]
pub(crate) async fn delete(
    State(state): State<AppState>,
    half: Option<HalfLoggedIn>,
    jar: CookieJar,
) -> Result<(StatusCode, CookieJar), ApiError> {
    if let Some(half) = half {
        if half.stage == SessionStage::Full {
            state.store.append_audit(AuditEvent::LoggedOut { user: half.user.id }, state.clock.now()).await?;
        }
        state.store.delete_session(half.session_hash).await?;
    }
    Ok((StatusCode::NO_CONTENT, jar.add(login::no_cookie())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestBox;

    #[tokio::test]
    async fn whoever_signed_out_is_out_also_with_the_old_cookie() {
        let test = TestBox::new().await;
        let mut browser = test.logged_in().await;
        let cookie = browser.cookie.clone();
        browser.delete("/api/session").await.is(StatusCode::NO_CONTENT);
        assert_eq!(browser.cookie, None);
        browser.cookie = cookie;
        browser.get("/api/session").await.refuses(401, "not_logged_in");
        assert_eq!(test.journal().await.last(), Some(&AuditEvent::LoggedOut { user: test.claire }));
        test.browser().delete("/api/session").await.is(StatusCode::NO_CONTENT);
    }
}
