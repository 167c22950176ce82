//! Rows of scheduled meetings and their participants, and what they say.

use crate::{StoreError, convert};
use rusqlite::{OptionalExtension, Row, Transaction};
use tabellion_domain::{
    MeetingId, MeetingNumber, ParticipantId, PersonName, Role, SecurityCode, UserId,
    scheduled::{Invitee, Line, Message, Participant, ScheduledMeeting, State, When},
    settings::MailAddress,
};
use time::{Date, Time, format_description::BorrowedFormatItem, macros::format_description};

const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");
const HOUR: &[BorrowedFormatItem<'_>] = format_description!("[hour]:[minute]");

pub(super) const COLUMNS: &str = "id, version, state, reference, name, message, day, hour, number, code, uid, sequence, \
                                  created_by, created_at";

pub(super) struct Raw {
    id: i64,
    version: i64,
    state: String,
    reference: String,
    name: Option<String>,
    message: Option<String>,
    day: String,
    hour: String,
    number: String,
    code: Option<String>,
    uid: String,
    sequence: u32,
    created_by: i64,
    created_at: i64,
}

pub(super) fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok(Raw {
        id: row.get(0)?,
        version: row.get(1)?,
        state: row.get(2)?,
        reference: row.get(3)?,
        name: row.get(4)?,
        message: row.get(5)?,
        day: row.get(6)?,
        hour: row.get(7)?,
        number: row.get(8)?,
        code: row.get(9)?,
        uid: row.get(10)?,
        sequence: row.get(11)?,
        created_by: row.get(12)?,
        created_at: row.get(13)?,
    })
}

pub(super) fn checked(raw: Raw) -> Result<ScheduledMeeting, StoreError> {
    let line = |text: &str| Line::new(text).map_err(|_| convert::unreadable("a line", text));
    let message = raw.message.as_deref().map(Message::new).transpose();
    let code = raw.code.as_deref().map(SecurityCode::new).transpose();
    Ok(ScheduledMeeting {
        id: MeetingId(raw.id),
        version: raw.version,
        state: convert::from_word("a state", &raw.state)?,
        reference: line(&raw.reference)?,
        name: raw.name.as_deref().map(line).transpose()?,
        message: message.map_err(|_| convert::unreadable("a message", "(not shown)"))?,
        when: when(&raw.day, &raw.hour)?,
        number: MeetingNumber::parse(&raw.number)
            .map_err(|_| convert::unreadable("a number", &raw.number))?,
        code: code.map_err(|_| convert::unreadable("a code", "(not shown)"))?,
        uid: raw.uid,
        sequence: raw.sequence,
        created_by: UserId(raw.created_by),
        created_at: convert::time(raw.created_at)?,
    })
}

fn when(day: &str, hour: &str) -> Result<When, StoreError> {
    let day = self::day(day)?;
    let hour = Time::parse(hour, HOUR).map_err(|_| convert::unreadable("an hour", hour))?;
    When::new(day, hour).map_err(|_| convert::unreadable("an hour of a day", format!("{day} {hour}")))
}

pub(super) fn day(text: &str) -> Result<Date, StoreError> {
    Date::parse(text, DAY).map_err(|_| convert::unreadable("a day", text))
}

pub(super) fn day_word(day: Date) -> String {
    day.format(DAY).expect("a day of the years 0 to 9999")
}

pub(super) fn hour_word(hour: Time) -> String {
    hour.format(HOUR).expect("every hour has this form")
}

pub(super) fn state_word(state: State) -> String {
    convert::word(&state)
}

pub(crate) fn one(
    tx: &Transaction<'_>,
    condition: &str,
    value: &dyn rusqlite::ToSql,
) -> Result<Option<ScheduledMeeting>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM scheduled_meetings WHERE {condition}");
    tx.query_row(&sql, [value], raw).optional()?.map(checked).transpose()
}

const PARTICIPANT: &str = "id, civility, name, email, role, send, mailed";

/// By name.
pub(super) fn participants(tx: &Transaction<'_>, meeting: MeetingId) -> Result<Vec<Participant>, StoreError> {
    let sql =
        format!("SELECT {PARTICIPANT} FROM scheduled_participants WHERE meeting = ?1 ORDER BY sort_key, id");
    let mut statement = tx.prepare_cached(&sql)?;
    let mut rows = statement.query([meeting.0])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(participant(row)?);
    }
    Ok(found)
}

pub(super) fn participant_by_id(
    tx: &Transaction<'_>,
    id: ParticipantId,
) -> Result<Option<Participant>, StoreError> {
    let sql = format!("SELECT {PARTICIPANT} FROM scheduled_participants WHERE id = ?1");
    let mut statement = tx.prepare_cached(&sql)?;
    let mut rows = statement.query([id.0])?;
    rows.next()?.map(participant).transpose()
}

fn participant(row: &Row<'_>) -> Result<Participant, StoreError> {
    let (civility, name, email): (String, String, String) = (row.get(1)?, row.get(2)?, row.get(3)?);
    let role: String = row.get(4)?;
    Ok(Participant {
        id: ParticipantId(row.get(0)?),
        invitee: invitee(&civility, &name, &email, &role)?,
        send: row.get(5)?,
        mailed: row.get(6)?,
    })
}

pub(super) fn invitee(civility: &str, name: &str, email: &str, role: &str) -> Result<Invitee, StoreError> {
    Ok(Invitee {
        civility: convert::civility(civility)?,
        name: PersonName::new(name).map_err(|_| convert::unreadable("a name", "(not shown)"))?,
        email: MailAddress::new(email).map_err(|_| convert::unreadable("a mail address", "(not shown)"))?,
        role: convert::from_word::<Role>("a role", role)?,
    })
}
