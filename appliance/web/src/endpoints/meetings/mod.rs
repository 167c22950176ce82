//! Permanent meetings (PERM-01 to PERM-09).

pub(crate) mod change;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod list;
pub(crate) mod seat;
pub(crate) mod share;
pub(crate) mod view;

use crate::{error::ApiError, state::AppState};
use axum::http::StatusCode;
use tabellion_domain::{Description, PermanentMeeting, SecurityCode};

pub(super) fn unknown() -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        "unknown_meeting",
        "Cette réunion n’existe plus. Rechargez la page pour voir la liste à jour.",
    )
}

fn description(text: &str) -> Result<Description, ApiError> {
    Description::new(text).map_err(|error| ApiError::invalid("description", error.to_string()))
}

/// An empty field is no code.
fn code(text: Option<&str>) -> Result<Option<SecurityCode>, ApiError> {
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    text.map(SecurityCode::new).transpose().map_err(|error| ApiError::invalid("code", error.to_string()))
}

/// «Numéro de la réunion», with the office's domain.
fn address(meeting: &PermanentMeeting, state: &AppState) -> String {
    format!("{}@{}", meeting.number, state.config.office.domain)
}

/// «Lien de la réunion participants».
fn link(meeting: &PermanentMeeting, state: &AppState) -> String {
    format!("{}/reunion/{}", state.config.public_url, meeting.link_token)
}
