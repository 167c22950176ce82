use crate::machinery::{Card, CertificateReport, Machinery};
use async_trait::async_trait;
use std::{
    io,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
};
use tabellion_domain::settings::{Refusal, Settings, SetupError, SmsRelay};
use time::OffsetDateTime;

/// A machine that does as a test says.
#[derive(Default)]
pub(crate) struct TestMachine {
    /// The key of a setting that it cannot work with.
    pub fault: Mutex<Option<&'static str>>,
    /// Whether its process was started with other settings than the last ones.
    pub outdated: AtomicBool,
    /// To whom trial mails have gone, through which server and with which password.
    pub mails: Mutex<Vec<(String, String, String)>>,
    /// To whom trial SMS have gone, and with which secret.
    pub sms: Mutex<Vec<(String, String)>>,
    /// What it says of its certificate.
    pub certificate: Mutex<Option<CertificateReport>>,
    /// Whether the relay says no.
    pub mails_are_refused: AtomicBool,
}

#[async_trait]
impl Machinery for TestMachine {
    fn faults(&self, _: &Settings, _: OffsetDateTime) -> io::Result<Vec<SetupError>> {
        let fault = *self.fault.lock().unwrap();
        let refusal = Refusal::new("cette interface n’existe pas", "Choisissez parmi : enp1s0");
        Ok(fault.map(|key| SetupError::new(key, refusal)).into_iter().collect())
    }

    fn cards(&self) -> io::Result<Vec<Card>> {
        Ok(vec![Card { name: "enp1s0".to_owned(), mac: "52:54:00:12:34:56".to_owned() }])
    }

    fn works_with(&self, _: &Settings) -> bool {
        !self.outdated.load(Ordering::SeqCst)
    }

    fn certificate(&self) -> CertificateReport {
        let own = CertificateReport { given: false, until: None, trouble: None };
        self.certificate.lock().unwrap().clone().unwrap_or(own)
    }

    fn authority(&self, _: OffsetDateTime) -> io::Result<String> {
        Ok("-----BEGIN CERTIFICATE-----\n".to_owned())
    }

    async fn send_trial_mail(
        &self,
        settings: &Settings,
        to: String,
        _: OffsetDateTime,
    ) -> Result<(), (String, String)> {
        if self.mails_are_refused.load(Ordering::SeqCst) {
            return Err(("Le relais a refusé le mot de passe.".to_owned(), "535".to_owned()));
        }
        let relay = settings.mail.as_ref().unwrap();
        let password = relay.login.as_ref().map_or("", |login| login.password.reveal());
        self.mails.lock().unwrap().push((to, relay.host.as_str().to_owned(), password.to_owned()));
        Ok(())
    }

    async fn send_trial_sms(&self, settings: &Settings, to: String) -> Result<(), (String, String)> {
        let secret = match settings.sms.as_ref().unwrap() {
            SmsRelay::Http(request) => request.secret.as_ref().map_or("", |secret| secret.reveal()),
            SmsRelay::Modem => return Err(("Aucun modem n’est branché.".to_owned(), "no modem".to_owned())),
        };
        self.sms.lock().unwrap().push((to, secret.to_owned()));
        Ok(())
    }
}
