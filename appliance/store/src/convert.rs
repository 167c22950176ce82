//! Between SQLite's types and the domain's.

use crate::StoreError;
use serde_json::Value;
use tabellion_domain::{Civility, Role, settings::Author};
use time::OffsetDateTime;

/// Unix microseconds.
pub(crate) fn micros(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1000)
        .expect("years −9999 to 9999 fit in 64 bits of microseconds")
}

pub(crate) fn time(micros: i64) -> Result<OffsetDateTime, StoreError> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1000)
        .map_err(|_| unreadable("a time", micros))
}

pub(crate) fn unreadable(what: &'static str, value: impl ToString) -> StoreError {
    StoreError::Unreadable { what, value: value.to_string() }
}

pub(crate) fn civility(label: &str) -> Result<Civility, StoreError> {
    Civility::from_label(label).ok_or_else(|| unreadable("a civility", label))
}

/// An author is stored as JSON: one of them has a number.
pub(crate) fn author_word(author: Author) -> String {
    serde_json::to_string(&author).expect("an author has string keys only")
}

pub(crate) fn author_from_word(word: &str) -> Result<Author, StoreError> {
    serde_json::from_str(word).map_err(|_| unreadable("an author", word))
}

/// Enumerations are stored by their serde name, so that a row reads as the code does.
pub(crate) fn word<T: serde_like::Word>(value: &T) -> String {
    value.word()
}

pub(crate) fn from_word<T: serde_like::Word>(what: &'static str, word: &str) -> Result<T, StoreError> {
    T::from_word(word).ok_or_else(|| unreadable(what, word))
}

/// What is stored as one word.
pub(crate) mod serde_like {
    use super::Role;
    use tabellion_domain::{
        CallDirection, CallMedia, CallOutcome,
        admission::{Channel, Identity},
        scheduled::State,
    };

    pub(crate) trait Word: Sized {
        fn word(&self) -> String;
        fn from_word(word: &str) -> Option<Self>;
    }

    macro_rules! words {
        ($($type:ty),*) => { $(
            impl Word for $type {
                fn word(&self) -> String {
                    match serde_json::to_value(self) {
                        Ok(super::Value::String(word)) => word,
                        _ => unreachable!("{} is an enumeration without fields", stringify!($type)),
                    }
                }
                fn from_word(word: &str) -> Option<Self> {
                    serde_json::from_value(super::Value::String(word.to_owned())).ok()
                }
            }
        )* };
    }
    words!(Role, Channel, Identity, CallDirection, CallMedia, CallOutcome, State);
}
