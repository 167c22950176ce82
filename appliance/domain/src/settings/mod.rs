//! The box's settings: what an administrator decides, what a set-up file may say, and what is wrong with it.
//!
//! They come in as text ([`SetupFile`]), are stored as one JSON document ([`Settings::to_json`]), and are rendered into the
//! operating system's configuration elsewhere.

mod accent;
mod access;
mod address;
mod administrator;
mod author;
mod backup;
mod billing;
mod brand;
mod certificate;
mod directory;
mod document;
mod ip_network;
mod mail;
mod names;
mod network;
mod office;
mod ports;
mod refusal;
mod retention;
mod secret;
mod setup;
mod sms;
mod timekeeping;
mod turn;
mod updates;
mod words;

pub use accent::Accent;
pub use access::Access;
pub use address::InterfaceAddress;
pub use administrator::Administrator;
pub(crate) use administrator::login;
pub use author::Author;
pub use backup::{BackupDestination, BackupEvery, BackupSchedule, SftpServer};
pub use billing::{BillingSettings, LicenceSettings, USUAL_LICENCES};
pub use brand::Brand;
pub use certificate::{ACME_CERTIFICATE, Certificate, DnsProvider};
pub use directory::{DirectoryAttributes, DirectoryLogin, DirectoryServer};
pub use document::{CONFIRM_WITHIN, DocumentError, Settings};
pub use ip_network::IpNetwork;
pub use mail::{MailLogin, MailRelay, MailSecurity, Sender};
pub use names::Names;
pub use network::{Addressing, Interface, Network, RoomNetwork};
pub use office::{OfficeSettings, Support};
pub use ports::Ports;
pub use refusal::Refusal;
pub use retention::{Cutoffs, Retention};
pub use secret::Secret;
pub use setup::{SettingsForm, SetupError, SetupFile, TEMPLATE as SETUP_TEMPLATE};
pub use sms::{SmsFormat, SmsMethod, SmsPart, SmsRelay, SmsRequest, SmsWords};
pub use timekeeping::Timekeeping;
pub use turn::TurnServer;
pub use updates::{Day, MaintenanceWindow, UpdateMode, UpdateSettings};
pub use words::{
    Channel, DomainName, HostLabel, InterfaceName, LdapUrl, MacAddress, MailAddress, MobileNumber, Server,
    TimeOfDay, TurnUri, UpdateSource, ZoneName,
};

/// One line of text that is shown: 1 to 120 characters, trimmed.
fn line(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 120 {
        return Err(Refusal::new("ce texte est vide ou trop long", "Écrivez de 1 à 120 caractères"));
    }
    if text.chars().any(|c| c.is_control() || crate::name::is_invisible(c) || matches!(c, '<' | '>')) {
        let todo = "Retirez les retours à la ligne, les signes invisibles et les signes < et >";
        return Err(Refusal::new("ce texte contient un signe qui n’est pas accepté", todo));
    }
    Ok(text.to_owned())
}
