use crate::{NewMessage, OutboxKind, Store, StoreError, Topic, audit, convert, numbers, outbox};
use rusqlite::{OptionalExtension, Row, Transaction, params};
use serde_json::Value;
use std::sync::Arc;
use tabellion_domain::{
    AuditEvent, Description, Entropy, MeetingId, MeetingNumber, PermanentMeeting, SecurityCode, UserId,
};
use time::OffsetDateTime;

/// A permanent meeting to be made (PERM-01).
#[derive(Clone, Debug)]
pub struct NewMeeting {
    /// Its name.
    pub description: Description,
    /// «Activer la réunion».
    pub active: bool,
    /// «Code de sécurité».
    pub code_active: bool,
    /// Its field.
    pub code: Option<SecurityCode>,
    /// Who makes it.
    pub created_by: UserId,
}

/// What is changed of a meeting (PERM-09); what is none stays.
#[derive(Clone, Debug, Default)]
pub struct MeetingChange {
    /// Its name.
    pub description: Option<Description>,
    /// «Réunion active».
    pub active: Option<bool>,
    /// «Code de sécurité actif».
    pub code_active: Option<bool>,
    /// Its code.
    pub code: Option<SecurityCode>,
}

/// Order of the table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MeetingOrder {
    /// By name, A first.
    Name,
    /// By name, Z first.
    NameDescending,
}

/// A page of the table (PERM-02).
#[derive(Clone, Debug)]
pub struct MeetingPage {
    /// The page's meetings.
    pub items: Vec<PermanentMeeting>,
    /// Of all pages.
    pub total: u64,
}

const COLUMNS: &str =
    "id, description, number, link_token, active, code_active, code, created_by, created_at";

/// A row as SQLite has it, before its values are checked.
struct Raw {
    id: i64,
    description: String,
    number: String,
    link_token: String,
    active: bool,
    code_active: bool,
    code: Option<String>,
    created_by: i64,
    created_at: i64,
}

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok(Raw {
        id: row.get(0)?,
        description: row.get(1)?,
        number: row.get(2)?,
        link_token: row.get(3)?,
        active: row.get(4)?,
        code_active: row.get(5)?,
        code: row.get(6)?,
        created_by: row.get(7)?,
        created_at: row.get(8)?,
    })
}

fn checked(raw: Raw) -> Result<PermanentMeeting, StoreError> {
    let code = raw.code.as_deref().map(SecurityCode::new).transpose();
    Ok(PermanentMeeting {
        id: MeetingId(raw.id),
        description: Description::new(&raw.description)
            .map_err(|_| convert::unreadable("a description", &raw.description))?,
        number: MeetingNumber::parse(&raw.number)
            .map_err(|_| convert::unreadable("a number", &raw.number))?,
        link_token: raw.link_token,
        active: raw.active,
        code_active: raw.code_active,
        code: code.map_err(|_| convert::unreadable("a code", "(not shown)"))?,
        created_by: UserId(raw.created_by),
        created_at: convert::time(raw.created_at)?,
    })
}

pub(crate) fn one(
    tx: &Transaction<'_>,
    condition: &str,
    value: &dyn rusqlite::ToSql,
) -> Result<Option<PermanentMeeting>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM permanent_meetings WHERE {condition}");
    tx.query_row(&sql, [value], raw).optional()?.map(checked).transpose()
}

