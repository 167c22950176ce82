//! Whole databases: a copy of the one in use, and one that comes from elsewhere to take its place.

use crate::{StoreError, audit, convert, database, migrations, settings};
use rusqlite::{Connection, OpenFlags, Transaction, params};
use std::{path::Path, time::Duration};
use tabellion_domain::{
    AuditEvent,
    settings::{Author, Network, Settings},
};
use time::OffsetDateTime;

/// What a database is that somebody wants to restore.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Inspected {
    /// Its schema; not newer than this release's.
    pub schema: u32,
    /// Its settings in force; none where its box was never set up.
    pub settings: Option<Settings>,
}

/// Which network settings a box has once it was restored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RestoredNetwork {
    /// The copy's: the box takes the place of the one that it was made on.
    Taken,
    /// The copy's, undone unless that is confirmed within
    /// [`CONFIRM_WITHIN`](tabellion_domain::settings::CONFIRM_WITHIN): then the box has its own again.
    Tried {
        /// This box's own.
        own: Network,
        /// Hash of what confirms it.
        confirmation: [u8; 32],
    },
    /// This box's own.
    Kept(Network),
}

/// What a restored box works with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Restored {
    /// Its settings, those that wait for their confirmation as well; none where the copy's box was never set up.
    pub settings: Option<Settings>,
    /// The change that waits for its confirmation, where one does.
    pub change: Option<i64>,
}

/// Copies the database into a file that is not there yet or empty, as it is at one moment, while others write; what was
/// deleted is not in it. Returns the schema.
///
/// # Errors
/// [`StoreError`].
pub fn snapshot(database: &Path, to: &Path) -> Result<u32, StoreError> {
    let from = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    from.busy_timeout(Duration::from_secs(5))?;
    from.execute("VACUUM INTO ?1", [to.to_string_lossy()])?;
    let copy = Connection::open_with_flags(to, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    migrations::known(&copy, to)
}

/// Looks at a database without changing it.
///
/// # Errors
/// [`StoreError::Newer`], [`StoreError::Damaged`], or it is none of ours.
pub fn inspect(database: &Path) -> Result<Inspected, StoreError> {
    let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let schema = migrations::known(&connection, database)?;
    database::check(&connection, database)?;
    let transaction = connection.unchecked_transaction()?;
    // The first schema had no settings document.
    let settings = if schema < 2 { None } else { settings::in_force(&transaction)? };
    Ok(Inspected { schema, settings: settings.map(|change| change.settings) })
}

/// Makes a copy of another time or box fit to be this box's: its schema is brought up to date, nobody is logged in or in a
/// meeting, and what waited to be sent is not sent again. The journal goes on with `event`. The result is one file, on the
/// disk.
///
/// # Errors
/// [`StoreError`].
pub fn prepare_restored(
    path: &Path,
    network: RestoredNetwork,
    event: &AuditEvent,
    at: OffsetDateTime,
) -> Result<Restored, StoreError> {
    let mut connection = Connection::open(path)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "secure_delete", true)?;
    database::check(&connection, path)?;
    migrations::run(&mut connection, path)?;
    let restored = database::in_transaction(&mut connection, |tx| {
        end_the_past(tx, at)?;
        let restored = choose_network(tx, network, at)?;
        audit::append(tx, event, at)?;
        Ok(restored)
    })?;
    connection.pragma_update(None, "journal_mode", "DELETE")?;
    connection.close().map_err(|(_, error)| error)?;
    let synced = std::fs::File::open(path).and_then(|file| file.sync_all());
    synced.map_err(|source| StoreError::File { path: path.to_owned(), source })?;
    Ok(restored)
}

fn choose_network(
    tx: &Transaction<'_>,
    network: RestoredNetwork,
    at: OffsetDateTime,
) -> Result<Restored, StoreError> {
    let Some(copy) = settings::in_force(tx)?.map(|change| change.settings) else {
        return Ok(Restored { settings: None, change: None });
    };
    let keep = |network: Network| {
        let kept = Settings { network, ..copy.clone() };
        settings::adopt(tx, &kept, Author::Restore, at).map(|id| (id, kept))
    };
    let (settings, change) = match network {
        RestoredNetwork::Kept(own) => (keep(own)?.1, None),
        RestoredNetwork::Tried { own, confirmation } if own != copy.network => {
            let (kept, _) = keep(own)?;
            let change = settings::replace(tx, kept, &copy, Author::Restore, at, Some(confirmation))?;
            (copy, Some(change))
        }
        RestoredNetwork::Tried { .. } | RestoredNetwork::Taken => (copy, None),
    };
    Ok(Restored { settings: Some(settings), change })
}

fn end_the_past(tx: &Transaction<'_>, at: OffsetDateTime) -> Result<(), StoreError> {
    tx.execute_batch(
        "DELETE FROM sessions; DELETE FROM sms_codes; DELETE FROM password_links; DELETE FROM login_throttles; DELETE FROM bindings; \
         UPDATE seats SET ended = 1, token_hash = NULL, dialog = NULL WHERE ended = 0",
    )?;
    tx.execute(
        "UPDATE outbox SET given_up_at = ?1, last_error = 'restored from a backup' \
         WHERE sent_at IS NULL AND given_up_at IS NULL",
        params![convert::micros(at)],
    )?;
    Ok(())
}
