//! Backups that control has made and encrypted, on their way out of the box.

mod sftp;
mod usb;

use crate::requests::make_anew;
use anyhow::{Context, Result};
use serde::Serialize;
pub(crate) use sftp::send_backup;
use std::{fs, io::Write, os::unix::fs::PermissionsExt, path::Path};
use tracing::warn;
pub(crate) use usb::write_backup;

/// What became of a request.
#[derive(Serialize, PartialEq, Eq, Debug)]
struct Answer {
    /// French, for the administrator. None: it is done.
    refused: Option<String>,
}

impl Answer {
    /// The first line is for the administrator; its causes are in the journal.
    fn of<T>(outcome: &Result<T>) -> Self {
        Self { refused: outcome.as_ref().err().map(ToString::to_string) }
    }
}

/// Whole or not at all, and readable by control.
fn answer(path: &Path, what: &impl Serialize) -> Result<()> {
    let making = path.with_extension("making");
    let text = serde_json::to_vec(what)?;
    let write = || {
        let mut file = make_anew(&making)?;
        file.write_all(&text)?;
        file.set_permissions(fs::Permissions::from_mode(0o644))?;
        fs::rename(&making, path)
    };
    write().with_context(|| format!("{} cannot be written", path.display()))
}

/// Answers, and ends well whatever the answer is: a stick that is away is told to the administrators, and is no fault of the
/// firmware, for which the health gate would take a unit that has failed.
fn conclude<T>(path: &Path, outcome: Result<T>) -> Result<()> {
    answer(path, &Answer::of(&outcome))?;
    if let Err(problem) = outcome {
        warn!("{problem:#}");
    }
    Ok(())
}

/// Whether a file is named like a backup.
fn is_backup(name: &str) -> bool {
    name.starts_with("tabellion-") && name.ends_with(".tabellion")
}

/// Of the files in a folder, the backups beyond the last `keep`: their names begin with their date.
fn old_ones(names: Vec<String>, keep: usize) -> Vec<String> {
    let mut backups: Vec<_> = names.into_iter().filter(|name| is_backup(name)).collect();
    backups.sort_unstable();
    backups.truncate(backups.len().saturating_sub(keep));
    backups
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::anyhow;

    #[test]
    fn what_is_refused_is_told_to_control_and_is_no_fault_of_the_unit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("backup-usb.answer");
        conclude::<()>(&path, Err(anyhow!("no such device").context("Aucune clé USB."))).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), r#"{"refused":"Aucune clé USB."}"#);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644, "control reads it");
        conclude(&path, Ok(())).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), r#"{"refused":null}"#);
    }
}