impl Store {
    /// By row.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn permanent_meeting(&self, id: MeetingId) -> Result<Option<PermanentMeeting>, StoreError> {
        self.transact(move |tx| one(tx, "id = ?1", &id.0)).await
    }

    /// By the secret in its link.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn permanent_meeting_by_link(
        &self,
        token: &str,
    ) -> Result<Option<PermanentMeeting>, StoreError> {
        let token = token.to_owned();
        self.transact(move |tx| one(tx, "link_token = ?1", &token)).await
    }

    /// A page of them. `page` counts from 0.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn permanent_meetings(
        &self,
        order: MeetingOrder,
        page: u32,
        page_size: u32,
    ) -> Result<MeetingPage, StoreError> {
        self.transact(move |tx| {
            let direction = match order {
                MeetingOrder::Name => "ASC",
                MeetingOrder::NameDescending => "DESC",
            };
            let sql = format!(
                "SELECT {COLUMNS} FROM permanent_meetings \
                 ORDER BY sort_key {direction}, id {direction} LIMIT ?1 OFFSET ?2"
            );
            let mut statement = tx.prepare(&sql)?;
            let rows =
                statement.query_map(params![page_size, u64::from(page) * u64::from(page_size)], raw)?;
            let items = rows.map(|row| checked(row?)).collect::<Result<_, _>>()?;
            let total = tx.query_row("SELECT count(*) FROM permanent_meetings", [], |row| row.get(0))?;
            Ok(MeetingPage { items, total })
        })
        .await
    }

    /// Makes a meeting, with a free number under the office's prefix and a new link.
    ///
    /// # Errors
    /// [`StoreError`], also [`StoreError::CodeMissing`] and where no number is free.
    pub async fn create_permanent_meeting(
        &self,
        new: NewMeeting,
        prefix: String,
        entropy: Arc<dyn Entropy>,
        at: OffsetDateTime,
    ) -> Result<PermanentMeeting, StoreError> {
        let done = self
            .transact(move |tx| {
                let number = numbers::free(tx, &prefix, entropy.as_ref())?;
                insert(tx, &new, &number, &entropy.token128(), at)
            })
            .await?;
        self.tell(Topic::PermanentMeetings);
        Ok(done)
    }

    /// Makes a meeting with this number: the demonstration's.
    ///
    /// # Errors
    /// [`StoreError`], also [`StoreError::CodeMissing`] and where the number is in use ([`StoreError::is_conflict`]).
    pub async fn create_numbered_meeting(
        &self,
        new: NewMeeting,
        number: MeetingNumber,
        link_token: String,
        at: OffsetDateTime,
    ) -> Result<PermanentMeeting, StoreError> {
        let done = self.transact(move |tx| insert(tx, &new, &number, &link_token, at)).await?;
        self.tell(Topic::PermanentMeetings);
        Ok(done)
    }

    /// Changes a meeting. None where there is no such meeting.
    ///
    /// # Errors
    /// [`StoreError`], also [`StoreError::CodeMissing`] where the code is switched on and was never given.
    pub async fn change_permanent_meeting(
        &self,
        id: MeetingId,
        change: MeetingChange,
        by: UserId,
        at: OffsetDateTime,
    ) -> Result<Option<PermanentMeeting>, StoreError> {
        let done = self
            .transact(move |tx| {
                let Some(mut meeting) = one(tx, "id = ?1", &id.0)? else { return Ok(None) };
                meeting.description = change.description.unwrap_or(meeting.description);
                meeting.active = change.active.unwrap_or(meeting.active);
                meeting.code_active = change.code_active.unwrap_or(meeting.code_active);
                meeting.code = change.code.or(meeting.code);
                update(tx, &meeting)?;
                edited(tx, id, by, "changed", at)?;
                Ok(Some(meeting))
            })
            .await?;
        self.tell(Topic::PermanentMeetings);
        Ok(done)
    }

    /// Sends mails that tell of a meeting (PERM-04): to whom, and each as the outbox takes it. What becomes of them is under
    /// [`PermanentMeeting::shares`]. Whether there is such a meeting.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn share_permanent_meeting(
        &self,
        id: MeetingId,
        mails: Vec<(String, Value)>,
        by: UserId,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let shared = self
            .transact(move |tx| {
                if one(tx, "id = ?1", &id.0)?.is_none() {
                    return Ok(false);
                }
                for (to, payload) in mails {
                    let reference = Some(PermanentMeeting::shares(id) + &to);
                    outbox::queue(tx, &NewMessage { kind: OutboxKind::Mail, payload, reference }, at)?;
                }
                edited(tx, id, by, "shared", at)?;
                Ok(true)
            })
            .await?;
        self.tell_outbox(shared);
        Ok(shared)
    }

    /// Deletes a meeting, and takes back the mails about it that wait. Whether there was one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn delete_permanent_meeting(
        &self,
        id: MeetingId,
        by: UserId,
        at: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let done = self
            .transact(move |tx| {
                let deleted = tx.execute("DELETE FROM permanent_meetings WHERE id = ?1", [id.0])? == 1;
                if deleted {
                    edited(tx, id, by, "deleted", at)?;
                    outbox::withdraw(tx, &PermanentMeeting::shares(id), at)?;
                }
                Ok(deleted)
            })
            .await?;
        self.tell(Topic::PermanentMeetings);
        self.tell(Topic::Deliveries);
        Ok(done)
    }
}

fn insert(
    tx: &Transaction<'_>,
    new: &NewMeeting,
    number: &MeetingNumber,
    link_token: &str,
    at: OffsetDateTime,
) -> Result<PermanentMeeting, StoreError> {
    if new.code_active && new.code.is_none() {
        return Err(StoreError::CodeMissing);
    }
    tx.execute(
        "INSERT INTO permanent_meetings (description, sort_key, number, link_token, active, code_active, code, \
         created_by, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            new.description.as_str(),
            new.description.sort_key(),
            number.as_str(),
            link_token,
            new.active,
            new.code_active,
            new.code.as_ref().map(SecurityCode::as_str),
            new.created_by.0,
            convert::micros(at)
        ],
    )?;
    let id = MeetingId(tx.last_insert_rowid());
    edited(tx, id, new.created_by, "created", at)?;
    one(tx, "id = ?1", &id.0)?.ok_or_else(|| convert::unreadable("the meeting just made", id))
}

fn update(tx: &Transaction<'_>, meeting: &PermanentMeeting) -> Result<(), StoreError> {
    if meeting.lacks_code() {
        return Err(StoreError::CodeMissing);
    }
    tx.execute(
        "UPDATE permanent_meetings SET description = ?2, sort_key = ?3, active = ?4, code_active = ?5, code = ?6 \
         WHERE id = ?1",
        params![
            meeting.id.0,
            meeting.description.as_str(),
            meeting.description.sort_key(),
            meeting.active,
            meeting.code_active,
            meeting.code.as_ref().map(SecurityCode::as_str)
        ],
    )?;
    Ok(())
}

fn edited(
    tx: &Transaction<'_>,
    meeting: MeetingId,
    user: UserId,
    what: &str,
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    audit::append(tx, &AuditEvent::MeetingEdited { user, meeting, what: what.to_owned() }, at)
}
