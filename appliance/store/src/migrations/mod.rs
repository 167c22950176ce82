//! The schema, step by step. A step that has shipped is never changed; a new one is added.

use crate::StoreError;
use rusqlite::Connection;
use std::path::Path;

const STEPS: &[&str] = &[
    include_str!("0001-first.sql"),
    include_str!("0002-settings.sql"),
    include_str!("0003-authenticators.sql"),
    include_str!("0004-recovery-codes.sql"),
    include_str!("0005-settings-confirmation.sql"),
    include_str!("0006-directory.sql"),
    include_str!("0007-users.sql"),
    include_str!("0008-calls-papers.sql"),
    include_str!("0009-outbox-states.sql"),
    include_str!("0010-scheduled-meetings.sql"),
    include_str!("0011-retention.sql"),
    include_str!("0012-records.sql"),
];

/// The schema of a database file, which this release must know.
///
/// # Errors
/// A newer release has written it.
pub(crate) fn known(connection: &Connection, path: &Path) -> Result<u32, StoreError> {
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = u32::try_from(STEPS.len()).unwrap_or(u32::MAX);
    if found > known {
        return Err(StoreError::Newer { path: path.to_owned(), found, known });
    }
    Ok(found)
}

/// Brings the schema up to date, each step in a transaction with its number.
pub(crate) fn run(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let found = known(connection, path)?;
    for (step, number) in STEPS.iter().zip(1_u32..).skip(found as usize) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", number)?;
        transaction.commit()?;
    }
    Ok(())
}
