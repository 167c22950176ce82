use serde::{Deserialize, Serialize};
use std::fmt;
use time::OffsetDateTime;

/// A mail, as it lies in the outbox ([`tabellion_store::OutboxKind::Mail`]).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// One mail address.
    pub to: String,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
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
