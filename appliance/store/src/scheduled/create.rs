use super::{Edit, Halt, Scheduled, after, edited, row};
use crate::{Store, StoreError, Topic, convert, numbers};
use rusqlite::{Transaction, params};
use std::sync::Arc;
use tabellion_domain::{
    Entropy, MeetingId, MeetingNumber, SecurityCode, UserId,
    scheduled::{Plan, State},
};
use time::OffsetDateTime;

/// A meeting to be made (SCHED-01, SCHED-02): a draft, with a number of its own.
#[derive(Clone, Debug)]
pub struct NewScheduled {
    /// What the form says.
    pub plan: Plan,
    /// «Créé par».
    pub created_by: UserId,
}

impl Store {
    /// Makes a meeting that nobody is invited to yet, with a free number under the office's prefix.
    ///
    /// # Errors
    /// [`StoreError`], also where no number is free.
    pub async fn create_scheduled_meeting(
        &self,
        new: NewScheduled,
        prefix: String,
        entropy: Arc<dyn Entropy>,
        at: OffsetDateTime,
    ) -> Result<Scheduled, StoreError> {
        let made = self
            .transact(move |tx| {
                let number = numbers::free(tx, &prefix, entropy.as_ref())?;
                let id = insert(tx, &new, &number, &entropy.token128(), at)?;
                edited(tx, Edit { meeting: id, version: None, by: new.created_by, at }, "created")?;
                after(tx, id).map_err(|halt| match halt {
                    Halt::Failed(error) => error,
                    Halt::Refused(_) => convert::unreadable("the meeting just made", id),
                })
            })
            .await?;
        self.tell(Topic::ScheduledMeetings);
        Ok(made)
    }
}

fn insert(
    tx: &Transaction<'_>,
    new: &NewScheduled,
    number: &MeetingNumber,
    uid: &str,
    at: OffsetDateTime,
) -> Result<MeetingId, StoreError> {
    let Plan { reference, when, code } = &new.plan;
    tx.execute(
        "INSERT INTO scheduled_meetings (state, reference, day, hour, begins_at, closes_at, number, code, uid, created_by, \
         created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            row::state_word(State::Draft),
            reference.as_str(),
            row::day_word(when.day()),
            row::hour_word(when.hour()),
            convert::micros(when.begins_at()),
            convert::micros(when.closes_at()),
            number.as_str(),
            code.as_ref().map(SecurityCode::as_str),
            uid,
            new.created_by.0,
            convert::micros(at)
        ],
    )?;
    Ok(MeetingId(tx.last_insert_rowid()))
}
