use crate::{Store, StoreError, convert};
use rusqlite::{OptionalExtension, Transaction, params};
use tabellion_domain::{AuditEvent, ChainCheck, ChainError, Checkpoint, JournalLine, chain_hash};
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
        self.transact(|tx| lines(tx, i64::MIN, u32::MAX)).await
    }

    /// Up to `limit` lines of the journal after line `after`, in order.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn audit_lines(&self, after: i64, limit: u32) -> Result<Vec<JournalLine>, StoreError> {
        self.transact(move |tx| lines(tx, after, limit)).await
    }

    /// Whether the journal is as it was written. Other work of the store goes on in between.
    ///
    /// # Errors
    /// [`StoreError`]; the inner one names the first line that was altered.
    pub async fn verify_audit(&self) -> Result<Result<(), ChainError>, StoreError> {
        Ok(self.check_audit(|_| ()).await?.map(drop))
    }

    /// The same, for who wants to know what was found: `seen` is called where the check begins and after each line; from the
    /// beginning again, where the journal is shortened meanwhile.
    ///
    /// # Errors
    /// As [`Store::verify_audit`].
    pub async fn check_audit(
        &self,
        mut seen: impl FnMut(&ChainCheck) + Send,
    ) -> Result<Result<ChainCheck, ChainError>, StoreError> {
        loop {
            let (begins, first) =
                self.transact(|tx| Ok((checkpoint(tx)?, lines(tx, i64::MIN, CHECKED_AT_ONCE)?))).await?;
            let checked = self.check_from(ChainCheck::from(begins), first, &mut seen).await?;
            let still = self.transact(checkpoint).await?;
            if checked.is_ok() || still == begins {
                return Ok(checked);
            }
        }
    }

    async fn check_from(
        &self,
        mut check: ChainCheck,
        first: Vec<JournalLine>,
        seen: &mut (impl FnMut(&ChainCheck) + Send),
    ) -> Result<Result<ChainCheck, ChainError>, StoreError> {
        seen(&check);
        let mut next = first;
        while !next.is_empty() {
            for line in &next {
                if let Err(error) = check.line(line) {
                    return Ok(Err(error));
                }
                seen(&check);
            }
            next = self.audit_lines(check.lines(), CHECKED_AT_ONCE).await?;
        }
        Ok(check.end().map(|()| check))
    }
}

/// Where the journal begins.
fn checkpoint(tx: &Transaction<'_>) -> Result<Option<Checkpoint>, StoreError> {
    let sql = "SELECT number, hash FROM audit_checkpoint";
    let found = tx.query_row(sql, [], |row| Ok(Checkpoint { number: row.get(0)?, hash: row.get(1)? }));
    Ok(found.optional()?)
}

/// Deletes the first lines, up to `most`, that are older than `before`; never one behind a younger one, should the clock have been
/// set back. How many.
pub(crate) fn shorten(
    tx: &Transaction<'_>,
    before: OffsetDateTime,
    most: u32,
    at: OffsetDateTime,
) -> Result<u64, StoreError> {
    let begins = checkpoint(tx)?.map_or(0, |checkpoint| checkpoint.number);
    let oldest = lines(tx, begins, most)?;
    let old = oldest.iter().take_while(|line| line.at_micros < convert::micros(before));
    let Some(last) = old.last() else { return Ok(0) };
    let checkpoint = Checkpoint { number: last.number, hash: last.hash };
    append(tx, &checkpoint.into(), at)?;
    tx.execute(
        "INSERT INTO audit_checkpoint (id, number, hash) VALUES (1, ?1, ?2) \
         ON CONFLICT (id) DO UPDATE SET number = excluded.number, hash = excluded.hash",
        params![checkpoint.number, checkpoint.hash],
    )?;
    let gone = tx.execute("DELETE FROM audit_journal WHERE number <= ?1", [checkpoint.number])?;
    Ok(gone as u64)
}

fn lines(tx: &Transaction<'_>, after: i64, limit: u32) -> Result<Vec<JournalLine>, StoreError> {
    let mut statement = tx.prepare(
        "SELECT number, at, event, hash FROM audit_journal WHERE number > ?1 ORDER BY number LIMIT ?2",
    )?;
    let rows = statement.query_map([after, i64::from(limit)], |row| {
        Ok(JournalLine { number: row.get(0)?, at_micros: row.get(1)?, event: row.get(2)?, hash: row.get(3)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
