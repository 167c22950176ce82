use crate::{MeetingId, MeetingNumber, UserId};
use serde::{Deserialize, Serialize};
use std::fmt;
use time::OffsetDateTime;

/// A meeting without an end: a room that is open while it is active (PERM-08).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PermanentMeeting {
    /// Its row.
    pub id: MeetingId,
    /// «Description», shown as «Nom de la réunion».
    pub description: Description,
    /// «Numéro de la réunion».
    pub number: MeetingNumber,
    /// The secret in «Lien de la réunion participants»: 128 bits, base64url.
    pub link_token: String,
    /// «Réunion active».
    pub active: bool,
    /// «Code de sécurité actif».
    pub code_active: bool,
    /// Kept while it is switched off.
    pub code: Option<SecurityCode>,
    /// Who made it.
    pub created_by: UserId,
    /// When.
    pub created_at: OffsetDateTime,
}

impl PermanentMeeting {
    /// The code that has to be given now, if any.
    #[must_use]
    pub fn required_code(&self) -> Option<&str> {
        self.code.as_ref().filter(|_| self.code_active).map(SecurityCode::as_str)
    }

    /// What the references of mails that tell of the meeting begin with; behind it stands whom they tell.
    #[must_use]
    pub fn shares(id: MeetingId) -> String {
        format!("permanent:{id}:share:")
    }

    /// Whether the code is switched on and there is none: the table would say that a code protects the meeting, and
    /// nobody would be asked for one. Such a meeting is not stored.
    #[must_use]
    pub fn lacks_code(&self) -> bool {
        self.code_active && self.code.is_none()
    }
}

/// What a live meeting is told of the meeting that it is of, permanent or scheduled.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MeetingFacts {
    /// Its row.
    pub id: MeetingId,
    /// What everybody sees it called.
    pub name: String,
    /// What room systems dial.
    pub number: MeetingNumber,
    /// What has to be given, if anything.
    pub code: Option<SecurityCode>,
    /// Whether it is switched on, or validated.
    pub open: bool,
    /// From when on it is over; none: it has no end.
    pub closes_at: Option<OffsetDateTime>,
}

impl MeetingFacts {
    /// Whether somebody may come in now.
    #[must_use]
    pub fn is_open(&self, now: OffsetDateTime) -> bool {
        self.open && self.closes_at.is_none_or(|end| now < end)
    }

    /// The code that has to be given, if any.
    #[must_use]
    pub fn required_code(&self) -> Option<&str> {
        self.code.as_ref().map(SecurityCode::as_str)
    }
}

impl From<PermanentMeeting> for MeetingFacts {
    fn from(meeting: PermanentMeeting) -> Self {
        Self {
            id: meeting.id,
            name: meeting.description.to_string(),
            number: meeting.number,
            code: meeting.code.filter(|_| meeting.code_active),
            open: meeting.active,
            closes_at: None,
        }
    }
}

/// A meeting's name: 1 to 120 characters on one line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Description(String);

/// Why a text is no meeting's name; for the user, in French.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DescriptionError {
    /// Nothing but white space.
    #[error("Donnez une description à la réunion.")]
    Empty,
    /// Over 120 characters.
    #[error("La description compte 120 caractères au plus.")]
    TooLong,
    /// Line breaks or control characters.
    #[error("La description tient sur une ligne.")]
    Forbidden,
}

impl Description {
    /// Checks and trims.
    ///
    /// # Errors
    /// [`DescriptionError`].
    pub fn new(text: &str) -> Result<Self, DescriptionError> {
        let text = text.trim();
        match text {
            "" => Err(DescriptionError::Empty),
            text if text.chars().count() > 120 => Err(DescriptionError::TooLong),
            text if text.chars().any(char::is_control) => Err(DescriptionError::Forbidden),
            text => Ok(Self(text.to_owned())),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What lists are sorted by: without regard to case and to the accents of French.
    #[must_use]
    pub fn sort_key(&self) -> String {
        crate::sort_key(&self.0)
    }
}

impl std::ops::Deref for Description {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// «Code de sécurité»: 4 to 8 digits, because room systems dial it (SCHED-11).
#[derive(Clone, PartialEq, Eq)]
pub struct SecurityCode(String);

/// Why a text is no code; for the user, in French.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "Le code de sécurité compte de 4 à 8 chiffres\u{a0}: il est aussi composé sur la télécommande des équipements."
)]
pub struct CodeError;

impl SecurityCode {
    /// Checks and trims.
    ///
    /// # Errors
    /// [`CodeError`].
    pub fn new(text: &str) -> Result<Self, CodeError> {
        let text = text.trim();
        let valid = (4..=8).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        if valid { Ok(Self(text.to_owned())) } else { Err(CodeError) }
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecurityCode {
    /// A code has no place in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecurityCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_can_be_dialled() {
        assert_eq!(SecurityCode::new(" 1234 ").unwrap().as_str(), "1234");
        for text in ["", "123", "123456789", "12a4", "１２３４"] {
            assert_eq!(SecurityCode::new(text), Err(CodeError), "{text}");
        }
    }

    #[test]
    fn a_code_that_is_switched_on_has_to_be_there() {
        let mut sale = PermanentMeeting {
            id: MeetingId(1),
            description: Description::new("Vente DUPONT").unwrap(),
            number: MeetingNumber::parse("1099053523").unwrap(),
            link_token: "token".to_owned(),
            active: true,
            code_active: true,
            code: Some(SecurityCode::new("1234").unwrap()),
            created_by: UserId(1),
            created_at: time::macros::datetime!(2026-11-23 12:00 UTC),
        };
        assert_eq!((sale.required_code(), sale.lacks_code()), (Some("1234"), false));
        sale.code_active = false;
        assert_eq!((sale.required_code(), sale.lacks_code()), (None, false), "kept, and not asked for");
        sale.code = None;
        assert!(!sale.lacks_code());
        sale.code_active = true;
        assert!(sale.lacks_code());
    }

    #[test]
    fn a_code_is_not_told_by_a_log() {
        assert!(!format!("{:?}", SecurityCode::new("8642").unwrap()).contains("8642"));
    }

    #[test]
    fn lists_are_sorted_as_in_french() {
        let mut names =
            ["Zoé", "Évry", "eau", "Œuvre", "Étude", "Obole"].map(|name| Description::new(name).unwrap());
        names.sort_by_key(Description::sort_key);
        assert_eq!(
            names.each_ref().map(Description::as_str),
            ["eau", "Étude", "Évry", "Obole", "Œuvre", "Zoé"]
        );
    }

    #[test]
    fn a_description_is_one_line() {
        assert_eq!(Description::new(" Vente DUPONT ").unwrap().as_str(), "Vente DUPONT");
        assert_eq!(Description::new("  "), Err(DescriptionError::Empty));
        assert_eq!(Description::new(&"x".repeat(121)), Err(DescriptionError::TooLong));
        assert_eq!(Description::new("a\nb"), Err(DescriptionError::Forbidden));
    }
}
