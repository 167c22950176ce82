use crate::{Store, StoreError, settings};
use rusqlite::Transaction;
use tabellion_domain::{Licences, settings::LicenceSettings};

impl Store {
    /// The office's licences: those of the settings and those that were ordered since, and the users who take one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn licences(&self) -> Result<Licences, StoreError> {
        self.transact(count).await
    }
}

pub(crate) fn count(tx: &Transaction<'_>) -> Result<Licences, StoreError> {
    let in_force = settings::in_force(tx)?.map(|change| change.settings.licences);
    let LicenceSettings { count } = in_force.unwrap_or_default();
    let sql = "SELECT coalesce(sum(count), 0) FROM orders WHERE kind IN ('licences', 'carried')";
    let ordered: u32 = tx.query_row(sql, [], |row| row.get(0))?;
    let sql = "SELECT count(*) FROM users WHERE visio = 'user' AND deleted_at IS NULL";
    let used = tx.query_row(sql, [], |row| row.get(0))?;
    Ok(Licences { owned: u32::from(count).saturating_add(ordered), used })
}
