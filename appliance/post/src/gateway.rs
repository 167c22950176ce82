use crate::{Mail, Sms};
use async_trait::async_trait;
use time::OffsetDateTime;

/// What a gateway is told beside the message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Envelope {
    /// The outbox's number of the message, the same at each attempt.
    pub id: i64,
    /// When it was put there, the same at each attempt.
    pub queued_at: OffsetDateTime,
    /// Now.
    pub at: OffsetDateTime,
}

/// Why a message was not taken. Never holds an address or a text: it goes to the log.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SendError {
    /// The gateway is away, busy, or wrongly set: again later.
    #[error("not taken for now: {0}")]
    Temporary(String),
    /// It will never be taken: the address does not exist, or the message has no valid form.
    #[error("refused: {0}")]
    Permanent(String),
}

/// Takes mails.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Hands a mail to the next hop.
    ///
    /// # Errors
    /// [`SendError`].
    async fn send_mail(&self, mail: &Mail, envelope: Envelope) -> Result<(), SendError>;
}

/// Takes SMS.
#[async_trait]
pub trait SmsGateway: Send + Sync {
    /// Hands an SMS to the next hop.
    ///
    /// # Errors
    /// [`SendError`].
    async fn send_sms(&self, sms: &Sms, envelope: Envelope) -> Result<(), SendError>;
}
