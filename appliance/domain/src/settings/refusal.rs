use std::fmt;

/// Why a value is not accepted, and what to do: for the user, in French. Never holds a secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// What is wrong, without a full stop.
    pub what: String,
    /// What to do: a sentence without its full stop.
    pub todo: String,
}

impl Refusal {
    /// Both parts with ordinary spaces; the ones that French typography does not break at become so here.
    #[must_use]
    pub fn new(what: impl AsRef<str>, todo: impl AsRef<str>) -> Self {
        Self { what: typeset(what.as_ref()), todo: typeset(todo.as_ref()) }
    }

    /// That a set-up file lacks a line.
    pub(super) fn missing() -> Self {
        Self::new("ce réglage manque", "Indiquez-le")
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. {}.", self.what, self.todo)
    }
}

impl std::error::Error for Refusal {}

/// Spaces before double punctuation and inside guillemets do not break.
pub(super) fn typeset(text: &str) -> String {
    let mut typeset = text.replace("« ", "«\u{a0}");
    for mark in [":", ";", "?", "!", "»"] {
        typeset = typeset.replace(&format!(" {mark}"), &format!("\u{a0}{mark}"));
    }
    typeset
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn double_punctuation_does_not_stand_alone_on_a_line() {
        let refusal = Refusal::new("« dhpc » n’est pas un mode", "Écrivez : « dhcp »");
        assert_eq!(
            refusal.to_string(),
            "«\u{a0}dhpc\u{a0}» n’est pas un mode. Écrivez\u{a0}: «\u{a0}dhcp\u{a0}»."
        );
    }
}
