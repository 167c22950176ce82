use serde::Deserialize;
use tabellion_domain::{
    Rights,
    account::{Account, AccountForm, FieldFault, RightsForm},
};
use utoipa::ToSchema;

/// What an administrator fills in of a user, as it was typed.
#[derive(Deserialize, ToSchema)]
pub(crate) struct UserFields {
    /// «Civilité»; may be empty.
    civility: String,
    /// «Nom».
    last_name: String,
    /// «Prénom».
    first_name: String,
    /// «E-mail».
    email: String,
    /// «Téléphone mobile»; may be empty.
    mobile: String,
    /// `user`: «Utilisateur Visioconférence»; `delegate`: «Organisation des réunions VisioConférence (sans participation)».
    visio: String,
    /// «Délégué télétravail».
    telework: bool,
    /// «Accès aux factures».
    invoices: bool,
    /// Whether the user manages the box, its users and its orders.
    administrator: bool,
    /// «Ajouter l’utilisateur à l’annuaire ADSN».
    pub in_directory: bool,
}

impl UserFields {
    /// All faults at once, each beside its field.
    pub(super) fn read(self, login: String) -> (Option<(Account, Rights)>, Vec<FieldFault>) {
        let mut faults = Vec::new();
        let form = AccountForm {
            civility: self.civility,
            last_name: self.last_name,
            first_name: self.first_name,
            login,
            email: self.email,
            mobile: self.mobile,
        };
        let rights = RightsForm {
            visio: self.visio,
            telework: self.telework,
            invoices: self.invoices,
            administrator: self.administrator,
        };
        let account = form.read(&mut faults);
        let rights = rights.read(&mut faults);
        (account.zip(rights), faults)
    }
}
