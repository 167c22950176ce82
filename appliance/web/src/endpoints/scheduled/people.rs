use super::view::iso;
use crate::{
    error::{ApiError, ErrorBody},
    login::MeetingManager,
    state::AppState,
};
use axum::{Json, extract::State};
use serde::Serialize;
use tabellion_store::{FormerParticipant, User};
use utoipa::ToSchema;

/// Who may be proposed where participants are filled in.
#[derive(Serialize, ToSchema)]
pub(crate) struct People {
    /// Users of the espace client, by name (SCHED-03).
    users: Vec<Colleague>,
    /// Participants of former meetings, each once, by name (SCHED-05).
    former: Vec<Former>,
}

/// A user of the espace client.
#[derive(Serialize, ToSchema)]
pub(crate) struct Colleague {
    /// «Madame», «Monsieur», «Maître», or nothing.
    civility: &'static str,
    /// «Prénom Nom».
    name: String,
    /// «E-mail».
    email: String,
}

/// Somebody who was invited before.
#[derive(Serialize, ToSchema)]
pub(crate) struct Former {
    /// «Madame», «Monsieur», «Maître», or nothing.
    civility: &'static str,
    /// «Nom prénom».
    name: String,
    /// «E-mail».
    email: String,
    /// `organizer`, `guest`, `spectator`: of the last time.
    role: &'static str,
    /// The day of that meeting, `2026-11-27`.
    last: String,
}

/// Whom to propose as participants.
#[utoipa::path(get, path = "/api/scheduled-meetings/people", responses(
    (status = 200, body = People),
    (status = 401, description = "not_logged_in", body = ErrorBody),
    (status = 403, description = "not_manager", body = ErrorBody),
))]
pub(crate) async fn people(
    State(state): State<AppState>,
    _: MeetingManager,
) -> Result<Json<People>, ApiError> {
    let mut users: Vec<_> = state.store.users().await?.into_iter().map(colleague).collect();
    users.sort_by_key(|user| tabellion_domain::sort_key(&user.name));
    let former = state.store.former_participants().await?.into_iter().map(former);
    Ok(Json(People { users, former: former.collect::<Result<_, _>>()? }))
}

fn colleague(user: User) -> Colleague {
    Colleague {
        civility: user.civility.label(),
        name: format!("{} {}", user.first_name, user.last_name),
        email: user.email,
    }
}

fn former(FormerParticipant { invitee, last }: FormerParticipant) -> Result<Former, ApiError> {
    Ok(Former {
        civility: invitee.civility.label(),
        name: invitee.name.to_string(),
        email: invitee.email.to_string(),
        role: invitee.role.word(),
        last: iso(last)?,
    })
}
