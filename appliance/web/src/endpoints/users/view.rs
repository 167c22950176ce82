use crate::{endpoints::session::view::RightsView, error::ApiError};
use serde::Serialize;
use tabellion_store::User;
use time::format_description::well_known::Rfc3339;
use utoipa::ToSchema;

/// A user, as the table and the form show it (USER-05).
#[derive(Serialize, ToSchema)]
pub(crate) struct AccountView {
    /// Its number.
    id: i64,
    /// What a change has to name, so that nobody undoes unseen what another has changed meanwhile.
    version: i64,
    /// «Madame», «Monsieur», «Maître», or nothing.
    civility: &'static str,
    /// «Nom».
    last_name: String,
    /// «Prénom».
    first_name: String,
    /// «Identifiant de connexion».
    login: String,
    /// «E-mail».
    email: String,
    /// «Téléphone mobile», international.
    mobile: Option<String>,
    /// What the user may do.
    rights: RightsView,
    /// Whether an entry in the ADSN directory is ordered.
    in_directory: bool,
    /// Whether the temporary password has not been replaced yet.
    never_logged_in: bool,
    /// When the account was made, RFC 3339, UTC.
    created_at: String,
}

impl AccountView {
    pub(super) fn of(user: User) -> Result<Self, ApiError> {
        let created_at = user.created_at.format(&Rfc3339).map_err(|error| ApiError::internal(&error))?;
        Ok(Self {
            id: user.id.0,
            version: user.version,
            civility: user.civility.label(),
            rights: user.rights.into(),
            in_directory: user.in_directory,
            never_logged_in: user.temporary_until.is_some(),
            created_at,
            last_name: user.last_name,
            first_name: user.first_name,
            login: user.login,
            email: user.email,
            mobile: user.mobile,
        })
    }
}
