//! What the settings page asks of this machine and of this run.

use crate::{
    acme::Shelf,
    certificates::{self, Identity},
    config::Places,
    mail,
    plan::Plan,
    publication,
    trial::Trial,
};
use async_trait::async_trait;
use std::{io, path::PathBuf, time::Duration};
use tabellion_domain::settings::{Certificate, Settings, SetupError, SmsRelay};
use tabellion_post::{Envelope, HttpSms, ModemSms, Sms, SmsFault, SmsFaultKind, sms_texts, texts};
use tabellion_system::Machine;
use tabellion_web::{Card, CertificateReport, CertificateTrouble, Machinery};
use time::OffsetDateTime;

/// How long somebody in front of the page waits for a relay: less than the page's server lets a request take.
const PATIENCE: Duration = Duration::from_secs(20);

/// The network cards, for whoever has to choose one.
pub(crate) fn cards(places: &Places) -> io::Result<Vec<Card>> {
    let cards = Machine::read(&places.cards)?.interfaces;
    Ok(cards.into_iter().map(|card| Card { name: card.name.into(), mac: card.mac.into() }).collect())
}

/// The machine, as this run knows it.
pub(crate) struct ThisMachine {
    places: Places,
    state: PathBuf,
    started_with: Settings,
    /// Until when the certificate that is served can be used, and whether the box's own authority made it.
    until: Option<OffsetDateTime>,
    own: bool,
}

impl ThisMachine {
    pub(crate) fn new(plan: &Plan, identity: &Identity) -> Self {
        Self {
            places: plan.arguments.places.clone(),
            state: plan.arguments.state.clone(),
            started_with: plan.settings.clone(),
            until: certificates::lasts(&identity.certificate_pem).ok().map(|lasts| lasts.until),
            // Only these are made anew by another start.
            own: identity.lasts.is_some(),
        }
    }
}

#[async_trait]
impl Machinery for ThisMachine {
    fn faults(&self, settings: &Settings, now: OffsetDateTime) -> io::Result<Vec<SetupError>> {
        Ok(Trial::of(&self.places, now)?.faults(settings))
    }

    fn cards(&self) -> io::Result<Vec<Card>> {
        cards(&self.places)
    }

    fn works_with(&self, settings: &Settings) -> bool {
        publication::works_with(&self.started_with, settings)
    }

    fn certificate(&self) -> CertificateReport {
        let asks = matches!(self.started_with.certificate, Certificate::Acme { .. });
        let trouble =
            asks.then(|| Shelf::new(&self.state).trouble(&self.started_with)).flatten().map(|trouble| {
                CertificateTrouble { text: trouble.text, detail: trouble.detail, next: trouble.next }
            });
        CertificateReport { given: !self.own, until: self.until, trouble }
    }

    fn authority(&self, now: OffsetDateTime) -> io::Result<String> {
        certificates::authority_pem(&self.state, now).map_err(io::Error::other)
    }

    async fn send_trial_mail(
        &self,
        settings: &Settings,
        to: String,
        now: OffsetDateTime,
    ) -> Result<(), (String, String)> {
        let unusable = |detail: String| ("Les réglages du relais ne peuvent pas servir.".to_owned(), detail);
        let relay = settings.mail.as_ref().ok_or_else(|| unusable("no relay".to_owned()))?;
        let mailer = mail::smtp(relay, settings).map_err(|error| unusable(error.to_string()))?;
        let mail = texts::trial(to, &settings.office.name);
        // In no outbox: its message identifier is that of no other mail by its time.
        let envelope = Envelope { id: 0, queued_at: now, at: now };
        match tokio::time::timeout(PATIENCE, mailer.attempt(&mail, envelope)).await {
            Ok(answer) => answer.map_err(|fault| (texts::not_taken(&fault), fault.detail)),
            Err(_) => Err((texts::silent(), format!("no answer within {} s", PATIENCE.as_secs()))),
        }
    }

    async fn send_trial_sms(&self, settings: &Settings, to: String) -> Result<(), (String, String)> {
        let sms = Sms { to, text: sms_texts::trial_sms(), not_after: None };
        let sending = async {
            match &settings.sms {
                None => Err(SmsFault { kind: SmsFaultKind::Unusable, detail: "no SMS settings".to_owned() }),
                Some(SmsRelay::Modem) => ModemSms::default().attempt(&sms).await,
                Some(SmsRelay::Http(request)) => match HttpSms::new(request.clone()) {
                    Ok(service) => service.attempt(&sms).await,
                    Err(problem) => {
                        Err(SmsFault { kind: SmsFaultKind::Unusable, detail: problem.to_string() })
                    }
                },
            }
        };
        let silent = |_| SmsFault {
            kind: SmsFaultKind::Away,
            detail: format!("no answer within {} s", PATIENCE.as_secs()),
        };
        let outcome = tokio::time::timeout(PATIENCE, sending).await.map_err(silent).flatten();
        outcome.map_err(|fault| (sms_texts::sms_not_taken(&fault), fault.detail))
    }
}
