use crate::{Store, StoreError, convert};
use rusqlite::Row;
use time::OffsetDateTime;

/// Why a message was not taken.
#[derive(Clone, PartialEq, Eq)]
pub struct MessageTrouble {
    /// For the log and the support, in English: without an address or a text.
    pub detail: String,
    /// What the gateway answered, word for word: it may name the address.
    pub answer: Option<String>,
}

/// What has become of a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum MessageState {
    /// It is to be sent.
    Waiting {
        /// Of the last attempt, if there was one.
        trouble: Option<MessageTrouble>,
        /// When it is tried again, at the latest.
        next: OffsetDateTime,
    },
    /// The gateway has taken it, then.
    Sent(OffsetDateTime),
    /// The gateway has refused it, or its address, for good.
    Refused {
        /// When.
        at: OffsetDateTime,
        /// Why.
        trouble: MessageTrouble,
    },
    /// It was tried for as long as it was of use.
    GivenUp {
        /// When.
        at: OffsetDateTime,
        /// Why it was not taken the last time.
        trouble: MessageTrouble,
    },
}

/// What has become of the newest message of a reference.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeliveryState {
    /// What the message is about.
    pub reference: String,
    /// When it was put into the outbox.
    pub queued_at: OffsetDateTime,
    /// Where it is.
    pub state: MessageState,
}

/// A row as SQLite has it.
struct Raw {
    reference: String,
    queued_at: i64,
    next_attempt_at: i64,
    sent_at: Option<i64>,
    given_up_at: Option<i64>,
    refused: bool,
    detail: Option<String>,
    answer: Option<String>,
}

fn read(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok(Raw {
        reference: row.get(0)?,
        queued_at: row.get(1)?,
        next_attempt_at: row.get(2)?,
        sent_at: row.get(3)?,
        given_up_at: row.get(4)?,
        refused: row.get(5)?,
        detail: row.get(6)?,
        answer: row.get(7)?,
    })
}

fn checked(raw: Raw) -> Result<DeliveryState, StoreError> {
    let trouble = raw.detail.map(|detail| MessageTrouble { detail, answer: raw.answer });
    let state = match (raw.sent_at, raw.given_up_at) {
        (Some(at), _) => MessageState::Sent(convert::time(at)?),
        (None, None) => MessageState::Waiting { trouble, next: convert::time(raw.next_attempt_at)? },
        (None, Some(at)) => {
            let at = convert::time(at)?;
            let trouble = trouble.unwrap_or_else(|| "without a reason".into());
            if raw.refused {
                MessageState::Refused { at, trouble }
            } else {
                MessageState::GivenUp { at, trouble }
            }
        }
    };
    Ok(DeliveryState { reference: raw.reference, queued_at: convert::time(raw.queued_at)?, state })
}

impl Store {
    /// What has become of the messages whose reference begins like this, the newest of each, in the references' order. A prefix that
    /// ends in a colon is that of one thing: `scheduled:1:` is not that of `scheduled:12:…`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delivery_states(&self, prefix: &str) -> Result<Vec<DeliveryState>, StoreError> {
        let prefix = prefix.to_owned();
        self.transact(move |tx| {
            // A reference that begins with the prefix is less than the prefix with the last of all characters behind it.
            let mut statement = tx.prepare(
                "SELECT reference, queued_at, next_attempt_at, sent_at, given_up_at, refused, last_error, answer \
                 FROM outbox WHERE id IN (SELECT max(id) FROM outbox \
                 WHERE reference >= ?1 AND reference < ?1 || char(0x10ffff) GROUP BY reference) ORDER BY reference",
            )?;
            let rows = statement.query_map([prefix], read)?;
            rows.map(|row| checked(row?)).collect()
        })
        .await
    }
}

impl From<&str> for MessageTrouble {
    fn from(detail: &str) -> Self {
        detail.to_owned().into()
    }
}

impl From<String> for MessageTrouble {
    fn from(detail: String) -> Self {
        Self { detail, answer: None }
    }
}

impl std::fmt::Display for MessageTrouble {
    /// For the log: without the gateway's answer.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::fmt::Debug for MessageTrouble {
    /// The same.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("MessageTrouble").field(&self.detail).finish()
    }
}
