use crate::{Envelope, Mail, Mailer, SendError, Sms, SmsGateway};
use async_trait::async_trait;
use tabellion_store::{MessageKind, Store, StoreError};

/// Sends nothing: keeps what would be sent, for the demonstration's page.
#[derive(Clone)]
pub struct DemonstrationGateway {
    store: Store,
}

impl DemonstrationGateway {
    /// Keeps in this store.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self { store }
    }
}

#[async_trait]
impl Mailer for DemonstrationGateway {
    async fn send_mail(&self, mail: &Mail, envelope: Envelope) -> Result<(), SendError> {
        let (to, subject, text) = (mail.to.clone(), Some(mail.subject.clone()), mail.text.clone());
        self.store.show_message(MessageKind::Mail, to, subject, text, envelope.at).await.map_err(not_kept)
    }
}

#[async_trait]
impl SmsGateway for DemonstrationGateway {
    async fn send_sms(&self, sms: &Sms, envelope: Envelope) -> Result<(), SendError> {
        let (to, text) = (sms.to.clone(), sms.text.clone());
        self.store.show_message(MessageKind::Sms, to, None, text, envelope.at).await.map_err(not_kept)
    }
}

fn not_kept(error: StoreError) -> SendError {
    SendError::Temporary(error.to_string())
}
