use crate::{Store, StoreError, convert};
use rusqlite::{OptionalExtension, params};
use time::OffsetDateTime;

/// A room system's account.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredDevice {
    /// Digest username, and the user part of its address.
    pub username: String,
    /// «Salle des actes».
    pub display_name: String,
    /// `MD5` or `SHA-256`.
    pub algorithm: String,
    /// H(A1) in hexadecimal (RFC 7616 §3.4.2).
    pub ha1: String,
}

/// Where a device can be reached, as its keeper's JSON.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredBinding {
    /// The device's username.
    pub device: String,
    /// The contact's URI, as sent.
    pub contact: String,
    /// The rest.
    pub json: String,
    /// Until when.
    pub expires_at: OffsetDateTime,
}

impl Store {
    /// A device's account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn device(&self, username: &str) -> Result<Option<StoredDevice>, StoreError> {
        let username = username.to_owned();
        self.transact(move |tx| {
            let found = tx.query_row(
                "SELECT username, display_name, algorithm, ha1 FROM devices WHERE username = ?1",
                [username],
                |row| {
                    Ok(StoredDevice {
                        username: row.get(0)?,
                        display_name: row.get(1)?,
                        algorithm: row.get(2)?,
                        ha1: row.get(3)?,
                    })
                },
            );
            Ok(found.optional()?)
        })
        .await
    }

    /// Makes or changes a device's account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn save_device(&self, device: StoredDevice) -> Result<(), StoreError> {
        self.transact(move |tx| {
            tx.execute(
                "INSERT INTO devices (username, display_name, algorithm, ha1) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT (username) DO UPDATE SET display_name = excluded.display_name, \
                 algorithm = excluded.algorithm, ha1 = excluded.ha1",
                params![device.username, device.display_name, device.algorithm, device.ha1],
            )?;
            Ok(())
        })
        .await
    }

    /// Stores where a device can be reached.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn save_binding(&self, binding: StoredBinding) -> Result<(), StoreError> {
        self.transact(move |tx| {
            tx.execute(
                "INSERT OR REPLACE INTO bindings (device, contact, json, expires_at) VALUES (?1, ?2, ?3, ?4)",
                params![binding.device, binding.contact, binding.json, convert::micros(binding.expires_at)],
            )?;
            Ok(())
        })
        .await
    }

    /// Removes one contact of a device, or all.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remove_binding(&self, device: String, contact: Option<String>) -> Result<(), StoreError> {
        self.transact(move |tx| {
            tx.execute(
                "DELETE FROM bindings WHERE device = ?1 AND (?2 IS NULL OR contact = ?2)",
                params![device, contact],
            )?;
            Ok(())
        })
        .await
    }

    /// All that have not expired; the others are removed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn bindings(&self, now: OffsetDateTime) -> Result<Vec<StoredBinding>, StoreError> {
        self.transact(move |tx| {
            tx.execute("DELETE FROM bindings WHERE expires_at <= ?1", [convert::micros(now)])?;
            let mut statement = tx.prepare("SELECT device, contact, json, expires_at FROM bindings")?;
            let rows = statement
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get::<_, i64>(3)?)))?;
            rows.map(|row| {
                let (device, contact, json, expires_at) = row?;
                Ok(StoredBinding { device, contact, json, expires_at: convert::time(expires_at)? })
            })
            .collect()
        })
        .await
    }
}
