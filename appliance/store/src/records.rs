use crate::{Store, StoreError, StoredSeat, convert, seats};
use rusqlite::params;
use tabellion_domain::{AuditEvent, JournalLine, MeetingId, admission::JournalEntry};
use time::OffsetDateTime;

/// A line that the audit journal has of a meeting.
#[derive(Clone, PartialEq, Debug)]
pub struct MeetingLine {
    /// When.
    pub at: OffsetDateTime,
    /// What.
    pub entry: JournalEntry,
    /// The line itself.
    pub line: JournalLine,
}

impl Store {
    /// The audit journal's lines of one meeting, in order, as far as their retention period goes.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn meeting_lines(&self, meeting: MeetingId) -> Result<Vec<MeetingLine>, StoreError> {
        self.transact(move |tx| {
            let mut statement = tx.prepare(
                "SELECT number, at, event, hash FROM audit_journal WHERE json_extract(event, '$.event') = 'meeting' \
                 AND json_extract(event, '$.meeting') = ?1 ORDER BY number",
            )?;
            let rows = statement.query_map(params![meeting.0], |row| {
                Ok(JournalLine { number: row.get(0)?, at_micros: row.get(1)?, event: row.get(2)?, hash: row.get(3)? })
            })?;
            rows.map(|line| read(line?)).collect()
        })
        .await
    }

    /// Every seat that a meeting has had, oldest first, as far as their retention period goes.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn seats_of(&self, meeting: MeetingId) -> Result<Vec<StoredSeat>, StoreError> {
        self.transact(move |tx| seats::select(tx, &format!("meeting = {}", meeting.0))).await
    }
}

fn read(line: JournalLine) -> Result<MeetingLine, StoreError> {
    match serde_json::from_str(&line.event) {
        Ok(AuditEvent::Meeting { entry, .. }) => {
            Ok(MeetingLine { at: convert::time(line.at_micros)?, entry, line })
        }
        _ => Err(convert::unreadable("a meeting's line in the journal", line.number)),
    }
}
