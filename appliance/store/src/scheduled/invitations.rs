use super::{Edit, Halt, Scheduled, ScheduledRefusal, after, editable, edited, list::organizer, row};
use crate::{NewMessage, OutboxKind, Store, StoreError, convert, outbox};
use rusqlite::{OptionalExtension, Transaction, params};
use serde_json::Value;
use tabellion_domain::{
    MeetingId, ParticipantId,
    scheduled::{Invitee, Notice, Participant, ScheduledMeeting, State},
};
use time::OffsetDateTime;

/// Places that are open by one personal link at once: somebody's computer and telephone, and one of each that was left.
const SEATS_OF_ONE_LINK: i64 = 4;

/// Who is to be told what of a meeting, as it is after the change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    /// The meeting.
    pub meeting: ScheduledMeeting,
    /// Its first organizer, where it has one: whoever is told, and of what.
    pub organizer: Option<Invitee>,
    /// Each with what there is to tell.
    pub people: Vec<(Participant, Notice)>,
}

/// A mail for one of them, as it was composed.
#[derive(Clone, PartialEq, Debug)]
pub struct Mailing {
    /// For whom.
    pub participant: ParticipantId,
    /// The personal link that is in it: SHA-256 of its secret.
    pub link: Option<[u8; 32]>,
    /// The mail, as the outbox takes it.
    pub payload: Value,
}

impl Store {
    /// «Renvoyer l’invitation» (SCHED-13): to these, or to all whom mails are sent to. Links of before stay good.
    ///
    /// # Errors
    /// [`StoreError`]; the inner one where it is refused.
    pub async fn send_invitations(
        &self,
        edit: Edit,
        only: Option<Vec<ParticipantId>>,
        compose: impl FnOnce(&Told) -> Vec<Mailing> + Send + 'static,
    ) -> Result<Result<Scheduled, ScheduledRefusal>, StoreError> {
        self.edit_scheduled(move |tx| {
            editable_and_open(tx, edit)?;
            let Scheduled { meeting, participants } = after(tx, edit.meeting)?;
            let meant = |one: &Participant| match &only {
                Some(only) => only.contains(&one.id),
                None => one.send,
            };
            let people: Vec<_> =
                participants.into_iter().filter(meant).map(|one| (one, Notice::Invitation)).collect();
            if people.is_empty() {
                return Err(ScheduledRefusal::Nobody.into());
            }
            edited(tx, edit, "sent")?;
            deliver(tx, meeting, people, compose, edit.at)?;
            after(tx, edit.meeting)
        })
        .await
    }

    /// Keeps one more personal link of a participant, which is handed over by other ways than by mail.
    ///
    /// # Errors
    /// [`StoreError`]; the inner one where it is refused.
    pub async fn add_personal_link(
        &self,
        edit: Edit,
        participant: ParticipantId,
        hash: [u8; 32],
    ) -> Result<Result<(), ScheduledRefusal>, StoreError> {
        self.edit_scheduled(move |tx| {
            editable_and_open(tx, edit)?;
            let known = row::participants(tx, edit.meeting)?.iter().any(|one| one.id == participant);
            if !known {
                return Err(ScheduledRefusal::Changed.into());
            }
            add_link(tx, participant, hash, edit.at)?;
            Ok(edited(tx, edit, "link")?)
        })
        .await
    }

    /// Whom a personal link is for, and to which meeting, which may be over.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn invitation(
        &self,
        link: [u8; 32],
    ) -> Result<Option<(ScheduledMeeting, Participant)>, StoreError> {
        self.transact(move |tx| {
            let sql = "SELECT p.meeting, p.id FROM scheduled_links l JOIN scheduled_participants p \
                       ON p.id = l.participant WHERE l.hash = ?1";
            let found: Option<(i64, i64)> =
                tx.query_row(sql, [link], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
            let Some((meeting, participant)) = found else { return Ok(None) };
            let meeting = super::one(tx, "id = ?1", &meeting)?;
            let participant = row::participant_by_id(tx, ParticipantId(participant))?;
            Ok(meeting.zip(participant))
        })
        .await
    }
}

fn editable_and_open(tx: &Transaction<'_>, edit: Edit) -> Result<ScheduledMeeting, Halt> {
    let meeting = editable(tx, edit)?;
    if meeting.state.is_open() { Ok(meeting) } else { Err(ScheduledRefusal::NotValidated.into()) }
}

/// What a participant's mails are followed by, and wait for one another by.
fn letters(meeting: MeetingId, participant: ParticipantId) -> String {
    format!("scheduled:{meeting}:participant:{participant}")
}

