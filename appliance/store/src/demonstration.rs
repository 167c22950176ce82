use crate::{Store, StoreError, convert};
use rusqlite::params;
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
    /// When.
    pub at: OffsetDateTime,
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
        self.transact(move |tx| {
            tx.execute(
                "INSERT INTO demonstration_messages (kind, recipient, subject, text, at) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![kind.word(), recipient, subject, text, convert::micros(at)],
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
            let mut statement = tx.prepare(
                "SELECT id, kind, recipient, subject, text, at FROM demonstration_messages ORDER BY id DESC LIMIT 100",
            )?;
            let rows = statement.query_map([], |row| {
                let kind: String = row.get(1)?;
                let kind = if kind == "mail" { MessageKind::Mail } else { MessageKind::Sms };
                Ok((row.get(0)?, kind, row.get(2)?, row.get(3)?, row.get(4)?, row.get::<_, i64>(5)?))
            })?;
            rows.map(|row| {
                let (id, kind, recipient, subject, text, at) = row?;
                Ok(DemonstrationMessage { id, kind, recipient, subject, text, at: convert::time(at)? })
            })
            .collect()
        })
        .await
    }
}
