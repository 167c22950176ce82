use super::Invitee;
use crate::name::is_invisible;
use std::fmt;

/// The most that a message has, in characters: the names of some hundred people and more fit in.
const LONGEST: usize = 50_000;
/// Of these, what is kept free for the words around the names.
const AROUND_NAMES: usize = 200;

/// «Message»: what the organizer writes to those who are invited.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message(String);

/// Why a text is none; for the user, in French.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MessageError {
    /// Nothing but white space.
    #[error("Ce champ est à remplir.")]
    Empty,
    /// Too long.
    #[error("50\u{a0}000 caractères au plus.")]
    TooLong,
    /// Control and invisible characters.
    #[error("Les signes invisibles ne sont pas acceptés.")]
    Forbidden,
}

impl Message {
    /// Checks; ends lines with `\n` alone.
    ///
    /// # Errors
    /// [`MessageError`].
    pub fn new(text: &str) -> Result<Self, MessageError> {
        let text = text.trim().replace("\r\n", "\n");
        // A tab is typed; all else that is not seen is not.
        let hidden = |c: char| (c.is_control() && !matches!(c, '\n' | '\t')) || is_invisible(c);
        match text.as_str() {
            "" => Err(MessageError::Empty),
            text if text.chars().count() > LONGEST => Err(MessageError::TooLong),
            text if text.chars().any(hidden) => Err(MessageError::Forbidden),
            _ => Ok(Self(text)),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What the field has before anybody writes (SCHED-07): who will be there. Always short enough for a [`Message`].
#[must_use]
pub fn prefilled<'a>(invitees: impl IntoIterator<Item = &'a Invitee>) -> String {
    let names: Vec<_> = invitees.into_iter().map(Invitee::full_name).collect();
    format!("Seront présents lors de cette réunion\u{a0}:\n{}\n\nVous remerciant par avance,", listed(&names))
}

/// A line each; where not all fit, how many more there are.
fn listed(names: &[String]) -> String {
    let mut room = LONGEST - AROUND_NAMES;
    let fitting = names.iter().take_while(|name| {
        let needed = name.chars().count() + 1;
        let fits = needed <= room;
        room = room.saturating_sub(needed);
        fits
    });
    let mut lines: Vec<_> = fitting.map(String::as_str).collect();
    let rest = match names.len() - lines.len() {
        0 => None,
        1 => Some("… et 1 autre personne".to_owned()),
        more => Some(format!("… et {more} autres personnes")),
    };
    lines.extend(rest.as_deref());
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::super::{InviteeForm, read_all};
    use super::*;

    #[test]
    fn the_message_begins_with_those_who_will_be_there() {
        let row = |civility: &str, name: &str, email: &str| {
            let form = InviteeForm {
                civility: civility.into(),
                name: name.into(),
                email: email.into(),
                role: "guest".into(),
            };
            (None, form, true)
        };
        let rows = [row("Maître", "Pierre Dupont", "p@n.fr"), row("", "Denise Beausoleil", "d@n.fr")];
        let people = read_all(rows).unwrap();
        assert_eq!(
            prefilled(people.iter().map(|entry| &entry.invitee)),
            "Seront présents lors de cette réunion\u{a0}:\nMaître Pierre Dupont\nDenise Beausoleil\n\n\
             Vous remerciant par avance,"
        );
    }

    #[test]
    fn a_crowd_that_does_not_fit_is_counted() {
        let long = "é".repeat(60);
        let row = |i: usize| {
            let (name, email) = (format!("Client {i} {long}"), format!("c{i}@client.fr"));
            (None, InviteeForm { civility: String::new(), name, email, role: "guest".into() }, true)
        };
        let people = read_all((0..1_000).map(row)).unwrap();
        let text = prefilled(people.iter().map(|entry| &entry.invitee));
        assert!(Message::new(&text).is_ok(), "{}", text.chars().count());
        let named = text.lines().filter(|line| line.starts_with("Client ")).count();
        let rest = format!("\n… et {} autres personnes\n\nVous remerciant", 1_000 - named);
        assert!(named > 600 && text.contains(&rest), "{named}");
    }

    #[test]
    fn a_message_has_lines_and_nothing_that_hides() {
        assert_eq!(Message::new(" Bonjour,\r\n\tà demain\n").unwrap().as_str(), "Bonjour,\n\tà demain");
        assert_eq!(Message::new("\n "), Err(MessageError::Empty));
        assert_eq!(Message::new(&"é".repeat(50_001)), Err(MessageError::TooLong));
        assert_eq!(Message::new("a\u{0}b"), Err(MessageError::Forbidden));
        assert_eq!(Message::new("a\u{202e}b"), Err(MessageError::Forbidden));
    }
}
