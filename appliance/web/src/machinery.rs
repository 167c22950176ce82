use async_trait::async_trait;
use tabellion_domain::settings::{Settings, SetupError};
use time::OffsetDateTime;

/// A network card, for whoever has to choose one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Card {
    /// The kernel's name.
    pub name: String,
    /// Its hardware address.
    pub mac: String,
}

/// What the box proves its name with now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CertificateReport {
    /// Whether an authority outside gave it: the office's upload, or ACME.
    pub given: bool,
    /// Until when it can be used.
    pub until: Option<OffsetDateTime>,
    /// What keeps a certificate that the settings ask for from being fetched.
    pub trouble: Option<CertificateTrouble>,
}

/// Why an authority gave no certificate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CertificateTrouble {
    /// What is wrong and what to do, in French.
    pub text: String,
    /// For the support, in English.
    pub detail: String,
    /// When it is tried again.
    pub next: OffsetDateTime,
}

/// The machine that the box runs on, and what this run of the control process is made of: what the settings are tried against
/// before they are applied.
#[async_trait]
pub trait Machinery: Send + Sync {
    /// What of the settings this box cannot work with; empty where all is well.
    ///
    /// # Errors
    /// The machine cannot be looked at.
    fn faults(&self, settings: &Settings, now: OffsetDateTime) -> std::io::Result<Vec<SetupError>>;

    /// The cards that may lead to the office's network.
    ///
    /// # Errors
    /// The machine cannot be looked at.
    fn cards(&self) -> std::io::Result<Vec<Card>>;

    /// Whether this run of the control process works with these settings: it may be one that is about to end.
    fn works_with(&self, settings: &Settings) -> bool;

    /// The certificate that is served.
    fn certificate(&self) -> CertificateReport;

    /// The certificate of the box's own authority, PEM.
    ///
    /// # Errors
    /// It can neither be read nor made.
    fn authority(&self, now: OffsetDateTime) -> std::io::Result<String>;

    /// Sends a mail to try the relay of these settings, and waits for its answer.
    ///
    /// # Errors
    /// Why it has not gone, and what to do: for the user, in French; and the same in English, for the support.
    async fn send_trial_mail(
        &self,
        settings: &Settings,
        to: String,
        now: OffsetDateTime,
    ) -> Result<(), (String, String)>;

    /// Sends an SMS to try these settings, and waits for the answer.
    ///
    /// # Errors
    /// Why it has not gone, and what to do: for the user, in French; and what the service or the modem has said.
    async fn send_trial_sms(&self, settings: &Settings, to: String) -> Result<(), (String, String)>;
}
