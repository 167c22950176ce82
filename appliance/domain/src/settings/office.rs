use super::{DomainName, Refusal, line, setup::Answers};
use serde::{Deserialize, Serialize};

/// What the office's numbers begin with where nothing else is said.
const NUMBER_PREFIX: &str = "10";

/// Whom the box belongs to.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OfficeSettings {
    /// «Office Notarial de la Place». Empty while the box belongs to nobody.
    pub name: String,
    /// The office's CRPCEN: text, leading zeros kept.
    pub crpcen: String,
    /// What comes behind the @ of a number (CALL-17).
    pub domain: String,
    /// What the office's numbers begin with: 0 to 6 digits.
    pub number_prefix: String,
}

/// Whom a user in difficulty turns to (AUTH-06). Empty texts are not shown.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Support {
    /// Its name.
    pub name: String,
    /// Its telephone number, as it is shown.
    pub phone: String,
    /// Its mail address.
    pub email: String,
    /// Its opening hours.
    pub hours: String,
}

impl OfficeSettings {
    pub(super) fn read(answers: &mut Answers) -> Option<Self> {
        let name = answers.required("office.name", line);
        let crpcen = answers.required("office.crpcen", crpcen);
        let domain = answers.required("office.domain", DomainName::new);
        let number_prefix = answers.optional("office.number_prefix", prefix);
        let five_digits = |text: &String| text.len() == 5 && text.bytes().all(|b| b.is_ascii_digit());
        if crpcen.as_ref().is_some_and(|crpcen| !five_digits(crpcen)) {
            // Never a refusal: the directory of offices decides what a CRPCEN is.
            let todo = "Vérifiez-le ; le réglage est accepté tel quel";
            answers.remark("office.crpcen", Refusal::new("un CRPCEN compte d’ordinaire cinq chiffres", todo));
        }
        Some(Self {
            name: name?,
            crpcen: crpcen?,
            domain: domain?.into(),
            number_prefix: number_prefix.unwrap_or_else(|| NUMBER_PREFIX.to_owned()),
        })
    }
}

impl Support {
    pub(super) fn read(answers: &mut Answers) -> Self {
        Self {
            name: answers.optional("support.name", line).unwrap_or_default(),
            phone: answers.optional("support.phone", line).unwrap_or_default(),
            email: answers
                .optional("support.email", super::MailAddress::new)
                .map_or_else(String::new, String::from),
            hours: answers.optional("support.hours", line).unwrap_or_default(),
        }
    }
}

fn crpcen(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if (1..=20).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Ok(text.to_owned());
    }
    let todo = "Recopiez le code CRPCEN de l’office, zéros compris, par exemple \"01234\"";
    Err(Refusal::new(format!("« {text} » n’est pas un code CRPCEN"), todo))
}

fn prefix(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.len() <= 6 && text.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(text.to_owned());
    }
    let todo = "Écrivez de 0 à 6 chiffres, par exemple \"1099\"";
    Err(Refusal::new(format!("« {text} » n’est pas un début de numéro"), todo))
}
