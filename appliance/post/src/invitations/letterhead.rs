use tabellion_domain::settings::{Accent, Brand, Settings};
use time::OffsetDateTime;

/// The service's name where the settings give it none: the guide's.
const SERVICE: &str = "VisioConference Notaire";

/// In whose name a mail is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Letterhead {
    /// The service's name.
    pub service: String,
    /// Its colour.
    pub accent: Accent,
    /// The office's name.
    pub office: String,
    /// The address that the box's mails come from: calendars take it for the organizer's, since they believe no other.
    pub sender: String,
    /// Where an answer goes, if not there.
    pub reply_to: Option<String>,
    /// When the mail is written.
    pub at: OffsetDateTime,
}

impl Letterhead {
    /// The office's.
    #[must_use]
    pub fn of(settings: &Settings, at: OffsetDateTime) -> Self {
        let named = settings.brand.service != Brand::default().service;
        let domain = &settings.office.domain;
        Self {
            service: if named { settings.brand.service.clone() } else { SERVICE.to_owned() },
            accent: settings.brand.accent,
            office: settings.office.name.clone(),
            // Without a mail server nothing is sent, but the demonstration shows what would be.
            sender: settings
                .mail
                .as_ref()
                .map_or_else(|| format!("visio@{domain}"), |relay| relay.sender.address.to_string()),
            reply_to: None,
            at,
        }
    }

    /// The same, with whoever writes as the one who gets the answers.
    #[must_use]
    pub fn answered_by(self, address: &str) -> Self {
        Self { reply_to: Some(address.to_owned()).filter(|address| !address.is_empty()), ..self }
    }
}
