use crate::{Store, StoreError};
use tabellion_domain::settings::{Author, Brand, OfficeSettings, Settings, Support};
use time::OffsetDateTime;

/// Who this box belongs to: the part of the settings that pages and calls need.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Office {
    /// «Office Notarial de la Place».
    pub name: String,
    /// What comes behind the @ of a number (CALL-17).
    pub domain: String,
    /// The office's CRPCEN: text, leading zeros kept.
    pub crpcen: String,
    /// What the office's numbers begin with.
    pub number_prefix: String,
    /// Whom a user in difficulty turns to (AUTH-06).
    pub support_name: String,
    /// Its telephone number.
    pub support_phone: String,
    /// Its mail address.
    pub support_email: String,
    /// Its opening hours.
    pub support_hours: String,
    /// In whose name the service is given.
    pub brand: Brand,
}

impl From<Settings> for Office {
    fn from(settings: Settings) -> Self {
        let Settings { office, support, brand, .. } = settings;
        Self {
            name: office.name,
            domain: office.domain,
            crpcen: office.crpcen,
            number_prefix: office.number_prefix,
            support_name: support.name,
            support_phone: support.phone,
            support_email: support.email,
            support_hours: support.hours,
            brand,
        }
    }
}

impl Store {
    /// The office, once the box has settings. A change that waits for its confirmation does not count yet.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn office(&self) -> Result<Option<Office>, StoreError> {
        let in_force = self.transact(super::in_force).await?;
        Ok(in_force.map(|change| Office::from(change.settings)).filter(|office| !office.name.is_empty()))
    }

    /// Sets the office of a demonstration; the other settings stay.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_office(&self, office: Office, at: OffsetDateTime) -> Result<(), StoreError> {
        self.change_settings(move |tx| {
            let before = super::in_force(tx)?.map(|change| change.settings).unwrap_or_default();
            let settings = Settings {
                office: OfficeSettings {
                    name: office.name,
                    crpcen: office.crpcen,
                    domain: office.domain,
                    number_prefix: office.number_prefix,
                },
                support: Support {
                    name: office.support_name,
                    phone: office.support_phone,
                    email: office.support_email,
                    hours: office.support_hours,
                },
                brand: office.brand,
                ..before
            };
            super::change::adopt(tx, &settings, Author::Demonstration, at).map(drop)
        })
        .await
    }
}
