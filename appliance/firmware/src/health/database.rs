use super::Finding;
use anyhow::{Context, Result, ensure};
use rusqlite::{Connection, OpenFlags};
use std::path::Path;

/// The database opens and is whole, as far as SQLite's quick check goes.
pub(super) fn opens(path: &Path) -> Result<Finding> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .with_context(|| format!("{} cannot be opened", path.display()))?;
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    ensure!(found == "ok", "it is damaged: {found}");
    let schema: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    ensure!(schema > 0, "it is empty");
    Ok(Finding::Passed(format!("whole, schema {schema}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_one_opens_and_a_missing_empty_or_damaged_one_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tabellion.db");
        assert!(opens(&path).unwrap_err().to_string().contains("cannot be opened"));
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch("CREATE TABLE t (a TEXT); CREATE INDEX i ON t (a);").unwrap();
        assert!(opens(&path).unwrap_err().to_string().contains("empty"));
        connection.execute_batch("PRAGMA user_version = 3").unwrap();
        for n in 0..2000 {
            connection.execute("INSERT INTO t VALUES (?1)", [format!("a row, {n}")]).unwrap();
        }
        drop(connection);
        assert_eq!(opens(&path).unwrap(), Finding::Passed("whole, schema 3".to_owned()));
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle..middle + 8192].fill(0x5a);
        std::fs::write(&path, bytes).unwrap();
        assert!(opens(&path).is_err());
    }
}
