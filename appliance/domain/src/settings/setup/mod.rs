//! `setup.toml`, and the same as JSON from the set-up page: every fault at once, nothing accepted by halves.

mod answers;
mod error;
mod form;
mod keys;
mod syntax;
#[cfg(test)]
mod tests;
mod tree;

pub(in crate::settings) use answers::Answers;
pub use error::SetupError;
pub use form::SettingsForm;

use super::{
    Access, BillingSettings, Brand, Certificate, DirectoryServer, LicenceSettings, MailRelay, Names, Network,
    OfficeSettings, Ports, Retention, Settings, SmsRelay, Support, Timekeeping, TurnServer, UpdateSettings,
    administrator::NewAdministrator,
};
use crate::{Entropy, password::PasswordError};
use std::collections::BTreeMap;

/// The set-up file to be filled in: every key, in French. It lacks nothing but the password.
pub const TEMPLATE: &str = include_str!("template.toml");

/// A set-up document without faults.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SetupFile {
    settings: Settings,
    administrator: NewAdministrator,
    remarks: Vec<SetupError>,
    lines: BTreeMap<String, u32>,
}

impl SetupFile {
    /// Reads `setup.toml`.
    ///
    /// # Errors
    /// Each fault with its line, in the order of the lines; what is missing altogether comes last.
    pub fn parse(text: &str) -> Result<Self, Vec<SetupError>> {
        // Editors of Windows put a mark before the text.
        let (document, errors) = tree::from_toml(text.strip_prefix('\u{feff}').unwrap_or(text));
        Self::understand(Answers::new(document, errors))
    }

    /// Reads what the set-up page sends: the tables and keys of `setup.toml` as JSON. Empty texts count as not given.
    ///
    /// # Errors
    /// Each fault with its key.
    pub fn from_json(document: &serde_json::Value) -> Result<Self, Vec<SetupError>> {
        Self::understand(Answers::new(tree::from_json(document), Vec::new()))
    }

    fn understand(mut answers: Answers) -> Result<Self, Vec<SetupError>> {
        let settings = settings(&mut answers);
        let administrator = NewAdministrator::read(&mut answers);
        let outcome = answers.finish();
        match (settings, administrator) {
            (Some(settings), Some(administrator)) if outcome.errors.is_empty() => {
                Ok(Self { settings, administrator, remarks: outcome.remarks, lines: outcome.lines })
            }
            _ => Err(outcome.errors),
        }
    }

    /// The settings without the administrator's account: for checks against the machine.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What is accepted, but unusual: to be shown.
    #[must_use]
    pub fn remarks(&self) -> &[SetupError] {
        &self.remarks
    }

    /// Gives a fault that was found later, against the machine, the line of its key.
    #[must_use]
    pub fn locate(&self, error: SetupError) -> SetupError {
        SetupError { line: answers::line_of(&self.lines, &error.key), ..error }
    }

    /// The settings to be stored. A password in clear text is hashed, which takes about 20 ms of CPU, and gone.
    ///
    /// # Errors
    /// [`PasswordError::Hash`]: a fault of this program.
    pub fn into_settings(self, entropy: &dyn Entropy) -> Result<Settings, PasswordError> {
        let administrator = Some(self.administrator.hashed(entropy)?);
        Ok(Settings { administrator, ..self.settings })
    }
}

/// Everything but the administrator's account. None: something is wrong that is among the answers' errors.
fn settings(answers: &mut Answers) -> Option<Settings> {
    let office = OfficeSettings::read(answers);
    let support = Support::read(answers);
    let brand = Brand::read(answers);
    let network = Network::read(answers);
    let names = Names::read(answers);
    let time = Timekeeping::read(answers);
    let mail = MailRelay::read(answers);
    let sms = SmsRelay::read(answers);
    let turn = TurnServer::read(answers);
    let directory = DirectoryServer::read(answers);
    let certificate = Certificate::read(answers);
    let ports = Ports::read(answers);
    let access = Access::read(answers);
    let updates = UpdateSettings::read(answers);
    let retention = Retention::read(answers);
    let licences = LicenceSettings::read(answers);
    let billing = BillingSettings::read(answers);
    Some(Settings {
        office: office?,
        support,
        brand,
        network: network?,
        names,
        time,
        mail,
        sms,
        turn,
        directory,
        certificate: certificate?,
        ports,
        access,
        updates,
        retention,
        licences,
        billing,
        administrator: None,
        backup: None,
    })
}
