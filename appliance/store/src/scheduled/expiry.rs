use super::row;
use crate::{Store, StoreError, Topic, audit, convert};
use rusqlite::params;
use tabellion_domain::{AuditEvent, MeetingId, scheduled::State};
use time::OffsetDateTime;

impl Store {
    /// Cancels the meetings whose day is over (SCHED-14). Which have come to their end now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn expire_scheduled_meetings(&self, now: OffsetDateTime) -> Result<Vec<MeetingId>, StoreError> {
        let ended = self
            .transact(move |tx| {
                let due = "SELECT id, state <> ?2 FROM scheduled_meetings \
                           WHERE state IN ('draft', 'validated', 'sent') AND closes_at <= ?1 ORDER BY id";
                let mut statement = tx.prepare(due)?;
                let found = statement
                    .query_map(params![convert::micros(now), row::state_word(State::Draft)], |row| {
                        Ok((MeetingId(row.get(0)?), row.get::<_, bool>(1)?))
                    })?
                    .collect::<Result<Vec<_>, _>>()?;
                for (meeting, was_open) in &found {
                    tx.execute(
                        "UPDATE scheduled_meetings SET state = ?2, code = NULL, version = version + 1 WHERE id = ?1",
                        params![meeting.0, row::state_word(State::Expired)],
                    )?;
                    if *was_open {
                        audit::append(tx, &AuditEvent::MeetingExpired { meeting: *meeting }, now)?;
                    }
                }
                Ok(found.into_iter().map(|(meeting, _)| meeting).collect::<Vec<_>>())
            })
            .await?;
        if !ended.is_empty() {
            self.tell(Topic::ScheduledMeetings);
        }
        Ok(ended)
    }
}
