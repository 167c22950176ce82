use super::{
    Edit, Halt, Mailing, Scheduled, ScheduledRefusal, Told, after, editable, edited, invitations::deliver,
    row,
};
use crate::{Store, StoreError, convert};
use rusqlite::{Transaction, params};
use tabellion_domain::{
    SecurityCode,
    scheduled::{Line, Message, Notice, Plan, ScheduledMeeting, State, Undone, prefilled, ready},
};

impl Store {
    /// Changes reference, name, day, hour or code (SCHED-13). Who was invited is told, where what they were told is otherwise.
    /// A name is given to a validated meeting alone.
    ///
    /// # Errors
    /// [`StoreError`]; the inner one where it is refused.
    pub async fn change_scheduled_meeting(
        &self,
        edit: Edit,
        plan: Plan,
        name: Option<Line>,
        compose: impl FnOnce(&Told) -> Vec<Mailing> + Send + 'static,
    ) -> Result<Result<Scheduled, ScheduledRefusal>, StoreError> {
        self.edit_scheduled(move |tx| {
            let before = editable(tx, edit)?;
            let name = name.filter(|_| before.state.is_open()).or_else(|| before.name.clone());
            let public = (&before.name, before.when, &before.code) != (&name, plan.when, &plan.code);
            if !public && before.reference == plan.reference {
                return after(tx, edit.meeting);
            }
            let tell = public && before.state.is_open();
            write(tx, &before, &plan, name.as_ref(), tell)?;
            edited(tx, edit, "changed")?;
            let now = after(tx, edit.meeting)?;
            if tell {
                let told = now.participants.iter().filter(|one| one.mailed && one.send);
                let told = told.cloned().map(|one| (one, Notice::Change)).collect();
                deliver(tx, now.meeting, told, compose, edit.at)?;
            }
            after(tx, edit.meeting)
        })
        .await
    }

    /// «Valider et envoyer» (SCHED-07, SCHED-08): opens the meeting, and invites those whom mails are to be sent to.
    ///
    /// # Errors
    /// [`StoreError`]; the inner one where it is refused. One that is validated already is [`ScheduledRefusal::Changed`].
    pub async fn validate_scheduled_meeting(
        &self,
        edit: Edit,
        name: Line,
        message: Message,
        compose: impl FnOnce(&Told) -> Vec<Mailing> + Send + 'static,
    ) -> Result<Result<Scheduled, ScheduledRefusal>, StoreError> {
        self.edit_scheduled(move |tx| {
            let before = editable(tx, edit)?;
            if before.state != State::Draft {
                return Err(ScheduledRefusal::Changed.into());
            }
            if before.when.is_past(edit.at) {
                return Err(Undone::Past.into());
            }
            let participants = row::participants(tx, edit.meeting)?;
            ready(&participants)?;
            let people: Vec<_> =
                participants.into_iter().filter(|one| one.send).map(|one| (one, Notice::Invitation)).collect();
            let state = if people.is_empty() { State::Validated } else { State::Sent };
            tx.execute(
                "UPDATE scheduled_meetings SET state = ?2, name = ?3, message = ?4, validated_at = ?5, version = version + 1 \
                 WHERE id = ?1",
                params![
                    edit.meeting.0,
                    row::state_word(state),
                    name.as_str(),
                    message.as_str(),
                    convert::micros(edit.at)
                ],
            )?;
            edited(tx, edit, "validated")?;
            let meeting = after(tx, edit.meeting)?.meeting;
            deliver(tx, meeting, people, compose, edit.at)?;
            after(tx, edit.meeting)
        })
        .await
    }

    /// Cancels a meeting, and tells those who were invited; a draft goes without a trace but the journal's.
    ///
    /// # Errors
    /// [`StoreError`]; the inner one where it is refused.
    pub async fn delete_scheduled_meeting(
        &self,
        edit: Edit,
        compose: impl FnOnce(&Told) -> Vec<Mailing> + Send + 'static,
    ) -> Result<Result<(), ScheduledRefusal>, StoreError> {
        self.edit_scheduled(move |tx| {
            let before = editable(tx, edit)?;
            edited(tx, edit, "deleted")?;
            if before.state == State::Draft {
                tx.execute("DELETE FROM scheduled_meetings WHERE id = ?1", [edit.meeting.0])?;
                return Ok(());
            }
            tx.execute(
                "UPDATE scheduled_meetings SET state = ?2, code = NULL, sequence = sequence + 1, version = version + 1 \
                 WHERE id = ?1",
                params![edit.meeting.0, row::state_word(State::Cancelled)],
            )?;
            let Scheduled { meeting, participants } = after(tx, edit.meeting)?;
            let people = participants.into_iter().filter(|one| one.mailed);
            let people = people.map(|one| (one, Notice::Cancellation)).collect();
            deliver(tx, meeting, people, compose, edit.at)
        })
        .await
    }
}

fn write(
    tx: &Transaction<'_>,
    before: &ScheduledMeeting,
    plan: &Plan,
    name: Option<&Line>,
    tell: bool,
) -> Result<(), Halt> {
    tx.execute(
        "UPDATE scheduled_meetings SET reference = ?2, name = ?3, day = ?4, hour = ?5, begins_at = ?6, closes_at = ?7, \
         code = ?8, sequence = sequence + ?9, version = version + 1 WHERE id = ?1",
        params![
            before.id.0,
            plan.reference.as_str(),
            name.map(Line::as_str),
            row::day_word(plan.when.day()),
            row::hour_word(plan.when.hour()),
            convert::micros(plan.when.begins_at()),
            convert::micros(plan.when.closes_at()),
            plan.code.as_ref().map(SecurityCode::as_str),
            tell
        ],
    )?;
    Ok(())
}

/// The message that names those who will be there names those of now; one that somebody has written stays.
pub(super) fn follow_names(
    tx: &Transaction<'_>,
    before: &Scheduled,
    now: &Scheduled,
) -> Result<(), StoreError> {
    let of = |scheduled: &Scheduled| prefilled(scheduled.participants.iter().map(|one| &one.invitee));
    let own = before.meeting.message.as_ref().is_some_and(|message| message.as_str() == of(before).trim());
    if own {
        let message = Message::new(&of(now)).map_err(|_| convert::unreadable("a message", "(not shown)"))?;
        tx.execute(
            "UPDATE scheduled_meetings SET message = ?2 WHERE id = ?1",
            params![now.meeting.id.0, message.as_str()],
        )?;
    }
    Ok(())
}
