use crate::{NewStoredSeat, Store, StoreError, Topic, audit, seats};
use rusqlite::{Transaction, params};
use tabellion_domain::{AuditEvent, SeatId, admission::Stage};
use time::OffsetDateTime;

/// What one change of a meeting writes: all of it, or nothing.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct SeatChanges {
    /// Where seats stand now, in this order.
    pub stages: Vec<(SeatId, Stage)>,
    /// What seats have switched on: microphone and camera.
    pub media: Vec<(SeatId, bool, bool)>,
    /// Lines for the audit journal.
    pub journal: Vec<AuditEvent>,
}

impl SeatChanges {
    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.stages.is_empty() && self.media.is_empty() && self.journal.is_empty()
    }

    fn write(&self, tx: &Transaction<'_>, at: OffsetDateTime) -> Result<(), StoreError> {
        for (seat, stage) in &self.stages {
            seats::set_stage(tx, *seat, *stage, at)?;
        }
        for (seat, microphone, camera) in &self.media {
            tx.execute(
                "UPDATE seats SET microphone = ?2, camera = ?3 WHERE id = ?1",
                params![seat.0, microphone, camera],
            )?;
        }
        self.journal.iter().try_for_each(|event| audit::append(tx, event, at))
    }
}

impl Store {
    /// Stores a change of a meeting.
    ///
    /// # Errors
    /// [`StoreError`]; nothing was changed then.
    pub async fn change_seats(&self, changes: SeatChanges, at: OffsetDateTime) -> Result<(), StoreError> {
        if changes.is_empty() {
            return Ok(());
        }
        let moves = !changes.stages.is_empty();
        self.transact(move |tx| changes.write(tx, at)).await?;
        if moves {
            self.tell(Topic::Waiting);
        }
        Ok(())
    }

    /// Stores a seat together with what follows from its number.
    ///
    /// # Errors
    /// [`StoreError`]; nothing was changed then.
    pub async fn insert_seat_with<T: Send + 'static>(
        &self,
        new: NewStoredSeat,
        decide: impl FnOnce(SeatId) -> (SeatChanges, T) + Send + 'static,
    ) -> Result<(SeatId, T), StoreError> {
        let done = self
            .transact(move |tx| {
                let at = new.at;
                let seat = seats::insert(tx, new)?;
                let (changes, decided) = decide(seat);
                changes.write(tx, at)?;
                Ok((seat, decided))
            })
            .await?;
        self.tell(Topic::Waiting);
        Ok(done)
    }
}
