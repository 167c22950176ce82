use crate::{Store, StoreError, convert};
use rusqlite::{OptionalExtension, Transaction, params};
use tabellion_domain::{AuditEvent, ChainCheck, ChainError, JournalLine, chain_hash};
use time::OffsetDateTime;

/// Lines that the check reads in one go.
const CHECKED_AT_ONCE: u32 = 1_000;

/// Appends to the audit journal within a transaction: the change and its line are there together, or neither is.
///
/// # Errors
/// [`StoreError`].
pub(crate) fn append(tx: &Transaction<'_>, event: &AuditEvent, at: OffsetDateTime) -> Result<(), StoreError> {
    let last: Option<(i64, [u8; 32])> = tx
        .query_row("SELECT number, hash FROM audit_journal ORDER BY number DESC LIMIT 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let (number, previous) = last.map_or((1, [0; 32]), |(number, hash)| (number + 1, hash));
    let event = serde_json::to_string(event).expect("an audit event has string keys only");
    let at = convert::micros(at);
    let hash = chain_hash(&previous, number, at, &event);
    tx.execute(
        "INSERT INTO audit_journal (number, at, event, hash) VALUES (?1, ?2, ?3, ?4)",
        params![number, at, event, hash],
    )?;
    Ok(())
}

impl Store {
    /// Appends by itself.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn append_audit(&self, event: AuditEvent, at: OffsetDateTime) -> Result<(), StoreError> {
        self.transact(move |tx| append(tx, &event, at)).await
    }

    /// The whole journal, in order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn audit_journal(&self) -> Result<Vec<JournalLine>, StoreError> {
        self.transact(|tx| lines(tx, i64::MIN, -1)).await
    }

    /// Up to `limit` lines of the journal after line `after`, in order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn audit_lines(&self, after: i64, limit: u32) -> Result<Vec<JournalLine>, StoreError> {
        self.transact(move |tx| lines(tx, after, i64::from(limit))).await
    }

    /// Whether the journal is as it was written. Other work of the store goes on in between.
    ///
    /// # Errors
    /// [`StoreError`]; the inner one names the first line that was altered.
    pub async fn verify_audit(&self) -> Result<Result<(), ChainError>, StoreError> {
        let mut check = ChainCheck::default();
        // A line that was put before the first is seen, too.
        let mut after = i64::MIN;
        loop {
            let lines = self.audit_lines(after, CHECKED_AT_ONCE).await?;
            if lines.is_empty() {
                return Ok(Ok(()));
            }
            for line in &lines {
                if let Err(error) = check.line(line) {
                    return Ok(Err(error));
                }
            }
            after = check.lines();
        }
    }
}

fn lines(tx: &Transaction<'_>, after: i64, limit: i64) -> Result<Vec<JournalLine>, StoreError> {
    let mut statement = tx.prepare(
        "SELECT number, at, event, hash FROM audit_journal WHERE number > ?1 ORDER BY number LIMIT ?2",
    )?;
    let rows = statement.query_map([after, limit], |row| {
        Ok(JournalLine { number: row.get(0)?, at_micros: row.get(1)?, event: row.get(2)?, hash: row.get(3)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
