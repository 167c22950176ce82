use crate::{Envelope, Mail, Mailer, SendError, Sms, SmsGateway};
use async_trait::async_trait;

/// Stands where no gateway has been set: messages stay in the outbox, and the log says why.
#[derive(Clone, Copy, Debug)]
pub struct Unconfigured;

#[async_trait]
impl Mailer for Unconfigured {
    async fn send_mail(&self, _: &Mail, _: Envelope) -> Result<(), SendError> {
        Err(SendError::Away("no mail server has been set on this box".into()))
    }
}

#[async_trait]
impl SmsGateway for Unconfigured {
    async fn send_sms(&self, _: &Sms, _: Envelope) -> Result<(), SendError> {
        Err(SendError::Away("no SMS gateway has been set on this box".into()))
    }
}
