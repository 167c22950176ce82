use crate::{MessageTrouble, Store, StoreError, Topic, convert};
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

/// A message to be sent.
#[derive(Clone, PartialEq, Debug)]
pub struct NewMessage {
    /// How.
    pub kind: OutboxKind,
    /// What; the sender knows its shape.
    pub payload: Value,
    /// What it is about, where a page follows it ([`Store::delivery_states`]): words and numbers with colons between them,
    /// `scheduled:7:participant:12`.
    pub reference: Option<String>,
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

/// What waits and is not behind an older message of its reference: an invitation is not overtaken by its cancellation.
const WAITS: &str = "sent_at IS NULL AND given_up_at IS NULL AND NOT EXISTS (SELECT 1 FROM outbox AS before \
                     WHERE before.reference = outbox.reference AND before.id < outbox.id \
                     AND before.sent_at IS NULL AND before.given_up_at IS NULL)";

/// Adds a message to a transaction. Its row.
pub(crate) fn enqueue(
    tx: &Transaction<'_>,
    kind: OutboxKind,
    payload: &Value,
    at: OffsetDateTime,
) -> Result<i64, StoreError> {
    queue(tx, &NewMessage { kind, payload: payload.clone(), reference: None }, at)
}

/// Adds a message to a transaction. Its row. Older ones of its reference that still wait are tried at once: somebody wants them gone.
/// After the commit, [`Store::tell_outbox`].
pub(crate) fn queue(
    tx: &Transaction<'_>,
    message: &NewMessage,
    at: OffsetDateTime,
) -> Result<i64, StoreError> {
    let NewMessage { kind, payload, reference } = message;
    tx.execute(
        "UPDATE outbox SET next_attempt_at = min(next_attempt_at, ?2) \
         WHERE reference = ?1 AND sent_at IS NULL AND given_up_at IS NULL",
        params![reference, convert::micros(at)],
    )?;
    tx.execute(
        "INSERT INTO outbox (kind, payload, reference, queued_at, attempts, next_attempt_at) VALUES (?1, ?2, ?3, ?4, 0, ?4)",
        params![kind.word(), payload.to_string(), reference, convert::micros(at)],
    )?;
    Ok(tx.last_insert_rowid())
}

/// Takes back what waits of the references that begin like this: it would tell of what is not there any more.
pub(crate) fn withdraw(tx: &Transaction<'_>, prefix: &str, at: OffsetDateTime) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE outbox SET given_up_at = ?2, payload = 'null', last_error = 'withdrawn' \
         WHERE reference >= ?1 AND reference < ?1 || char(0x10ffff) AND sent_at IS NULL AND given_up_at IS NULL",
        params![prefix, convert::micros(at)],
    )?;
    Ok(())
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
        self.queue(vec![NewMessage { kind, payload, reference: None }], at).await
    }

    /// Adds messages, all of them or none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn queue(&self, messages: Vec<NewMessage>, at: OffsetDateTime) -> Result<(), StoreError> {
        let followed = messages.iter().any(|message| message.reference.is_some());
        self.transact(move |tx| messages.iter().try_for_each(|message| queue(tx, message, at).map(drop)))
            .await?;
        self.tell_outbox(followed);
        Ok(())
    }

    /// To be called after the commit of a message; `followed`: it has a reference.
    pub(crate) fn tell_outbox(&self, followed: bool) {
        self.outbox.send_replace(());
        if followed {
            self.tell(Topic::Deliveries);
        }
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
            let mut statement = tx.prepare(&format!(
                "SELECT id, payload, queued_at, attempts FROM outbox \
                 WHERE kind = ?2 AND next_attempt_at <= ?1 AND {WAITS} ORDER BY id LIMIT 100",
            ))?;
            let rows = statement.query_map(params![convert::micros(now), kind.word()], |row| {
                Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?, row.get(3)?))
            })?;
            rows.map(|row| {
                let (id, payload, queued_at, attempts) = row?;
                let payload = serde_json::from_str(&payload)
                    .map_err(|_| convert::unreadable("a message", "(not shown)"))?;
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
            let sql = format!("SELECT min(next_attempt_at) FROM outbox WHERE kind = ?1 AND {WAITS}");
            let next: Option<i64> = tx.query_row(&sql, [kind.word()], |row| row.get(0))?;
            next.map(convert::time).transpose()
        })
        .await
    }

    /// A message was taken by the next hop. Its text is not kept: it may hold a code.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn outbox_sent(&self, id: i64, at: OffsetDateTime) -> Result<(), StoreError> {
        let sql = "UPDATE outbox SET sent_at = ?2, payload = 'null', attempts = attempts + 1, last_error = NULL, answer = NULL \
                   WHERE id = ?1 RETURNING reference IS NOT NULL";
        self.settle(move |tx| Ok(tx.query_row(sql, params![id, convert::micros(at)], |row| row.get(0))?))
            .await
    }

    /// A message was not taken; when it is tried again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn outbox_failed(
        &self,
        id: i64,
        trouble: MessageTrouble,
        next: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE outbox SET attempts = attempts + 1, last_error = ?2, answer = ?3, next_attempt_at = ?4 \
                   WHERE id = ?1 RETURNING reference IS NOT NULL";
        let MessageTrouble { detail, answer } = trouble;
        self.settle(move |tx| {
            Ok(tx.query_row(sql, params![id, detail, answer, convert::micros(next)], |row| row.get(0))?)
        })
        .await
    }

    /// A message was refused for good. Its text is not kept: it may hold a code.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn outbox_refused(
        &self,
        id: i64,
        trouble: MessageTrouble,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        self.settle(move |tx| end(tx, id, true, trouble, at)).await
    }

    /// A message will not be tried again. Its text is not kept: it may hold a code.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn outbox_given_up(
        &self,
        id: i64,
        trouble: MessageTrouble,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        self.settle(move |tx| end(tx, id, false, trouble, at)).await
    }

    /// `change` says whether the message that it changes has a reference: whoever follows it is told.
    async fn settle(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> Result<bool, StoreError> + Send + 'static,
    ) -> Result<(), StoreError> {
        if self.transact(change).await? {
            self.tell(Topic::Deliveries);
        }
        Ok(())
    }
}

fn end(
    tx: &Transaction<'_>,
    id: i64,
    refused: bool,
    trouble: MessageTrouble,
    at: OffsetDateTime,
) -> Result<bool, StoreError> {
    let sql = "UPDATE outbox SET given_up_at = ?4, payload = 'null', attempts = attempts + 1, last_error = ?2, answer = ?3, \
               refused = ?5 WHERE id = ?1 RETURNING reference IS NOT NULL";
    let MessageTrouble { detail, answer } = trouble;
    Ok(tx.query_row(sql, params![id, detail, answer, convert::micros(at), refused], |row| row.get(0))?)
}
