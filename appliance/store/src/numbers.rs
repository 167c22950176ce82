//! Numbers of meetings, permanent and scheduled ones: one has one meaning.

use crate::{Store, StoreError, meetings, scheduled};
use rusqlite::Transaction;
use tabellion_domain::{Entropy, MeetingFacts, MeetingNumber};

/// Draws that a free number is looked for in.
const DRAWS: usize = 100;

/// A number that no meeting has, nor has had as long as the box knows of it.
pub(crate) fn free(
    tx: &Transaction<'_>,
    prefix: &str,
    entropy: &dyn Entropy,
) -> Result<MeetingNumber, StoreError> {
    for _ in 0..DRAWS {
        let number = MeetingNumber::draw(prefix, entropy);
        if find(tx, &number)?.is_none() {
            return Ok(number);
        }
    }
    Err(StoreError::NumbersExhausted { prefix: prefix.to_owned() })
}

fn find(tx: &Transaction<'_>, number: &MeetingNumber) -> Result<Option<MeetingFacts>, StoreError> {
    if let Some(meeting) = meetings::one(tx, "number = ?1", &number.as_str())? {
        return Ok(Some(meeting.into()));
    }
    Ok(scheduled::one(tx, "number = ?1", &number.as_str())?.map(|meeting| meeting.facts()))
}

impl Store {
    /// The meeting that has a number, which may be closed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn meeting_by_number(
        &self,
        number: &MeetingNumber,
    ) -> Result<Option<MeetingFacts>, StoreError> {
        let number = number.clone();
        self.transact(move |tx| find(tx, &number)).await
    }
}
