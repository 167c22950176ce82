//! Updates, for administrators: what there is, how far it has come, and what they decide on.

pub(crate) mod install;
pub(crate) mod look;
pub(crate) mod restart;
pub(crate) mod show;
#[cfg(test)]
mod testing;
pub(crate) mod upload;

use crate::{error::ApiError, state::AppState};
use axum::http::StatusCode;
use tabellion_domain::{AuditEvent, UserId, settings::Settings};
use tabellion_system::updater::{AskError, Updater};

/// The updater, where there is one and it has nothing to do.
///
/// # Errors
/// `no_firmware`, `updater_busy`, `update_waits`: all 409.
fn free_updater(state: &AppState) -> Result<&Updater, ApiError> {
    let updater = &state.config.updater;
    if !updater.is_there() {
        return Err(refused(&AskError::Absent));
    }
    if updater.is_busy() {
        return Err(refused(&AskError::Busy));
    }
    if updater.known().trial.is_some() {
        return Err(conflict(
            "update_waits",
            "Une mise à jour attend déjà son redémarrage ou sa vérification\u{a0}: laissez-la se terminer.",
        ));
    }
    Ok(updater)
}

fn refused(error: &AskError) -> ApiError {
    match error {
        AskError::Absent => conflict(
            "no_firmware",
            "Ce programme ne fonctionne pas sur une boîte installée\u{a0}: il n’y a pas de micrologiciel à mettre à jour.",
        ),
        AskError::Busy => conflict(
            "updater_busy",
            "Une recherche ou une installation est déjà en cours. Attendez qu’elle se termine, puis réessayez.",
        ),
        AskError::Io { .. } => ApiError::internal(error),
    }
}

fn conflict(code: &'static str, message: &str) -> ApiError {
    ApiError::new(StatusCode::CONFLICT, code, message)
}

/// The settings in force; the default ones for a demonstration, which has none.
async fn settings(state: &AppState) -> Result<Settings, ApiError> {
    Ok(state.store.current_settings(state.clock.now()).await?.unwrap_or_default())
}

/// The address of the updates that the settings name.
///
/// # Errors
/// `no_source`: 409.
async fn source(state: &AppState) -> Result<String, ApiError> {
    settings(state).await?.updates.url().ok_or_else(|| {
        conflict(
            "no_source",
            "Aucun serveur de mises à jour n’est réglé. Indiquez-en un dans les réglages, ou installez la mise à jour depuis \
             un fichier ou une clé USB.",
        )
    })
}

/// Before it is done: what is in the journal was wanted, and what was done is in the journal.
async fn note(state: &AppState, user: UserId, what: &str) -> Result<(), ApiError> {
    let event = AuditEvent::UpdateAsked { user: Some(user), what: what.to_owned() };
    Ok(state.store.append_audit(event, state.clock.now()).await?)
}
