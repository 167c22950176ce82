use super::keys;
use crate::settings::Refusal;
use serde::{Serialize, Serializer, ser::SerializeStruct};
use std::fmt;

/// One fault of a set-up file, or one thing to be looked at: for the user, in French. Never holds a secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SetupError {
    /// Which line, from 1 up. None: something that is missing altogether, or settings that come from no file.
    pub line: Option<u32>,
    /// Which key or table, as it is written: `network.gateway`. Empty where the text cannot be read that far.
    pub key: String,
    /// What is wrong, and what to do.
    pub refusal: Refusal,
}

impl SetupError {
    /// Without a line: what is found after the file was read gets it from [`super::SetupFile::locate`].
    #[must_use]
    pub fn new(key: impl Into<String>, refusal: Refusal) -> Self {
        Self { line: None, key: key.into(), refusal }
    }

    /// The key in French: «réseau › passerelle». Empty where there is none.
    #[must_use]
    pub fn label(&self) -> String {
        keys::label(&self.key)
    }
}

impl fmt::Display for SetupError {
    /// «Ligne 12, réseau › passerelle (network.gateway) : 10.0.0.1 n’est pas dans le réseau 192.168.10.0/24. Indiquez …»
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "Ligne\u{a0}{line}")?,
            None => f.write_str("Réglages")?,
        }
        match self.label() {
            label if !label.is_empty() => write!(f, ", {label} ({})", self.key)?,
            _ if !self.key.is_empty() => write!(f, ", «\u{a0}{}\u{a0}»", self.key)?,
            _ => {}
        }
        write!(f, "\u{a0}: {}", self.refusal)
    }
}

impl std::error::Error for SetupError {}

impl Serialize for SetupError {
    /// `{line, key, label, what, todo}`: what a page shows beside its field.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("SetupError", 5)?;
        fields.serialize_field("line", &self.line)?;
        fields.serialize_field("key", &self.key)?;
        fields.serialize_field("label", &self.label())?;
        fields.serialize_field("what", &self.refusal.what)?;
        fields.serialize_field("todo", &self.refusal.todo)?;
        fields.end()
    }
}
