use crate::name::is_invisible;
use std::fmt;

/// The most that a line has, in characters.
const LONGEST: usize = 120;

/// A text on one line, in any script: a file's reference, a meeting's name. 1 to 120 characters, white space trimmed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line(String);

/// Why a text is none; for the user, in French.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LineError {
    /// Nothing but white space.
    #[error("Ce champ est à remplir.")]
    Empty,
    /// Over 120 characters.
    #[error("120 caractères au plus.")]
    TooLong,
    /// Line breaks, control and invisible characters.
    #[error("Les retours à la ligne et les signes invisibles ne sont pas acceptés.")]
    Forbidden,
}

impl Line {
    /// Checks and trims.
    ///
    /// # Errors
    /// [`LineError`].
    pub fn new(text: &str) -> Result<Self, LineError> {
        match text.trim() {
            "" => Err(LineError::Empty),
            text if text.chars().count() > LONGEST => Err(LineError::TooLong),
            text if text.chars().any(|c| c.is_control() || is_invisible(c)) => Err(LineError::Forbidden),
            text => Ok(Self(text.to_owned())),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_written_in_any_script_and_what_looks_like_markup_is_text() {
        for text in ["Vente DUPONT", " Succession Żółć ", "売買 第3号", "<b>Bail</b> & caution", "عقد بيع"]
        {
            assert_eq!(Line::new(text).unwrap().as_str(), text.trim());
        }
        for (text, error) in [
            ("", LineError::Empty),
            ("\u{a0}\t", LineError::Empty),
            (&"é".repeat(121), LineError::TooLong),
            ("Vente\nDUPONT", LineError::Forbidden),
            ("Vente \u{202e}TNOPUD", LineError::Forbidden),
        ] {
            assert_eq!(Line::new(text), Err(error), "{text}");
        }
        assert!(Line::new(&"é".repeat(120)).is_ok());
    }
}
