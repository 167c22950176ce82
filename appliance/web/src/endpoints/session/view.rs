use crate::state::WebConfig;
use serde::Serialize;
use tabellion_domain::Rights;
use tabellion_store::User;
use utoipa::ToSchema;

/// Who is logged in, and where.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionView {
    /// Who.
    user: UserView,
    /// Where.
    office: OfficeView,
    /// Whether the password is a temporary one: nothing else is answered before another one is chosen (AUTH-05).
    new_password_required: bool,
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
    /// What the user may do.
    rights: RightsView,
}

/// What a user may do (USER-02).
#[derive(Serialize, ToSchema)]
pub(crate) struct RightsView {
    /// `user`: all services; `delegate`: manages the office's meetings and enters none.
    pub visio: &'static str,
    /// «Délégué télétravail».
    pub telework: bool,
    /// «Accès aux factures».
    pub invoices: bool,
    /// Whether the user manages the box, its users and its orders.
    pub administrator: bool,
    /// Whether meetings may be made, changed and deleted.
    pub may_manage_meetings: bool,
    /// Whether meetings may be entered as organizer, and calls made.
    pub may_join: bool,
}

impl From<Rights> for RightsView {
    fn from(rights: Rights) -> Self {
        Self {
            visio: rights.visio.word(),
            telework: rights.telework,
            invoices: rights.invoices,
            administrator: rights.administrator,
            may_manage_meetings: rights.may_manage_meetings(),
            may_join: rights.may_join(),
        }
    }
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
    pub(crate) fn new(user: &User, config: &WebConfig) -> Self {
        let office = &config.office;
        Self {
            user: UserView {
                id: user.id.0,
                login: user.login.clone(),
                name: user.display_name(),
                administrator: user.rights.administrator,
                rights: user.rights.into(),
            },
            new_password_required: user.temporary_until.is_some(),
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