/// Has the mails composed, and keeps them with their links.
pub(super) fn deliver(
    tx: &Transaction<'_>,
    meeting: ScheduledMeeting,
    people: Vec<(Participant, Notice)>,
    compose: impl FnOnce(&Told) -> Vec<Mailing>,
    at: OffsetDateTime,
) -> Result<(), Halt> {
    let told = Told { organizer: organizer(tx, meeting.id)?, meeting, people };
    let (meeting, goes_on) = (told.meeting.id, told.meeting.state.is_open());
    let invited = told.people.iter().any(|(_, notice)| *notice == Notice::Invitation);
    for Mailing { participant, link, payload } in compose(&told) {
        // A farewell goes to an address that the participant has left: no page follows it, and what goes to the new address does
        // not wait for it.
        let farewell = link.is_none() && goes_on;
        let reference = (!farewell).then(|| letters(meeting, participant));
        outbox::queue(tx, &NewMessage { kind: OutboxKind::Mail, payload, reference }, at)?;
        if let Some(link) = link {
            add_link(tx, participant, link, at)?;
            tx.execute("UPDATE scheduled_participants SET mailed = 1 WHERE id = ?1", [participant.0])?;
        }
    }
    if invited {
        let sql = "UPDATE scheduled_meetings SET state = ?2 WHERE id = ?1 AND state = ?3";
        let words = (row::state_word(State::Sent), row::state_word(State::Validated));
        tx.execute(sql, params![meeting.0, words.0, words.1])?;
    }
    Ok(())
}

/// Of a participant's mails: whether one was sent, or may have been (an attempt ended without an answer). Those that were sent long
/// ago are not kept.
const REACHED: &str = "SELECT NOT EXISTS (SELECT 1 FROM outbox WHERE reference = ?1) \
                       OR EXISTS (SELECT 1 FROM outbox WHERE reference = ?1 AND (sent_at IS NOT NULL \
                       OR (attempts > 0 AND refused = 0 AND answer IS NULL)))";

/// Takes back what waits to go to an address that a participant leaves: what goes to the next one would wait behind it, maybe for
/// days. Whether something has come to it, or may have.
///
/// Not by [`outbox::withdraw`], which takes a beginning: that of participant 1 is that of participant 12 as well.
pub(super) fn leave_address(
    tx: &Transaction<'_>,
    meeting: MeetingId,
    participant: ParticipantId,
    at: OffsetDateTime,
) -> Result<bool, StoreError> {
    let reference = letters(meeting, participant);
    let reached: bool = tx.query_row(REACHED, [&reference], |row| row.get(0))?;
    tx.execute(
        "UPDATE outbox SET given_up_at = ?2, payload = 'null', last_error = 'withdrawn' \
         WHERE reference = ?1 AND sent_at IS NULL AND given_up_at IS NULL",
        params![reference, convert::micros(at)],
    )?;
    // What became of them says nothing of the next address.
    tx.execute("UPDATE outbox SET reference = NULL WHERE reference = ?1", [&reference])?;
    Ok(reached)
}

fn add_link(
    tx: &Transaction<'_>,
    participant: ParticipantId,
    hash: [u8; 32],
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO scheduled_links (hash, participant, made_at) VALUES (?1, ?2, ?3)",
        params![hash, participant.0, convert::micros(at)],
    )?;
    Ok(())
}

/// Whether somebody may take a place by a personal link.
pub(crate) enum Invited {
    Yes,
    /// As many places as one link has are taken.
    Crowded,
    No,
}

pub(crate) fn invited(
    tx: &Transaction<'_>,
    link: [u8; 32],
    at: OffsetDateTime,
) -> Result<Invited, StoreError> {
    let sql = "SELECT count(*) FROM scheduled_links l JOIN scheduled_participants p ON p.id = l.participant \
               JOIN scheduled_meetings m ON m.id = p.meeting \
               WHERE l.hash = ?1 AND m.state IN ('validated', 'sent') AND m.closes_at > ?2";
    let good: i64 = tx.query_row(sql, params![link, convert::micros(at)], |row| row.get(0))?;
    if good == 0 {
        return Ok(Invited::No);
    }
    let taken = "SELECT count(*) FROM seats WHERE link = ?1 AND link IS NOT NULL AND ended = 0";
    let taken: i64 = tx.query_row(taken, [link], |row| row.get(0))?;
    Ok(if taken < SEATS_OF_ONE_LINK { Invited::Yes } else { Invited::Crowded })
}
