use super::{
    Edit, Mailing, Scheduled, ScheduledRefusal, Told, after,
    change::follow_names,
    editable, edited,
    invitations::{deliver, leave_address},
};
use crate::{Store, StoreError};
use rusqlite::{Transaction, params};
use tabellion_domain::{
    MeetingId, ParticipantId,
    scheduled::{Invitee, Notice, Participant, ParticipantEntry, Revision, ready},
    sort_key,
};
use time::OffsetDateTime;

/// Who is told what, and whom links were taken from.
type News = Vec<(Participant, Notice)>;

impl Store {
    /// Puts a list of participants in the place of the former one (SCHED-03, SCHED-13). Who goes, or is somebody else now, has
    /// no good link any more; once the meeting is validated, who comes is invited, who is changed and who goes is told, and an
    /// organizer has to stay.
    ///
    /// # Errors
    /// [`StoreError`]; the inner one where it is refused.
    pub async fn revise_participants(
        &self,
        edit: Edit,
        list: Vec<ParticipantEntry>,
        compose: impl FnOnce(&Told) -> Vec<Mailing> + Send + 'static,
    ) -> Result<Result<Scheduled, ScheduledRefusal>, StoreError> {
        self.edit_scheduled(move |tx| {
            editable(tx, edit)?;
            let before = after(tx, edit.meeting)?;
            let revision =
                Revision::between(&before.participants, list).map_err(|_| ScheduledRefusal::Changed)?;
            if revision.is_empty() {
                return Ok(before);
            }
            let news = write(tx, edit.meeting, revision, edit.at)?;
            // Calendars take no change, nor an end, that is not newer than what they have (RFC 5546 §2.1.4).
            let newer = before.meeting.state.is_open()
                && news.iter().any(|(_, notice)| *notice != Notice::Invitation);
            tx.execute(
                "UPDATE scheduled_meetings SET version = version + 1, sequence = sequence + ?2 WHERE id = ?1",
                params![edit.meeting.0, newer],
            )?;
            edited(tx, edit, "participants")?;
            let now = after(tx, edit.meeting)?;
            if before.meeting.state.is_open() {
                ready(&now.participants)?;
            }
            follow_names(tx, &before, &now)?;
            if before.meeting.state.is_open() {
                let meeting = after(tx, edit.meeting)?.meeting;
                deliver(tx, meeting, news, compose, edit.at)?;
            }
            after(tx, edit.meeting)
        })
        .await
    }
}

fn write(
    tx: &Transaction<'_>,
    meeting: MeetingId,
    revision: Revision,
    at: OffsetDateTime,
) -> Result<News, StoreError> {
    let mut news = News::new();
    for former in revision.removed {
        let reached = leave_address(tx, meeting, former.id, at)?;
        tx.execute("DELETE FROM scheduled_participants WHERE id = ?1", [former.id.0])?;
        if former.mailed && reached {
            news.push((former, Notice::Cancellation));
        }
    }
    for (former, now) in revision.changed {
        if former.is_another(&now) {
            tx.execute("DELETE FROM scheduled_links WHERE participant = ?1", [former.id.0])?;
        }
        let moved = former.moves(&now);
        let reached = moved && leave_address(tx, meeting, former.id, at)?;
        let (notice, farewell) = former.notices(&now);
        let farewell = farewell.filter(|_| reached);
        let stays = former.mailed && !moved;
        update(tx, former.id, &now, stays)?;
        news.extend(farewell.map(|farewell| (former.clone(), farewell)));
        let now = Participant { id: former.id, invitee: now.invitee, send: now.send, mailed: stays };
        news.extend(notice.map(|notice| (now, notice)));
    }
    for (former, now) in revision.switched {
        update(tx, former.id, &now, former.mailed)?;
        if now.send {
            // Who was not told for a while may have missed a change, and a link that has ended with it.
            let notice = if former.mailed { Notice::Change } else { Notice::Invitation };
            news.push((Participant { send: true, ..former }, notice));
        }
    }
    for entry in revision.added {
        let id = insert(tx, meeting, &entry)?;
        if entry.send {
            let now = Participant { id, invitee: entry.invitee, send: true, mailed: false };
            news.push((now, Notice::Invitation));
        }
    }
    Ok(news)
}

fn insert(
    tx: &Transaction<'_>,
    meeting: MeetingId,
    ParticipantEntry { invitee, send, .. }: &ParticipantEntry,
) -> Result<ParticipantId, StoreError> {
    let Invitee { civility, name, email, role } = invitee;
    let mut statement = tx.prepare_cached(
        "INSERT INTO scheduled_participants (meeting, civility, name, sort_key, email, role, send) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    let name = name.as_str();
    statement.execute(params![
        meeting.0,
        civility.label(),
        name,
        sort_key(name),
        email.as_str(),
        role.word(),
        send
    ])?;
    Ok(ParticipantId(tx.last_insert_rowid()))
}

fn update(
    tx: &Transaction<'_>,
    id: ParticipantId,
    ParticipantEntry { invitee, send, .. }: &ParticipantEntry,
    mailed: bool,
) -> Result<(), StoreError> {
    let Invitee { civility, name, email, role } = invitee;
    let name = name.as_str();
    tx.execute(
        "UPDATE scheduled_participants SET civility = ?2, name = ?3, sort_key = ?4, email = ?5, role = ?6, send = ?7, \
         mailed = ?8 WHERE id = ?1",
        params![id.0, civility.label(), name, sort_key(name), email.as_str(), role.word(), send, mailed],
    )?;
    Ok(())
}
