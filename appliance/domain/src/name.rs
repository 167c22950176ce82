use serde::{Deserialize, Serialize};
use std::fmt;

/// «Civilité». May stay empty (SCHED-03).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Civility {
    /// Left empty.
    #[default]
    #[serde(rename = "")]
    None,
    /// «Madame».
    Madame,
    /// «Monsieur».
    Monsieur,
    /// «Maître».
    #[serde(rename = "Maître")]
    Maitre,
}

impl Civility {
    /// As written before a name; empty for none.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Madame => "Madame",
            Self::Monsieur => "Monsieur",
            Self::Maitre => "Maître",
        }
    }

    /// From its label.
    #[must_use]
    pub fn from_label(label: &str) -> Option<Self> {
        [Self::None, Self::Madame, Self::Monsieur, Self::Maitre].into_iter().find(|one| one.label() == label)
    }
}

/// What a participant may do in a meeting.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// «Organisateur»: decides who enters, moderates.
    Organizer,
    /// «Invité»: takes part.
    Guest,
    /// «Spectateur»: sees and hears, and no more.
    Spectator,
}

impl Role {
    /// As stored, and as the pages have it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Organizer => "organizer",
            Self::Guest => "guest",
            Self::Spectator => "spectator",
        }
    }
}

/// A part of a person's name: 1 to 80 characters on one line, white space trimmed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PersonName(String);

/// Why a text is not a name. The text is for the user, in French.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NameError {
    /// Nothing but white space.
    #[error("ce champ est à remplir.")]
    Empty,
    /// Over 80 characters.
    #[error("80 caractères au plus.")]
    TooLong,
    /// Line breaks, control and invisible characters, or `<` and `>`.
    #[error("les retours à la ligne, les signes invisibles et les signes < et > ne sont pas acceptés.")]
    Forbidden,
}

impl PersonName {
    /// Checks and trims.
    ///
    /// # Errors
    /// [`NameError`].
    pub fn new(text: &str) -> Result<Self, NameError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if text.chars().count() > 80 {
            return Err(NameError::TooLong);
        }
        if text.chars().any(|c| c.is_control() || is_invisible(c) || matches!(c, '<' | '>')) {
            return Err(NameError::Forbidden);
        }
        Ok(Self(text.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Characters that hide, or turn the direction of what follows: names are shown to people who decide whom to let in.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

impl fmt::Display for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<String> for PersonName {
    type Error = NameError;
    fn try_from(text: String) -> Result<Self, NameError> {
        Self::new(&text)
    }
}

impl From<PersonName> for String {
    fn from(name: PersonName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_people_are_accepted_and_markup_is_not() {
        for name in ["Bob", " Anne-Laure ", "d’Ormesson", "Ng", "Łukasz Żółć"] {
            assert_eq!(PersonName::new(name).unwrap().as_str(), name.trim());
        }
        assert_eq!(PersonName::new(" \t"), Err(NameError::Empty));
        assert_eq!(PersonName::new(&"é".repeat(81)), Err(NameError::TooLong));
        assert_eq!(PersonName::new("<b>Bob"), Err(NameError::Forbidden));
        assert_eq!(PersonName::new("Bob\nEve"), Err(NameError::Forbidden));
        assert_eq!(PersonName::new("Bob\u{202e}eriatoN"), Err(NameError::Forbidden));
        assert_eq!(PersonName::new("\u{200b}"), Err(NameError::Forbidden));
    }

    #[test]
    fn civilities_are_read_from_their_labels() {
        assert_eq!(Civility::from_label("Maître"), Some(Civility::Maitre));
        assert_eq!(Civility::from_label(""), Some(Civility::None));
        assert_eq!(Civility::from_label("Docteur"), None);
        assert_eq!(serde_json::to_string(&Civility::Maitre).unwrap(), "\"Maître\"");
    }
}
