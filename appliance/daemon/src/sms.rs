use async_trait::async_trait;
use std::sync::Arc;
use tabellion_domain::settings::{Settings, SmsRelay};
use tabellion_post::{Envelope, HttpSms, ModemSms, SendError, Sms, SmsGateway, Unconfigured};
use tracing::error;

/// What the settings send SMS by, or what says that there is nothing, or why it cannot be used: SMS wait in the outbox then, as long
/// as they are of use.
pub(crate) fn gateway(settings: &Settings) -> Arc<dyn SmsGateway> {
    match &settings.sms {
        None => Arc::new(Unconfigured),
        Some(SmsRelay::Modem) => Arc::new(ModemSms::default()),
        Some(SmsRelay::Http(request)) => match HttpSms::new(request.clone()) {
            Ok(service) => Arc::new(service),
            Err(problem) => {
                error!(%problem, "the SMS settings cannot be used: SMS wait until they are mended");
                Arc::new(Unusable(problem.to_string()))
            }
        },
    }
}

struct Unusable(String);

#[async_trait]
impl SmsGateway for Unusable {
    async fn send_sms(&self, _: &Sms, _: Envelope) -> Result<(), SendError> {
        Err(SendError::Away(format!("the SMS settings cannot be used: {}", self.0).into()))
    }
}
