use crate::{Envelope, Mail, Mailer, SendError, Sms, SmsGateway};
use async_trait::async_trait;
use tabellion_store::{MailParts, MessageKind, MessageTrouble, Store, StoreError};

/// Nobody has an address under it (RFC 2606 §2): it shows what a refusal looks like.
const NOWHERE: &str = ".invalid";

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
        if mail.to.ends_with(NOWHERE) {
            let answer = Some(format!("550 5.1.2 <{}>: domain not found", mail.to));
            let detail = "the demonstration answers 550".to_owned();
            return Err(SendError::Permanent(MessageTrouble { detail, answer }));
        }
        let (to, subject, text) = (mail.to.clone(), Some(mail.subject.clone()), mail.text.clone());
        let calendar = mail.calendar.as_ref().map(|calendar| calendar.ics.clone());
        let parts = MailParts { html: mail.html.clone(), calendar };
        let kind = MessageKind::Mail;
        self.store.show_mail(kind, to, subject, text, parts, envelope.at).await.map_err(not_kept)
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
    SendError::Temporary(error.to_string().into())
}
