use crate::{delivery::DeliveryView, error::ApiError, state::AppState};
use serde::Serialize;
use std::collections::HashMap;
use tabellion_domain::{
    Role, SecurityCode,
    scheduled::{Participant, State, clock_text, day_text, prefilled},
};
use tabellion_store::{Scheduled, ScheduledRow};
use time::{Date, format_description::well_known::Rfc3339, macros::format_description};
use utoipa::ToSchema;

/// Where a meeting stands.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ScheduledState {
    /// Not validated yet.
    Draft,
    /// Validated; no invitation was sent.
    Validated,
    /// Validated, and invitations were sent.
    Sent,
    /// Deleted.
    Cancelled,
    /// Its day is over.
    Expired,
}

impl From<State> for ScheduledState {
    fn from(state: State) -> Self {
        match state {
            State::Draft => Self::Draft,
            State::Validated => Self::Validated,
            State::Sent => Self::Sent,
            State::Cancelled => Self::Cancelled,
            State::Expired => Self::Expired,
        }
    }
}

/// A scheduled meeting in a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct ScheduledSummary {
    /// Its number in the box.
    id: i64,
    /// What a change has to name.
    version: i64,
    state: ScheduledState,
    /// «Référence du dossier»: what the espace client calls it.
    name: String,
    /// Its day, `2026-11-27`.
    date: String,
    /// `16h00`.
    time: String,
    /// Its first organizer; whoever made it, where it has none.
    organizer: String,
    /// How many are invited.
    participants: u64,
    /// What room systems dial, with the office's domain.
    address: String,
}

impl ScheduledSummary {
    pub(super) async fn of(row: ScheduledRow, state: &AppState) -> Result<Self, ApiError> {
        let ScheduledRow { meeting, organizer, participants } = row;
        let organizer = match organizer {
            Some(organizer) => organizer.full_name(),
            None => {
                let creator = state.store.user(meeting.created_by).await?;
                creator.map(|user| user.display_name()).unwrap_or_default()
            }
        };
        Ok(Self {
            id: meeting.id.0,
            version: meeting.version,
            state: meeting.state.into(),
            name: meeting.reference.to_string(),
            date: iso(meeting.when.day())?,
            time: clock_text(meeting.when.hour()),
            organizer,
            participants,
            address: format!("{}@{}", meeting.number, state.config.office.domain),
        })
    }
}

/// A scheduled meeting with those who take part.
#[derive(Serialize, ToSchema)]
pub(crate) struct ScheduledMeetingView {
    /// Its number in the box.
    id: i64,
    /// What a change has to name, so that nobody undoes unseen what another has changed meanwhile.
    version: i64,
    state: ScheduledState,
    /// «Référence du dossier».
    reference: String,
    /// «Nom de la réunion»; none before the validation.
    name: Option<String>,
    /// «Message»: as it was sent, or as the field is filled in before the validation.
    message: String,
    /// `18-06-2024`.
    date: String,
    /// `14h00`.
    time: String,
    /// What room systems dial, with the office's domain.
    address: String,
    /// «Code de sécurité», where there is one.
    code: Option<String>,
    /// «Créé par».
    created_by: String,
    /// «Date de création», RFC 3339, UTC.
    created_at: String,
    /// By name.
    participants: Vec<InviteeView>,
}

/// Somebody who is invited.
#[derive(Serialize, ToSchema)]
pub(crate) struct InviteeView {
    /// The number in the box.
    id: i64,
    /// «Madame», «Monsieur», «Maître», or nothing.
    civility: &'static str,
    /// «Nom prénom».
    name: String,
    /// «E-mail».
    email: String,
    /// `organizer`, `guest`, `spectator`.
    role: &'static str,
    /// «Envoyer ?».
    send: bool,
    /// What has become of the last mail; none: none was sent.
    delivery: Option<DeliveryView>,
}

impl ScheduledMeetingView {
    pub(super) async fn of(scheduled: Scheduled, state: &AppState) -> Result<Self, ApiError> {
        let Scheduled { meeting, participants } = scheduled;
        let creator = state.store.user(meeting.created_by).await?;
        let mut mails = deliveries(&meeting.id.to_string(), state).await?;
        let message = meeting.message.as_ref().map(ToString::to_string);
        Ok(Self {
            id: meeting.id.0,
            version: meeting.version,
            state: meeting.state.into(),
            reference: meeting.reference.to_string(),
            name: meeting.name.as_ref().map(ToString::to_string),
            message: message.unwrap_or_else(|| prefilled(participants.iter().map(|one| &one.invitee))),
            date: day_text(meeting.when.day()),
            time: clock_text(meeting.when.hour()),
            address: format!("{}@{}", meeting.number, state.config.office.domain),
            code: meeting.code.as_ref().map(SecurityCode::as_str).map(str::to_owned),
            created_by: creator.map(|user| user.display_name()).unwrap_or_default(),
            created_at: meeting.created_at.format(&Rfc3339).map_err(|error| ApiError::internal(&error))?,
            participants: participants
                .into_iter()
                .map(|one| {
                    let mail = mails.remove(&one.id.to_string());
                    InviteeView::of(one, mail)
                })
                .collect(),
        })
    }
}

impl InviteeView {
    fn of(one: Participant, delivery: Option<DeliveryView>) -> Self {
        Self {
            id: one.id.0,
            civility: one.invitee.civility.label(),
            name: one.invitee.name.to_string(),
            email: one.invitee.email.to_string(),
            role: Role::word(one.invitee.role),
            send: one.send,
            delivery,
        }
    }
}

/// By the participant's number.
async fn deliveries(meeting: &str, state: &AppState) -> Result<HashMap<String, DeliveryView>, ApiError> {
    let prefix = format!("scheduled:{meeting}:participant:");
    let found = state.store.delivery_states(&prefix).await?.into_iter();
    Ok(found.map(|mail| (mail.reference[prefix.len()..].to_owned(), (&mail.state).into())).collect())
}

pub(super) fn iso(day: Date) -> Result<String, ApiError> {
    day.format(format_description!("[year]-[month]-[day]")).map_err(|error| ApiError::internal(&error))
}
