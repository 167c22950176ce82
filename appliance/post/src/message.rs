use serde::{Deserialize, Serialize};
use std::fmt;
use time::OffsetDateTime;

/// A mail, as it lies in the outbox ([`tabellion_store::OutboxKind::Mail`]).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// One mail address.
    pub to: String,
    /// Whose it is; empty: not said.
    #[serde(default)]
    pub to_name: String,
    /// Where an answer goes, if not to the sender.
    #[serde(default)]
    pub reply_to: Option<String>,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// The same as a document of HTML.
    #[serde(default)]
    pub html: Option<String>,
    /// What calendars make of it.
    #[serde(default)]
    pub calendar: Option<CalendarPart>,
    /// From when on it is of no use: a meeting that is over.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub not_after: Option<OffsetDateTime>,
}

/// An iCalendar object in a mail (RFC 6047).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarPart {
    /// `REQUEST` or `CANCEL` (RFC 5546).
    pub method: String,
    /// The object.
    pub ics: String,
}

/// An SMS, as it lies in the outbox ([`tabellion_store::OutboxKind::Sms`]).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sms {
    /// Telephone number, international: `+33612345678`.
    pub to: String,
    /// What it says.
    pub text: String,
    /// From when on it is of no use: a code that has expired.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub not_after: Option<OffsetDateTime>,
}

impl Mail {
    /// A mail of text alone.
    #[must_use]
    pub fn plain(to: String, subject: String, text: String) -> Self {
        let to_name = String::new();
        Self { to, to_name, reply_to: None, subject, text, html: None, calendar: None, not_after: None }
    }

    /// What the store's outbox takes.
    #[must_use]
    pub fn payload(&self) -> serde_json::Value {
        serde_json::json!(self)
    }
}

impl Sms {
    /// What the store's outbox takes.
    #[must_use]
    pub fn payload(&self) -> serde_json::Value {
        serde_json::json!(self)
    }
}

impl fmt::Debug for Mail {
    /// Addresses and texts have no place in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mail(…)")
    }
}

impl fmt::Debug for Sms {
    /// Numbers and codes have no place in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sms(…)")
    }
}

impl fmt::Debug for CalendarPart {
    /// Addresses and links have no place in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CalendarPart(…)")
    }
}
