use anyhow::{Context, Result};
use rusqlite::{Connection, OpenFlags, backup::Backup};
use std::{
    fs::{self, File},
    os::unix::fs::chown,
    path::{Path, PathBuf},
    time::Duration,
};
use tracing::warn;

/// Pages copied at once, and the pause between: whoever has the database open goes on writing meanwhile.
const PAGES: i32 = 512;
const PAUSE: Duration = Duration::from_millis(5);

/// A copy of the database as it was before a version on trial touched it, beside the updates' own state.
pub(crate) fn path(folder: &Path) -> PathBuf {
    folder.join("before-update.db")
}

/// Takes the copy; the schema that it has.
pub(crate) fn take(database: &Path, folder: &Path) -> Result<u32> {
    let from = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .with_context(|| format!("{} cannot be opened", database.display()))?;
    copy_to(&from, &path(folder)).context("the database cannot be copied")?;
    schema(&path(folder))
}

/// The schema of a database file.
pub(crate) fn schema(database: &Path) -> Result<u32> {
    let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .with_context(|| format!("{} cannot be opened", database.display()))?;
    Ok(connection.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

/// Puts the copy in the database's place, before control starts, and keeps what it replaces as `after-update.db` in
/// `folder`. A power cut leaves the one or the other, whole: it can be done again.
pub(crate) fn restore(database: &Path, folder: &Path) -> Result<()> {
    let put_back = put_into(database, folder).or_else(|problem| {
        // What cannot even be opened is replaced as a file.
        warn!("the database is replaced by its copy: {problem:#}");
        replace(database, folder)
    });
    put_back.context("the database's copy cannot be put back")
}

/// The copy is no longer needed.
pub(crate) fn forget(folder: &Path) -> Result<()> {
    remove(&path(folder))
}

/// Nor is what a restored copy has replaced: who was deleted since lives on in it.
pub(crate) fn forget_replaced(folder: &Path) -> Result<()> {
    let replaced = replaced(folder);
    ["", "-wal", "-shm"].iter().try_for_each(|suffix| remove(&with_suffix(&replaced, suffix)))
}

fn remove(path: &Path) -> Result<()> {
    if path.exists() {
        fs::remove_file(path).with_context(|| format!("{} cannot be removed", path.display()))?;
    }
    Ok(())
}

fn replaced(folder: &Path) -> PathBuf {
    folder.join("after-update.db")
}

/// In one transaction of SQLite's own: all of the copy, or what was there.
fn put_into(database: &Path, folder: &Path) -> Result<()> {
    let mut live = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let owner = fs::metadata(database)?;
    copy_to(&live, &replaced(folder))?;
    let copy = Connection::open_with_flags(path(folder), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    live.pragma_update(None, "synchronous", "FULL")?;
    Backup::new(&copy, &mut live)?.run_to_completion(i32::MAX, PAUSE, None)?;
    live.close().map_err(|(_, error)| error)?;
    own(database, &owner)
}

fn replace(database: &Path, folder: &Path) -> Result<()> {
    let home = database.parent().context("the database has a folder")?;
    let owner = fs::metadata(if database.exists() { database } else { home })?;
    let making = database.with_extension("restoring");
    fs::copy(path(folder), &making)?;
    File::open(&making)?.sync_all()?;
    // Before the file itself: a log of another database must never meet the copy.
    for suffix in ["-wal", "-shm"] {
        let log = with_suffix(database, suffix);
        if log.exists() {
            fs::rename(&log, with_suffix(&replaced(folder), suffix))?;
        }
    }
    if database.exists() {
        fs::copy(database, replaced(folder))?;
    }
    fs::rename(&making, database)?;
    own(database, &owner)?;
    Ok(File::open(home)?.sync_all()?)
}

fn own(database: &Path, owner: &fs::Metadata) -> Result<()> {
    use std::os::unix::fs::MetadataExt;
    chown(database, Some(owner.uid()), Some(owner.gid()))?;
    fs::set_permissions(database, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(())
}

/// Whole or not at all.
fn copy_to(from: &Connection, path: &Path) -> Result<()> {
    let making = path.with_extension("making");
    if making.exists() {
        fs::remove_file(&making)?;
    }
    let mut to = Connection::open(&making)?;
    Backup::new(from, &mut to)?.run_to_completion(PAGES, PAUSE, None)?;
    // One file: a log beside it would be left behind by whoever only reads it.
    to.pragma_update(None, "journal_mode", "DELETE")?;
    to.close().map_err(|(_, error)| error)?;
    File::open(&making)?.sync_all()?;
    fs::rename(&making, path)?;
    let folder = path.parent().context("a copy has a folder")?;
    Ok(File::open(folder)?.sync_all()?)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Office {
        home: tempfile::TempDir,
    }

    impl Office {
        /// A database with a row, of schema 4, and its copy.
        fn with_a_copy() -> Self {
            let office = Self { home: tempfile::tempdir().unwrap() };
            let live = office.open();
            live.execute_batch(
                "PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES ('kept'); PRAGMA user_version = 4",
            )
            .unwrap();
            let schema = take(&office.database(), office.home.path()).unwrap();
            assert_eq!(schema, 4, "also of what is in the write-ahead log");
            let logs = ["-wal", "-shm"].map(|suffix| with_suffix(&path(office.home.path()), suffix).exists());
            assert_eq!(logs, [false, false], "the copy is one file");
            live.execute_batch("ALTER TABLE t RENAME TO u; PRAGMA user_version = 5").unwrap();
            office
        }

        fn database(&self) -> PathBuf {
            self.home.path().join("tabellion.db")
        }

        fn open(&self) -> Connection {
            Connection::open(self.database()).unwrap()
        }

        fn is_as_before(&self) {
            assert_eq!(schema(&self.database()).unwrap(), 4);
            let kept: String = self.open().query_row("SELECT a FROM t", [], |row| row.get(0)).unwrap();
            assert_eq!(kept, "kept");
        }
    }

    #[test]
    fn what_was_there_before_the_update_is_there_again_and_the_rest_is_kept_aside() {
        let office = Office::with_a_copy();
        restore(&office.database(), office.home.path()).unwrap();
        office.is_as_before();
        assert_eq!(schema(&office.home.path().join("after-update.db")).unwrap(), 5);
        // As after a power cut between the data and the note that they are back.
        restore(&office.database(), office.home.path()).unwrap();
        office.is_as_before();
    }

    #[test]
    fn a_database_that_is_destroyed_or_gone_comes_back_too() {
        let office = Office::with_a_copy();
        fs::write(office.database(), "no database at all, and long enough to be read as a header").unwrap();
        fs::write(with_suffix(&office.database(), "-wal"), "nor is this its log").unwrap();
        restore(&office.database(), office.home.path()).unwrap();
        office.is_as_before();
        fs::remove_file(office.database()).unwrap();
        restore(&office.database(), office.home.path()).unwrap();
        office.is_as_before();
    }

    #[test]
    fn a_copy_that_was_torn_is_never_taken_for_one() {
        let office = Office::with_a_copy();
        fs::write(office.home.path().join("before-update.making"), "torn").unwrap();
        restore(&office.database(), office.home.path()).unwrap();
        office.is_as_before();
        assert!(replaced(office.home.path()).exists());
        forget_replaced(office.home.path()).unwrap();
        assert!(!replaced(office.home.path()).exists());
        forget(office.home.path()).unwrap();
        assert!(!path(office.home.path()).exists());
        forget(office.home.path()).unwrap();
    }
}
