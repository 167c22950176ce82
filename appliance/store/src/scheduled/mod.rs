//! Scheduled meetings. What a change means for those who were invited is decided and mailed in the transaction of the
//! change.

mod change;
mod create;
mod expiry;
mod invitations;
mod list;
mod participants;
mod row;

pub use create::NewScheduled;
pub(crate) use invitations::{Invited, invited};
pub use invitations::{Mailing, Told};
pub use list::{FormerParticipant, ScheduledPage, ScheduledRow};
pub(crate) use row::one;

use crate::{Store, StoreError, audit};
use rusqlite::Transaction;
use tabellion_domain::{
    AuditEvent, MeetingId, UserId,
    scheduled::{Participant, ScheduledMeeting, Undone},
};
use time::OffsetDateTime;

/// Why a meeting is not changed. Nothing was.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ScheduledRefusal {
    /// There is no such meeting (any more).
    #[error("no such meeting")]
    Unknown,
    /// Somebody else has changed it since it was looked at.
    #[error("the meeting was changed meanwhile")]
    Changed,
    /// It is cancelled, or its day is over.
    #[error("the meeting is over")]
    Over,
    /// It is not ready for this.
    #[error(transparent)]
    Undone(#[from] Undone),
    /// It has not been validated: nobody is invited.
    #[error("the meeting has not been validated")]
    NotValidated,
    /// «Envoyer ?» is ticked for nobody, or for nobody of those who were meant.
    #[error("there is nobody to send it to")]
    Nobody,
}

/// Who changes a meeting, and what was looked at.
#[derive(Clone, Copy, Debug)]
pub struct Edit {
    /// Which.
    pub meeting: MeetingId,
    /// The version that was looked at; none: whatever it is.
    pub version: Option<i64>,
    /// Who.
    pub by: UserId,
    /// When.
    pub at: OffsetDateTime,
}

/// A meeting and those who take part, by name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scheduled {
    /// The meeting.
    pub meeting: ScheduledMeeting,
    /// Its participants.
    pub participants: Vec<Participant>,
}

/// Ends a transaction: refused, or failed.
enum Halt {
    Refused(ScheduledRefusal),
    Failed(StoreError),
}

impl From<ScheduledRefusal> for Halt {
    fn from(refusal: ScheduledRefusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Undone> for Halt {
    fn from(undone: Undone) -> Self {
        Self::Refused(undone.into())
    }
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

impl From<rusqlite::Error> for Halt {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl Store {
    /// One transaction about a scheduled meeting, which is undone where it is refused.
    async fn edit_scheduled<R: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<R, Halt> + Send + 'static,
    ) -> Result<Result<R, ScheduledRefusal>, StoreError> {
        let done = self
            .transact(move |tx| {
                tx.execute_batch("SAVEPOINT scheduled")?;
                match work(tx) {
                    Ok(done) => Ok(Ok(done)),
                    Err(Halt::Refused(refusal)) => {
                        tx.execute_batch("ROLLBACK TO scheduled")?;
                        Ok(Err(refusal))
                    }
                    Err(Halt::Failed(error)) => Err(error),
                }
            })
            .await?;
        if done.is_ok() {
            self.tell_outbox(true);
            self.tell(crate::Topic::ScheduledMeetings);
        }
        Ok(done)
    }
}

/// The meeting that is to be changed, which must be as it was looked at.
fn editable(tx: &Transaction<'_>, edit: Edit) -> Result<ScheduledMeeting, Halt> {
    let meeting = one(tx, "id = ?1", &edit.meeting.0)?.ok_or(ScheduledRefusal::Unknown)?;
    // Its row may not say yet that its day is over.
    if !meeting.state.may_change() || meeting.when.closes_at() <= edit.at {
        return Err(ScheduledRefusal::Over.into());
    }
    if edit.version.is_some_and(|version| version != meeting.version) {
        return Err(ScheduledRefusal::Changed.into());
    }
    Ok(meeting)
}

fn edited(tx: &Transaction<'_>, edit: Edit, what: &str) -> Result<(), StoreError> {
    let event = AuditEvent::MeetingEdited { user: edit.by, meeting: edit.meeting, what: what.to_owned() };
    audit::append(tx, &event, edit.at)
}

/// The meeting as it is now, within the transaction that has changed it.
fn after(tx: &Transaction<'_>, id: MeetingId) -> Result<Scheduled, Halt> {
    let meeting = one(tx, "id = ?1", &id.0)?.ok_or(ScheduledRefusal::Unknown)?;
    Ok(Scheduled { participants: row::participants(tx, id)?, meeting })
}
