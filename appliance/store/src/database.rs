use crate::{
    migrations,
    topics::{self, Topic},
};
use rusqlite::{Connection, Transaction, functions::FunctionFlags};
use std::{
    fs::OpenOptions,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};
use tabellion_domain::sort_key;
use tokio::sync::{broadcast, oneshot, watch};

/// Why the store did not do what was asked: this box's fault, in each case.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite says no.
    #[error("the database refuses: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The file was written by a newer release.
    #[error(
        "the database {path} has schema {found}, this release knows {known}: \
         install the newer release again, or restore a backup"
    )]
    Newer {
        /// Which file.
        path: PathBuf,
        /// Its schema.
        found: u32,
        /// The last one that this release knows.
        known: u32,
    },
    /// SQLite's own check found damage.
    #[error("the database {path} is damaged ({detail}): restore a backup")]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// The first finding.
        detail: String,
    },
    /// A stored value that this release cannot have written.
    #[error("the database holds {what} that cannot be read: {value}")]
    Unreadable {
        /// What it should be.
        what: &'static str,
        /// What it is.
        value: String,
    },
    /// The file can be neither made nor opened.
    #[error("the database {path} cannot be opened: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A meeting's code is switched on and there is none: the caller's fault.
    #[error("a meeting whose code is switched on needs a code")]
    CodeMissing,
    /// A seat for an account that was deleted meanwhile, or may not take part: the caller's fault.
    #[error("the account is deleted, or does not take part in meetings")]
    AccountEnded,
    /// A seat by a personal link that was withdrawn meanwhile, or whose meeting is over: the caller's fault.
    #[error("the personal link is withdrawn, or its meeting is over")]
    InvitationEnded,
    /// As many places as a personal link has are taken: the caller's fault. Leave one of them first.
    #[error("all places that a personal link has are taken")]
    InvitationCrowded,
    /// No number was free in the prefix.
    #[error("no free number was found under the prefix {prefix}")]
    NumbersExhausted {
        /// The prefix.
        prefix: String,
    },
    /// A change of the settings waits for its confirmation: the caller's fault. Confirm or undo it first.
    #[error("change {change} of the settings waits for its confirmation: confirm or undo it first")]
    SettingsPending {
        /// Its row.
        change: i64,
    },
    /// The settings were changed since the caller looked at them: the caller's fault. Look again.
    #[error("the settings are those of change {in_force}, not of {base}: look at them again")]
    SettingsMoved {
        /// What the caller has started from.
        base: i64,
        /// What is in force.
        in_force: i64,
    },
    /// Somebody else has begun to replace the directory of notaries meanwhile: theirs counts. Nothing was changed.
    #[error(
        "another copy of the directory is being put in place: wait for it, then try again if it is still needed"
    )]
    DirectoryOvertaken,
    /// Stored settings that this release cannot read.
    #[error(transparent)]
    Settings(#[from] tabellion_domain::settings::DocumentError),
    /// The store's thread is gone: this process is ending.
    #[error("the database is closed")]
    Closed,
}

impl StoreError {
    /// Whether something with the same name, number or secret is there already: the caller's fault.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        let Self::Sqlite(rusqlite::Error::SqliteFailure(error, _)) = self else { return false };
        matches!(
            error.extended_code,
            rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE | rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY
        )
    }

    /// Whether the disk has no room for it: nothing was changed, and what is stored can still be read.
    #[must_use]
    pub fn is_full(&self) -> bool {
        let Self::Sqlite(error) = self else { return false };
        error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull)
    }
}

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// Handle to the database. Cheap to clone; the last one closes it.
#[derive(Clone)]
pub struct Store {
    jobs: std::sync::mpsc::Sender<Job>,
    pub(crate) outbox: Arc<watch::Sender<()>>,
    pub(crate) settings: Arc<watch::Sender<()>>,
    pub(crate) topics: broadcast::Sender<Topic>,
}

impl Store {
    /// Opens the database, makes it where it is missing, brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError`]; nothing was changed then.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        private_file(path)?;
        let mut connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // FULL: a commit is on the disk before it is acknowledged, also in WAL mode.
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        // What is deleted is overwritten: codes, secrets of seats, messages that were sent. Debian's SQLite does so
        // by itself.
        connection.pragma_update(None, "secure_delete", true)?;
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        // What lists are sorted and people are found by, in statements, too.
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
        connection
            .create_scalar_function("sort_key", 1, flags, |call| Ok(sort_key(&call.get::<String>(0)?)))?;
        check(&connection, path)?;
        migrations::run(&mut connection, path)?;

        let (jobs, queue) = std::sync::mpsc::channel::<Job>();
        std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || {
                for job in queue {
                    job(&mut connection);
                }
            })
            .map_err(|_| StoreError::Closed)?;
        let (outbox, settings) = (Arc::new(watch::Sender::new(())), Arc::new(watch::Sender::new(())));
        Ok(Self { jobs, outbox, settings, topics: topics::channel() })
    }

    /// One transaction on the store's thread: committed when `work` succeeds, and only then acknowledged.
    pub(crate) async fn transact<R: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<R, StoreError> + Send + 'static,
    ) -> Result<R, StoreError> {
        let (reply, outcome) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            // Whoever asked may have gone; what was asked is done nevertheless.
            let _ = reply.send(in_transaction(connection, work));
        });
        self.jobs.send(job).map_err(|_| StoreError::Closed)?;
        outcome.await.map_err(|_| StoreError::Closed)?
    }
}

pub(crate) fn in_transaction<R>(
    connection: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> Result<R, StoreError>,
) -> Result<R, StoreError> {
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let result = work(&transaction)?;
    transaction.commit()?;
    Ok(result)
}

/// The database holds secrets: nobody but its owner reads it. SQLite gives its companion files the same rights.
fn private_file(path: &Path) -> Result<(), StoreError> {
    let opened = OpenOptions::new().create(true).append(true).mode(0o600).open(path);
    opened.map(drop).map_err(|source| StoreError::File { path: path.to_owned(), source })
}

pub(crate) fn check(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" {
        return Ok(());
    }
    Err(StoreError::Damaged { path: path.to_owned(), detail: verdict })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the connection that does all the work has it, not as it was asked for.
    async fn pragma<T: rusqlite::types::FromSql + Send + 'static>(store: &Store, name: &'static str) -> T {
        store.transact(move |tx| Ok(tx.pragma_query_value(None, name, |row| row.get(0))?)).await.unwrap()
    }

    #[tokio::test]
    async fn a_full_disk_is_told_apart_and_nothing_of_the_change_stays() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("tabellion.db")).unwrap();
        let full = store
            .transact(|tx| {
                let pages: i64 = tx.pragma_query_value(None, "page_count", |row| row.get(0))?;
                // As large as it is, and no larger.
                tx.pragma_update_and_check(None, "max_page_count", pages, |row| row.get::<_, i64>(0))?;
                Ok(tx.execute_batch("CREATE TABLE large AS SELECT zeroblob(1000000) AS content")?)
            })
            .await;
        let error = full.unwrap_err();
        assert!(error.is_full(), "{error}");
        assert!(store.audit_journal().await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_commit_is_on_the_disk_and_what_is_deleted_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("tabellion.db")).unwrap();
        assert_eq!(pragma::<String>(&store, "journal_mode").await, "wal");
        assert_eq!(pragma::<i64>(&store, "synchronous").await, 2, "FULL");
        assert_eq!(pragma::<i64>(&store, "foreign_keys").await, 1);
        assert_eq!(pragma::<i64>(&store, "secure_delete").await, 1);
    }
}
