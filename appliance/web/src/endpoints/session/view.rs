use crate::state::WebConfig;
use serde::Serialize;
use tabellion_store::User;
use utoipa::ToSchema;

/// Who is logged in, and where.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionView {
    /// Who.
    user: UserView,
    /// Where.
    office: OfficeView,
}

/// The user.
#[derive(Serialize, ToSchema)]
struct UserView {
    /// Its number.
    id: i64,
    /// «Identifiant de connexion».
    login: String,
    /// «Maître Claire Moreau».
    name: String,
    /// Whether the user manages the others.
    administrator: bool,
}

/// The office.
#[derive(Serialize, ToSchema)]
pub(crate) struct OfficeView {
    /// Its name.
    name: String,
    /// What comes behind the @ of its numbers.
    domain: String,
    /// Whom to turn to (AUTH-06).
    support: SupportView,
}

/// The support.
#[derive(Serialize, ToSchema)]
struct SupportView {
    /// Its name.
    name: String,
    /// Its telephone number.
    phone: String,
    /// Its mail address.
    email: String,
    /// Its opening hours.
    hours: String,
}

impl SessionView {
    pub(super) fn new(user: &User, config: &WebConfig) -> Self {
        let office = &config.office;
        Self {
            user: UserView {
                id: user.id.0,
                login: user.login.clone(),
                name: user.display_name(),
                administrator: user.administrator,
            },
            office: OfficeView {
                name: office.name.clone(),
                domain: office.domain.clone(),
                support: SupportView {
                    name: office.support_name.clone(),
                    phone: office.support_phone.clone(),
                    email: office.support_email.clone(),
                    hours: office.support_hours.clone(),
                },
            },
        }
    }
}
