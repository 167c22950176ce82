use crate::{Store, StoreError, Topic, audit, convert};
use rusqlite::{OptionalExtension, Transaction, params};
use tabellion_domain::{AuditEvent, settings::Cutoffs};
use time::OffsetDateTime;

/// Rows that one transaction deletes: nobody who joins a meeting waits for more.
const AT_ONCE: u32 = 1_000;

/// What a purge has deleted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Purged {
    /// Calls of the users' logs.
    pub calls: u64,
    /// Scheduled meetings that are over, with those who were invited.
    pub meetings: u64,
    /// Seats in meetings that are over.
    pub seats: u64,
    /// Mails and SMS that had gone, or were given up.
    pub messages: u64,
    /// Names of accounts that had been deleted.
    pub names: u64,
    /// Lines of the audit journal.
    pub journal: u64,
}

impl Purged {
    /// Whether it was nothing at all.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// An order's mail that was given up says that the order has still to be handed over.
const OLD_MESSAGES: &str = "SELECT id FROM outbox WHERE coalesce(sent_at, given_up_at) < ?1 \
     AND NOT (given_up_at IS NOT NULL AND id IN (SELECT mail FROM orders WHERE mail IS NOT NULL)) LIMIT ?2";

impl Store {
    /// Deletes what is older than its retention period, a part at a time, and notes in the journal how much it was.
    ///
    /// # Errors
    /// [`StoreError`]; what was deleted until then is deleted.
    pub async fn purge(&self, cutoffs: Cutoffs, at: OffsetDateTime) -> Result<Purged, StoreError> {
        let Cutoffs { calls, meetings, messages, journal } = cutoffs;
        let purged = Purged {
            calls: self
                .purge_rows("calls", "SELECT id FROM calls WHERE ended_at < ?1 LIMIT ?2", calls)
                .await?,
            meetings: self
                .purge_rows(
                    "scheduled_meetings",
                    "SELECT id FROM scheduled_meetings WHERE closes_at <= ?1 AND state IN ('cancelled', 'expired') LIMIT ?2",
                    meetings,
                )
                .await?,
            seats: self
                .purge_rows(
                    "seats",
                    "SELECT id FROM seats WHERE ended = 1 AND changed_at < ?1 LIMIT ?2",
                    meetings,
                )
                .await?,
            messages: self.purge_rows("outbox", OLD_MESSAGES, messages).await?
                + self
                    .purge_rows(
                        "demonstration_messages",
                        "SELECT id FROM demonstration_messages WHERE at < ?1 LIMIT ?2",
                        messages,
                    )
                    .await?,
            names: self.forget_names(journal).await?,
            journal: self.shorten_journal(journal, at).await?,
        };
        self.transact(move |tx| note(tx, purged, at)).await?;
        if purged.calls > 0 {
            self.tell(Topic::Calls);
        }
        Ok(purged)
    }

    /// The last moment before the day that ends at `now` that the audit journal or a purge tells of: what the box was up for, whatever its
    /// clock says now. None: it is as new as that.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn last_sign(&self, now: OffsetDateTime) -> Result<Option<OffsetDateTime>, StoreError> {
        self.transact(move |tx| {
            let day = convert::micros(now - time::Duration::DAY);
            let sql = "SELECT max(at) FROM (SELECT at FROM last_purge UNION ALL \
                       SELECT at FROM (SELECT at FROM audit_journal ORDER BY number DESC LIMIT 1000) WHERE at < ?1)";
            let found: Option<i64> = tx.query_row(sql, [day], |row| row.get(0))?;
            found.map(convert::time).transpose()
        })
        .await
    }

    /// When the last purge was, and what it has deleted.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn last_purge(&self) -> Result<Option<(OffsetDateTime, Purged)>, StoreError> {
        self.transact(|tx| {
            let sql = "SELECT at, calls, meetings, seats, messages, names, journal FROM last_purge";
            let found = tx.query_row(sql, [], |row| {
                let (calls, meetings, seats) = (row.get(1)?, row.get(2)?, row.get(3)?);
                let (messages, names, journal) = (row.get(4)?, row.get(5)?, row.get(6)?);
                Ok((row.get(0)?, Purged { calls, meetings, seats, messages, names, journal }))
            });
            found.optional()?.map(|(at, purged)| Ok((convert::time(at)?, purged))).transpose()
        })
        .await
    }

    /// Deletes what `which` finds, whose parameters are a time and a number of rows.
    async fn purge_rows(
        &self,
        table: &'static str,
        which: &'static str,
        before: OffsetDateTime,
    ) -> Result<u64, StoreError> {
        let sql = format!("DELETE FROM {table} WHERE id IN ({which})");
        self.again_and_again(
            move |tx| Ok(tx.execute(&sql, params![convert::micros(before), AT_ONCE])? as u64),
        )
        .await
    }

    /// Their rows stay, for what was made with them.
    async fn forget_names(&self, before: OffsetDateTime) -> Result<u64, StoreError> {
        self.again_and_again(move |tx| {
            let sql = "UPDATE users SET civility = '', first_name = '', last_name = 'Compte supprimé' WHERE id IN \
                       (SELECT id FROM users WHERE deleted_at < ?1 AND (first_name <> '' OR last_name <> 'Compte supprimé') LIMIT ?2)";
            Ok(tx.execute(sql, params![convert::micros(before), AT_ONCE])? as u64)
        })
        .await
    }

    async fn shorten_journal(&self, before: OffsetDateTime, at: OffsetDateTime) -> Result<u64, StoreError> {
        self.again_and_again(move |tx| audit::shorten(tx, before, AT_ONCE, at)).await
    }

    /// A transaction each, until one finds nothing.
    async fn again_and_again(
        &self,
        part: impl Fn(&Transaction<'_>) -> Result<u64, StoreError> + Clone + Send + 'static,
    ) -> Result<u64, StoreError> {
        let mut all = 0;
        loop {
            let part = part.clone();
            match self.transact(move |tx| part(tx)).await? {
                0 => return Ok(all),
                some => all += some,
            }
        }
    }
}

fn note(tx: &Transaction<'_>, purged: Purged, at: OffsetDateTime) -> Result<(), StoreError> {
    let Purged { calls, meetings, seats, messages, names, journal } = purged;
    if !(Purged { journal: 0, ..purged }).is_nothing() {
        audit::append(tx, &AuditEvent::Purged { calls, meetings, seats, messages, names }, at)?;
    }
    tx.execute(
        "INSERT OR REPLACE INTO last_purge (id, at, calls, meetings, seats, messages, names, journal) VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![convert::micros(at), calls, meetings, seats, messages, names, journal],
    )?;
    Ok(())
}
