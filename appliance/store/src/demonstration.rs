use crate::{Store, StoreError, convert};
use rusqlite::{OptionalExtension, Row, params};
use time::OffsetDateTime;

/// What the demonstration shows instead of sending it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DemonstrationMessage {
    /// Its row.
    pub id: i64,
    /// Mail or SMS.
    pub kind: MessageKind,
    /// To whom.
    pub recipient: String,
    /// Of a mail.
    pub subject: Option<String>,
    /// The text.
    pub text: String,
    /// Of a mail: the same as HTML, where it has some.
    pub html: Option<String>,
    /// Of a mail: what calendars make of it.
    pub calendar: Option<String>,
    /// When.
    pub at: OffsetDateTime,
}

/// What of a mail an SMS has not.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MailParts {
    /// The text as HTML.
    pub html: Option<String>,
    /// An iCalendar object.
    pub calendar: Option<String>,
}

/// Mail or SMS.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MessageKind {
    /// A mail.
    Mail,
    /// An SMS.
    Sms,
}

impl MessageKind {
    /// `mail` or `sms`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Sms => "sms",
        }
    }
}

impl Store {
    /// Keeps a message to be shown.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn show_message(
        &self,
        kind: MessageKind,
        recipient: String,
        subject: Option<String>,
        text: String,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        self.show_mail(kind, recipient, subject, text, MailParts::default(), at).await
    }

    /// Keeps a message of several parts to be shown.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn show_mail(
        &self,
        kind: MessageKind,
        recipient: String,
        subject: Option<String>,
        text: String,
        parts: MailParts,
        at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        self.transact(move |tx| {
            tx.execute(
                "INSERT INTO demonstration_messages (kind, recipient, subject, text, html, calendar, at) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    kind.word(),
                    recipient,
                    subject,
                    text,
                    parts.html,
                    parts.calendar,
                    convert::micros(at)
                ],
            )?;
            Ok(())
        })
        .await
    }

    /// The last hundred, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn shown_messages(&self) -> Result<Vec<DemonstrationMessage>, StoreError> {
        self.transact(|tx| {
            let mut statement = tx.prepare(&format!("{SELECT} ORDER BY id DESC LIMIT 100"))?;
            let rows = statement.query_map([], read)?;
            rows.map(|row| checked(row?)).collect()
        })
        .await
    }

    /// One of them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn shown_message(&self, id: i64) -> Result<Option<DemonstrationMessage>, StoreError> {
        self.transact(move |tx| {
            let found = tx.query_row(&format!("{SELECT} WHERE id = ?1"), [id], read).optional()?;
            found.map(checked).transpose()
        })
        .await
    }
}

const SELECT: &str =
    "SELECT id, kind, recipient, subject, text, html, calendar, at FROM demonstration_messages";

/// The message, but for its time, and that as SQLite has it.
type Raw = (DemonstrationMessage, i64);

fn read(row: &Row<'_>) -> rusqlite::Result<Raw> {
    let kind: String = row.get(1)?;
    let message = DemonstrationMessage {
        id: row.get(0)?,
        kind: if kind == "mail" { MessageKind::Mail } else { MessageKind::Sms },
        recipient: row.get(2)?,
        subject: row.get(3)?,
        text: row.get(4)?,
        html: row.get(5)?,
        calendar: row.get(6)?,
        at: OffsetDateTime::UNIX_EPOCH,
    };
    Ok((message, row.get(7)?))
}

fn checked((message, at): Raw) -> Result<DemonstrationMessage, StoreError> {
    Ok(DemonstrationMessage { at: convert::time(at)?, ..message })
}
