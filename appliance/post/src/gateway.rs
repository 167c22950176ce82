use crate::{Mail, Sms};
use async_trait::async_trait;
use tabellion_store::MessageTrouble;
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

/// Why a message was not taken. What is shown of it goes to the log: it holds no address and no text.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SendError {
    /// The gateway is not to be had, whatever the message: others would fare no better now.
    #[error("the gateway is not to be had: {0}")]
    Away(MessageTrouble),
    /// Not this one, for now: again later.
    #[error("not taken for now: {0}")]
    Temporary(MessageTrouble),
    /// It will never be taken: the address does not exist, or the message has no valid form.
    #[error("refused: {0}")]
    Permanent(MessageTrouble),
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
