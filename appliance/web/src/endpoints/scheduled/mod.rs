//! Scheduled meetings (SCHED-01 to SCHED-15).

pub(crate) mod change;
pub(crate) mod create;
pub(crate) mod delete;
mod form;
mod letters;
pub(crate) mod link;
pub(crate) mod list;
pub(crate) mod participants;
pub(crate) mod people;
pub(crate) mod seat;
pub(crate) mod send;
pub(crate) mod show;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
pub(crate) mod validate;
mod view;

use crate::{error::ApiError, login::MeetingManager, state::AppState};
use axum::http::StatusCode;
use tabellion_domain::MeetingId;
use tabellion_store::{Edit, Scheduled, ScheduledRefusal};

/// Why a meeting is not changed, and what to do.
fn refused(refusal: ScheduledRefusal) -> ApiError {
    match refusal {
        ScheduledRefusal::Unknown => super::meetings::unknown(),
        ScheduledRefusal::Changed => ApiError::new(
            StatusCode::CONFLICT,
            "changed_meanwhile",
            "Quelqu’un d’autre a modifié cette réunion entre-temps. Rien n’a été enregistré\u{a0}: reprenez la réunion telle \
             qu’elle est maintenant, puis enregistrez de nouveau.",
        ),
        ScheduledRefusal::Over => ApiError::new(
            StatusCode::GONE,
            "meeting_over",
            "Cette réunion est annulée, ou sa journée est passée\u{a0}: elle ne peut plus être modifiée. Créez-en une nouvelle.",
        ),
        ScheduledRefusal::Undone(undone) => {
            ApiError::new(StatusCode::CONFLICT, "not_ready", undone.to_string())
        }
        ScheduledRefusal::Nobody => ApiError::new(
            StatusCode::CONFLICT,
            "nobody",
            "Aucun participant n’est coché dans «\u{a0}Envoyer\u{a0}?\u{a0}». Cochez ceux à qui l’invitation doit être envoyée, \
             enregistrez, puis réessayez.",
        ),
        ScheduledRefusal::NotValidated => ApiError::new(
            StatusCode::CONFLICT,
            "not_validated",
            "Cette réunion n’a pas encore été validée. Validez-la avant d’envoyer les invitations.",
        ),
    }
}

/// What a manager of meetings is about to do.
fn edit(state: &AppState, by: &MeetingManager, id: i64, version: Option<i64>) -> Edit {
    Edit { meeting: MeetingId(id), version, by: by.user.id, at: state.clock.now() }
}

/// Tells whoever is in the meeting, or in front of it, what has changed: at once (SCHED-13).
async fn told(state: &AppState, meeting: MeetingId) -> Result<(), ApiError> {
    state.conference.meeting_changed(meeting).await;
    Ok(state.conference.invitations_ended().await?)
}

async fn found(state: &AppState, id: i64) -> Result<Scheduled, ApiError> {
    let found = state.store.scheduled(MeetingId(id)).await?;
    found.ok_or_else(|| refused(ScheduledRefusal::Unknown))
}
