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
/// meeting, and what waited to be sent is not sent again. `network`: what this box keeps instead of the copy's. The journal
/// goes on with `event`. The result is one file, on the disk.
///
/// # Errors
/// [`StoreError`].
pub fn prepare_restored(
    path: &Path,
    network: Option<Network>,
    event: &AuditEvent,
    at: OffsetDateTime,
) -> Result<(), StoreError> {
    let mut connection = Connection::open(path)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "secure_delete", true)?;
    database::check(&connection, path)?;
    migrations::run(&mut connection, path)?;
    database::in_transaction(&mut connection, |tx| {
        end_the_past(tx, at)?;
        if let Some(network) = network
            && let Some(change) = settings::in_force(tx)?
        {
            settings::adopt(tx, &Settings { network, ..change.settings }, Author::Restore, at)?;
        }
        audit::append(tx, event, at)
    })?;
    connection.pragma_update(None, "journal_mode", "DELETE")?;
    connection.close().map_err(|(_, error)| error)?;
    let synced = std::fs::File::open(path).and_then(|file| file.sync_all());
    synced.map_err(|source| StoreError::File { path: path.to_owned(), source })
}

fn end_the_past(tx: &Transaction<'_>, at: OffsetDateTime) -> Result<(), StoreError> {
    tx.execute_batch(
        "DELETE FROM sessions; DELETE FROM sms_codes; DELETE FROM login_throttles; DELETE FROM bindings; \
         UPDATE seats SET ended = 1, token_hash = NULL, dialog = NULL WHERE ended = 0",
    )?;
    tx.execute(
        "UPDATE outbox SET given_up_at = ?1, last_error = 'restored from a backup' \
         WHERE sent_at IS NULL AND given_up_at IS NULL",
        params![convert::micros(at)],
    )?;
    Ok(())
}
