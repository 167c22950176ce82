use crate::{Store, StoreError};
use rusqlite::{OptionalExtension, params};

/// Who this box belongs to.
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
}

impl Store {
    /// The office, once it is set up.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn office(&self) -> Result<Option<Office>, StoreError> {
        self.transact(|tx| {
            let get = |name: &str| -> Result<Option<String>, StoreError> {
                let found =
                    tx.query_row("SELECT value FROM settings WHERE name = ?1", [name], |row| row.get(0));
                Ok(found.optional()?)
            };
            let text = |name: &str| get(name).map(Option::unwrap_or_default);
            let Some(name) = get("office.name")? else { return Ok(None) };
            Ok(Some(Office {
                name,
                domain: text("office.domain")?,
                crpcen: text("office.crpcen")?,
                number_prefix: text("office.number_prefix")?,
                support_name: text("support.name")?,
                support_phone: text("support.phone")?,
                support_email: text("support.email")?,
                support_hours: text("support.hours")?,
            }))
        })
        .await
    }

    /// Sets the office.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_office(&self, office: Office) -> Result<(), StoreError> {
        self.transact(move |tx| {
            for (name, value) in [
                ("office.name", &office.name),
                ("office.domain", &office.domain),
                ("office.crpcen", &office.crpcen),
                ("office.number_prefix", &office.number_prefix),
                ("support.name", &office.support_name),
                ("support.phone", &office.support_phone),
                ("support.email", &office.support_email),
                ("support.hours", &office.support_hours),
            ] {
                tx.execute(
                    "INSERT OR REPLACE INTO settings (name, value) VALUES (?1, ?2)",
                    params![name, value],
                )?;
            }
            Ok(())
        })
        .await
    }
}
