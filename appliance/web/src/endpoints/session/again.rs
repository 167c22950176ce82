use super::{LoginTurns, create::password_is_right, throttle::Subjects};
use crate::{error::ApiError, state::AppState};
use axum::{
    Extension, RequestPartsExt,
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
};
use tabellion_domain::AuditEvent;
use tabellion_store::User;

/// The password once more, before something that cannot be undone or that shows a secret: whoever found an open page is not
/// asked in vain. Guesses are slowed down as those at a login, but counted by themselves: whoever guesses at the login holds up nobody
/// who is logged in.
pub(crate) struct PasswordAgain {
    turns: LoginTurns,
}

impl FromRequestParts<AppState> for PasswordAgain {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, ApiError> {
        let Extension(turns) =
            parts.extract::<Extension<LoginTurns>>().await.map_err(|error| ApiError::internal(&error))?;
        Ok(Self { turns })
    }
}

impl PasswordAgain {
    /// # Errors
    /// 422 where it is another one, 429 while slowed down.
    pub(crate) async fn check(
        &self,
        state: &AppState,
        user: &User,
        password: String,
    ) -> Result<(), ApiError> {
        let _turn = self.turns.take().await;
        let subjects = Subjects::of_owner(user.id);
        subjects.check(state).await?;
        if password_is_right(password, Some(user)).await? {
            return subjects.name_is_right(state).await;
        }
        subjects.failed(state).await?;
        let event = AuditEvent::PasswordRefused { user: Some(user.id) };
        state.store.append_audit(event, state.clock.now()).await?;
        Err(ApiError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "wrong_password",
            "Le mot de passe est incorrect. Vérifiez-le, puis réessayez.",
        )
        .with("field", "password"))
    }
}
