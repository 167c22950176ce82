use super::{MailAddress, MobileNumber, Refusal, Secret, setup::Answers};
use crate::{Civility, Entropy, PersonName, password};
use serde::{Deserialize, Serialize};

/// The account that the box is managed with first.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Administrator {
    /// May be none.
    #[serde(default)]
    pub civility: Civility,
    /// «Prénom».
    pub first_name: PersonName,
    /// «Nom».
    pub last_name: PersonName,
    /// «Identifiant de connexion»: 3 to 64 letters, digits, dots, hyphens and underscores.
    pub login: String,
    /// Where login details are sent.
    pub email: MailAddress,
    /// Where codes are sent.
    pub mobile: MobileNumber,
    /// The initial password's hash: argon2id, PHC string.
    pub password_hash: Secret,
}

/// The account as a set-up file has it: the password may still be clear text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct NewAdministrator {
    account: Administrator,
    clear_password: Option<Secret>,
}

impl NewAdministrator {
    pub(super) fn read(answers: &mut Answers) -> Option<Self> {
        let name = |text: &str| {
            PersonName::new(text).map_err(|error| {
                Refusal::new(
                    "ce nom ne convient pas",
                    format!("Corrigez-le : {}", error.to_string().trim_end_matches('.')),
                )
            })
        };
        let civility = answers.optional("administrator.civility", civility);
        let first_name = answers.required("administrator.first_name", name);
        let last_name = answers.required("administrator.last_name", name);
        let login = answers.required("administrator.login", login);
        let email = answers.required("administrator.email", MailAddress::new);
        let mobile = answers.required("administrator.mobile", MobileNumber::new);
        let hash = answers.optional("administrator.password_hash", hash);
        let clear_password = answers.optional("administrator.password", clear);
        if answers.has("administrator.password") && answers.has("administrator.password_hash") {
            let todo = "Gardez soit le mot de passe, soit son empreinte";
            answers
                .refuse("administrator.password", Refusal::new("le mot de passe est donné deux fois", todo));
        } else if !answers.has("administrator.password_hash") {
            answers.needs("administrator.password");
        }
        let account = Administrator {
            civility: civility.unwrap_or_default(),
            first_name: first_name?,
            last_name: last_name?,
            login: login?,
            email: email?,
            mobile: mobile?,
            password_hash: hash.unwrap_or_default(),
        };
        Some(Self { account, clear_password })
    }

    /// The account with a hash for a password. Takes about 20 ms of CPU where the password was clear text.
    ///
    /// # Errors
    /// [`password::PasswordError::Hash`]: a fault of this program.
    pub(super) fn hashed(self, entropy: &dyn Entropy) -> Result<Administrator, password::PasswordError> {
        let Some(clear) = self.clear_password else { return Ok(self.account) };
        let password_hash = Secret::new(password::hash(clear.reveal(), entropy)?);
        Ok(Administrator { password_hash, ..self.account })
    }
}

fn civility(text: &str) -> Result<Civility, Refusal> {
    Civility::from_label(text.trim()).ok_or_else(|| {
        let todo = "Écrivez « Madame », « Monsieur » ou « Maître », ou retirez cette ligne";
        Refusal::new(format!("« {text} » n’est pas une civilité proposée"), todo)
    })
}

/// A login: 3 to 64 letters, digits, dots, hyphens, underscores and `@`.
///
/// # Errors
/// [`Refusal`].
pub(crate) fn login(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    let known = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'@');
    if (3..=64).contains(&text.len()) && text.bytes().all(known) {
        return Ok(text.to_owned());
    }
    let todo = "Écrivez de 3 à 64 lettres sans accent, chiffres, points ou tirets, par exemple claire.moreau";
    Err(Refusal::new(format!("« {text} » n’est pas un identifiant"), todo))
}

fn hash(text: &str) -> Result<Secret, Refusal> {
    if password::is_hash(text.trim()) {
        return Ok(Secret::new(text.trim()));
    }
    let todo = "Recopiez-la entière : elle commence par $argon2id$";
    Err(Refusal::new("ce n’est pas une empreinte argon2id", todo))
}

fn clear(text: &str) -> Result<Secret, Refusal> {
    let range = password::SHORTEST..=password::LONGEST;
    if range.contains(&text.chars().count()) {
        return Ok(Secret::new(text));
    }
    let todo = format!("Choisissez-en un de {} à {} caractères", password::SHORTEST, password::LONGEST);
    Err(Refusal::new("le mot de passe n’a pas la bonne longueur", todo))
}
