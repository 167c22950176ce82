//! Passwords that users choose: at the first login, by a link after the former one was lost, or because they want another
//! (AUTH-05).

pub(crate) mod change;
pub(crate) mod link;
pub(crate) mod lost;
pub(crate) mod strength;

use crate::{error::ApiError, state::AppState};
use tabellion_domain::{account::FieldFault, password};
use tabellion_store::User;

/// Hashing takes its time of CPU: on a thread that is there to wait.
pub(crate) async fn hashed(state: &AppState, password: String) -> Result<String, ApiError> {
    let entropy = state.entropy.clone();
    let hash = tokio::task::spawn_blocking(move || password::hash(&password, entropy.as_ref()));
    hash.await.map_err(|error| ApiError::internal(&error))?.map_err(|error| ApiError::internal(&error))
}

/// What is thought of a password for this user: how hard it is to guess, 0 to 4, and why it is not taken.
fn judged(state: &AppState, user: &User, password: &str) -> (u8, Option<String>) {
    let about = [&user.first_name, &user.last_name, &user.login, &user.email, &state.config.office.name];
    let about: Vec<&str> = about.into_iter().map(String::as_str).collect();
    let (strength, fault) = password::judge(password, &about);
    (strength as u8, fault.map(|fault| fault.to_string()))
}

/// The hash of a new password that may be taken.
///
/// # Errors
/// 422 with what is wrong, beside the field.
async fn accepted(state: &AppState, user: &User, password: String) -> Result<String, ApiError> {
    let refused = |message: String| ApiError::faults(&[FieldFault { field: "password", message }]);
    if let (_, Some(fault)) = judged(state, user, &password) {
        return Err(refused(fault));
    }
    let (given, stored) = (password.clone(), user.password_hash.clone());
    let same = tokio::task::spawn_blocking(move || password::verify(&given, Some(&stored)));
    if same.await.map_err(|error| ApiError::internal(&error))? {
        return Err(refused("C’est le mot de passe que vous avez déjà. Choisissez-en un autre.".to_owned()));
    }
    hashed(state, password).await
}
