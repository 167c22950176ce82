use crate::{error::ApiError, state::AppState};
use serde::Serialize;
use tabellion_domain::{PermanentMeeting, SecurityCode};
use time::format_description::well_known::Rfc3339;
use utoipa::ToSchema;

/// A permanent meeting, as the table shows it (PERM-02).
#[derive(Serialize, ToSchema)]
pub(crate) struct PermanentMeetingView {
    /// Its number in the box.
    id: i64,
    /// «Nom de la réunion».
    name: String,
    /// «Numéro de la réunion»: ten digits.
    number: String,
    /// The number with the office's domain.
    address: String,
    /// «Lien de la réunion participants».
    link: String,
    /// «Réunion active».
    active: bool,
    /// «Code de sécurité actif».
    code_active: bool,
    /// The code, also while it is switched off.
    code: Option<String>,
    /// Who made it.
    created_by: String,
    /// When, RFC 3339, UTC.
    created_at: String,
}

impl PermanentMeetingView {
    pub(super) async fn of(meeting: PermanentMeeting, state: &AppState) -> Result<Self, ApiError> {
        let creator = state.store.user(meeting.created_by).await?;
        Ok(Self {
            id: meeting.id.0,
            address: super::address(&meeting, state),
            link: super::link(&meeting, state),
            name: meeting.description.to_string(),
            number: meeting.number.to_string(),
            active: meeting.active,
            code_active: meeting.code_active,
            code: meeting.code.as_ref().map(SecurityCode::as_str).map(str::to_owned),
            created_by: creator.map(|user| user.display_name()).unwrap_or_default(),
            created_at: meeting.created_at.format(&Rfc3339).map_err(|error| ApiError::internal(&error))?,
        })
    }
}
