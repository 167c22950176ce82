use crate::{
    Civility, NameError, PersonName, Rights, VisioRight,
    settings::{MailAddress, MobileNumber, Refusal, login},
};

/// What is wrong with one field of a form; for the user, in French.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FieldFault {
    /// Its JSON name.
    pub field: &'static str,
    /// A sentence that says what to do.
    pub message: String,
}

/// The fields of «Créer un nouvel utilisateur» as they were typed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AccountForm {
    /// «Civilité», by its label; may be empty.
    pub civility: String,
    /// «Nom».
    pub last_name: String,
    /// «Prénom».
    pub first_name: String,
    /// «Identifiant de connexion».
    pub login: String,
    /// «E-mail».
    pub email: String,
    /// «Téléphone mobile»; may be empty: the user enrols an authenticator application then.
    pub mobile: String,
}

/// The rights of a form.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RightsForm {
    /// `user`, `delegate`.
    pub visio: String,
    /// «Délégué télétravail».
    pub telework: bool,
    /// «Accès aux factures».
    pub invoices: bool,
    /// Whether the user manages the others.
    pub administrator: bool,
}

/// Whom an account is for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    /// May be none.
    pub civility: Civility,
    /// «Nom».
    pub last_name: PersonName,
    /// «Prénom».
    pub first_name: PersonName,
    /// 3 to 64 letters, digits, dots, hyphens, underscores and `@`; case does not matter.
    pub login: String,
    /// Where login details are sent.
    pub email: MailAddress,
    /// Where codes are sent.
    pub mobile: Option<MobileNumber>,
}

impl AccountForm {
    /// Checks every field; what is wrong with which goes to `faults`.
    pub fn read(&self, faults: &mut Vec<FieldFault>) -> Option<Account> {
        let civility = note(faults, "civility", civility(&self.civility));
        let last_name = note(faults, "last_name", PersonName::new(&self.last_name).map_err(|e| of_name(&e)));
        let first_name =
            note(faults, "first_name", PersonName::new(&self.first_name).map_err(|e| of_name(&e)));
        let login = note(faults, "login", login(&self.login).map_err(|e| of_refusal(&e)));
        let email = note(faults, "email", MailAddress::new(&self.email).map_err(|e| of_refusal(&e)));
        let mobile = match self.mobile.trim() {
            "" => Some(None),
            text => note(faults, "mobile", MobileNumber::new(text).map(Some).map_err(|e| of_refusal(&e))),
        };
        Some(Account {
            civility: civility?,
            last_name: last_name?,
            first_name: first_name?,
            login: login?,
            email: email?,
            mobile: mobile?,
        })
    }
}

impl RightsForm {
    /// Checks them; what is wrong goes to `faults`.
    pub fn read(&self, faults: &mut Vec<FieldFault>) -> Option<Rights> {
        let visio = VisioRight::from_word(&self.visio)
            .ok_or_else(|| "Choisissez les droits à donner à l’utilisateur.".to_owned());
        Some(Rights {
            visio: note(faults, "visio", visio)?,
            telework: self.telework,
            invoices: self.invoices,
            administrator: self.administrator,
        })
    }
}

fn note<T>(faults: &mut Vec<FieldFault>, field: &'static str, read: Result<T, String>) -> Option<T> {
    read.map_err(|message| faults.push(FieldFault { field, message })).ok()
}

fn civility(text: &str) -> Result<Civility, String> {
    Civility::from_label(text.trim())
        .ok_or_else(|| "Choisissez Madame, Monsieur ou Maître, ou laissez ce champ vide.".to_owned())
}

fn of_name(error: &NameError) -> String {
    sentence(&error.to_string())
}

fn of_refusal(refusal: &Refusal) -> String {
    sentence(&refusal.to_string())
}

/// With a capital letter, as it stands alone beside its field.
#[must_use]
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    first + letters.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> AccountForm {
        AccountForm {
            civility: "Madame".to_owned(),
            last_name: " Żółć-d’Ormesson ".to_owned(),
            first_name: "Zoé".to_owned(),
            login: "zoe.zolc".to_owned(),
            email: "zoe@Office.FR".to_owned(),
            mobile: "06.12.34.56.78".to_owned(),
        }
    }

    fn faults(form: &AccountForm) -> Vec<(&'static str, String)> {
        let mut faults = Vec::new();
        assert_eq!(form.read(&mut faults).is_none(), !faults.is_empty());
        faults.into_iter().map(|fault| (fault.field, fault.message)).collect()
    }

    #[test]
    fn a_form_becomes_an_account_with_its_number_in_one_form() {
        let account = good().read(&mut Vec::new()).unwrap();
        assert_eq!(account.last_name.as_str(), "Żółć-d’Ormesson");
        assert_eq!(
            (account.email.as_str(), account.mobile.unwrap().as_str()),
            ("zoe@office.fr", "+33612345678")
        );
        for number in
            ["0612345678", "+33 6 12 34 56 78", "0033612345678", "06\u{a0}12\u{a0}34\u{a0}56\u{a0}78"]
        {
            let form = AccountForm { mobile: number.to_owned(), ..good() };
            assert_eq!(
                form.read(&mut Vec::new()).unwrap().mobile.unwrap().as_str(),
                "+33612345678",
                "{number}"
            );
        }
        let none = AccountForm { mobile: "  ".to_owned(), civility: String::new(), ..good() };
        assert_eq!(none.read(&mut Vec::new()).unwrap().mobile, None);
    }

    #[test]
    fn every_fault_is_told_at_once_beside_its_field() {
        let all = faults(&AccountForm {
            civility: "Docteur".to_owned(),
            mobile: "12".to_owned(),
            ..AccountForm::default()
        });
        let fields: Vec<_> = all.iter().map(|(field, _)| *field).collect();
        assert_eq!(fields, ["civility", "last_name", "first_name", "login", "email", "mobile"]);
        assert_eq!(all[1].1, "Ce champ est à remplir.");
        for (field, message) in all {
            assert!(
                message.ends_with('.') && message.starts_with(|c: char| c.is_uppercase() || c == '«'),
                "{field}: {message}"
            );
        }
    }

    #[test]
    fn markup_and_texts_without_end_are_refused_in_each_field() {
        for text in ["<b>x</b>", "<script>alert(1)</script>", &"é".repeat(5_000), "a\nb", "\u{202e}x"] {
            let text = text.to_owned();
            let form = AccountForm {
                civility: text.clone(),
                last_name: text.clone(),
                first_name: text.clone(),
                login: text.clone(),
                email: text.clone(),
                mobile: text,
            };
            assert_eq!(faults(&form).len(), 6);
        }
    }

    #[test]
    fn rights_are_chosen() {
        let mut faults = Vec::new();
        assert_eq!(RightsForm::default().read(&mut faults), None);
        assert_eq!(faults[0].field, "visio");
        let delegate = RightsForm { visio: "delegate".to_owned(), telework: true, ..RightsForm::default() };
        let rights = delegate.read(&mut Vec::new()).unwrap();
        assert_eq!((rights.visio, rights.telework, rights.invoices), (VisioRight::Delegate, true, false));
    }
}
