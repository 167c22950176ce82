use crate::{Store, StoreError, convert};
use rusqlite::{Transaction, params};
use serde_json::Value;
use time::OffsetDateTime;
use tokio::sync::watch;

/// What a message is sent by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OutboxKind {
    /// SMTP.
    Mail,
    /// The SMS gateway.
    Sms,
}

impl OutboxKind {
    fn word(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Sms => "sms",
        }
    }
}

/// A message that waits to be sent. It is in the same transaction as the change that it tells of, so that neither is
/// there without the other.
#[derive(Clone, PartialEq, Debug)]
pub struct OutboxEntry {
    /// Its row.
    pub id: i64,
    /// How.
    pub kind: OutboxKind,
    /// What; the sender knows its shape.
    pub payload: Value,
    /// Since when it waits.
    pub queued_at: OffsetDateTime,
    /// Attempts so far.
    pub attempts: u32,
}

/// Adds a message to a transaction. Its row.
pub(crate) fn enqueue(
    tx: &Transaction<'_>,
    kind: OutboxKind,
    payload: &Value,
    at: OffsetDateTime,
) -> Result<i64, StoreError> {
    tx.execute(
        "INSERT INTO outbox (kind, payload, queued_at, attempts, next_attempt_at) VALUES (?1, ?2, ?3, 0, ?3)",
        params![kind.word(), payload.to_string(), convert::micros(at)],
    )?;
    Ok(tx.last_insert_rowid())
}

impl Store {
    /// Adds a message by itself.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn enqueue(
        &self,
        kind: OutboxKind,
        payload: Value,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        self.transact(move |tx| enqueue(tx, kind, &payload, at)).await?;
        self.outbox.send_replace(());
        Ok(())
    }

    /// Changes with each message that is added: for the task that sends them.
    #[must_use]
    pub fn outbox_changes(&self) -> watch::Receiver<()> {
        self.outbox.subscribe()
    }

    /// Up to a hundred messages of a kind that are to be sent now, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn outbox_due(
        &self,
        kind: OutboxKind,
        now: OffsetDateTime,
    ) -> Result<Vec<OutboxEntry>, StoreError> {
        self.transact(move |tx| {
            let mut statement = tx.prepare(
                "SELECT id, payload, queued_at, attempts FROM outbox \
                 WHERE kind = ?2 AND sent_at IS NULL AND given_up_at IS NULL AND next_attempt_at <= ?1 ORDER BY id LIMIT 100",
            )?;
            let rows = statement.query_map(params![convert::micros(now), kind.word()], |row| {
                Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?, row.get(3)?))
            })?;
            rows.map(|row| {
                let (id, payload, queued_at, attempts) = row?;
                let payload =
                    serde_json::from_str(&payload).map_err(|_| convert::unreadable("a message", "(not shown)"))?;
                Ok(OutboxEntry { id, kind, payload, queued_at: convert::time(queued_at)?, attempts })
            })
            .collect()
        })
        .await
    }

    /// When the next message of a kind is due, if one waits.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn outbox_next(&self, kind: OutboxKind) -> Result<Option<OffsetDateTime>, StoreError> {
        self.transact(move |tx| {
            let sql = "SELECT min(next_attempt_at) FROM outbox \
                       WHERE kind = ?1 AND sent_at IS NULL AND given_up_at IS NULL";
            let next: Option<i64> = tx.query_row(sql, [kind.word()], |row| row.get(0))?;
            next.map(convert::time).transpose()
        })
        .await
    }

    /// A message was taken by the next hop. Its text is not kept: it may hold a code.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn outbox_sent(&self, id: i64, at: OffsetDateTime) -> Result<(), StoreError> {
        self.transact(move |tx| {
            tx.execute(
                "UPDATE outbox SET sent_at = ?2, payload = 'null', attempts = attempts + 1 WHERE id = ?1",
                params![id, convert::micros(at)],
            )?;
            Ok(())
        })
        .await
    }

    /// A message was not taken; when it is tried again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn outbox_failed(
        &self,
        id: i64,
        error: String,
        next: OffsetDateTime,
    ) -> Result<(), StoreError> {
        self.transact(move |tx| {
            tx.execute(
                "UPDATE outbox SET attempts = attempts + 1, last_error = ?2, next_attempt_at = ?3 WHERE id = ?1",
                params![id, error, convert::micros(next)],
            )?;
            Ok(())
        })
        .await
    }

    /// A message will not be tried again. Its text is not kept: it may hold a code.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn outbox_given_up(
        &self,
        id: i64,
        error: String,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        self.transact(move |tx| {
            tx.execute(
                "UPDATE outbox SET given_up_at = ?3, payload = 'null', attempts = attempts + 1, last_error = ?2 \
                 WHERE id = ?1",
                params![id, error, convert::micros(at)],
            )?;
            Ok(())
        })
        .await
    }
}
