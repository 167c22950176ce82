use anyhow::{Context, Result};
use rusqlite::{Connection, OpenFlags, backup::Backup};
use std::{
    fs::{self, File},
    os::unix::fs::{MetadataExt, chown},
    path::{Path, PathBuf},
    time::Duration,
};

/// Pages copied at once, and the pause between: control goes on writing meanwhile.
const PAGES: i32 = 512;
const PAUSE: Duration = Duration::from_millis(5);

/// A copy of the database as it was before an update, beside the updates' own state.
pub(crate) fn path(folder: &Path) -> PathBuf {
    folder.join("before-update.db")
}

/// Takes the copy; the schema that it has.
pub(crate) fn take(database: &Path, folder: &Path) -> Result<u32> {
    let copy = || -> Result<u32> {
        let making = path(folder).with_extension("making");
        if making.exists() {
            fs::remove_file(&making)?;
        }
        let from = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let mut to = Connection::open(&making)?;
        Backup::new(&from, &mut to)?.run_to_completion(PAGES, PAUSE, None)?;
        to.close().map_err(|(_, error)| error)?;
        File::open(&making)?.sync_all()?;
        fs::rename(&making, path(folder))?;
        File::open(folder)?.sync_all()?;
        schema(&path(folder))
    };
    copy().context("the database cannot be copied")
}

/// The schema of a database file.
pub(crate) fn schema(database: &Path) -> Result<u32> {
    let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .with_context(|| format!("{} cannot be opened", database.display()))?;
    Ok(connection.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

/// Puts the copy in the database's place, before control starts. What it replaces is kept beside it, under `aside`.
pub(crate) fn restore(database: &Path, folder: &Path, aside: &str) -> Result<()> {
    let put = || -> Result<()> {
        let owner = fs::metadata(database)?;
        let making = database.with_extension("restoring");
        fs::copy(path(folder), &making)?;
        chown(&making, Some(owner.uid()), Some(owner.gid()))?;
        fs::set_permissions(&making, owner.permissions())?;
        File::open(&making)?.sync_all()?;
        for suffix in ["-wal", "-shm", ""] {
            let (from, to) =
                (with_suffix(database, suffix), with_suffix(database, &format!(".{aside}{suffix}")));
            if from.exists() {
                fs::rename(from, to)?;
            }
        }
        fs::rename(&making, database)?;
        let home = database.parent().context("the database has a folder")?;
        Ok(File::open(home)?.sync_all()?)
    };
    put().context("the database's copy cannot be put back")
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_before_the_update_is_there_again_and_the_rest_is_kept_aside() {
        let home = tempfile::tempdir().unwrap();
        let database = home.path().join("tabellion.db");
        let live = Connection::open(&database).unwrap();
        live.execute_batch(
            "PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES ('kept'); PRAGMA user_version = 4",
        )
        .unwrap();
        assert_eq!(take(&database, home.path()).unwrap(), 4, "also of what is in the write-ahead log");
        live.execute_batch("ALTER TABLE t RENAME TO u; PRAGMA user_version = 5").unwrap();
        drop(live);
        restore(&database, home.path(), "0.2.0").unwrap();
        assert_eq!(schema(&database).unwrap(), 4);
        let again = Connection::open(&database).unwrap();
        assert_eq!(again.query_row("SELECT a FROM t", [], |row| row.get::<_, String>(0)).unwrap(), "kept");
        assert_eq!(schema(&home.path().join("tabellion.db.0.2.0")).unwrap(), 5);
    }
}
