//! Backups that control has made and encrypted, on their way out of the box.

mod sftp;
mod usb;

use anyhow::{Context, Result};
use serde::Serialize;
pub(crate) use sftp::send_backup;
use std::{fs, os::unix::fs::PermissionsExt, path::Path};
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
    fs::write(&making, serde_json::to_vec(what)?)
        .and_then(|()| fs::set_permissions(&making, fs::Permissions::from_mode(0o644)))
        .and_then(|()| fs::rename(&making, path))
        .with_context(|| format!("{} cannot be written", path.display()))
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

/// Of the files in a folder, the backups beyond the last `keep`: their names begin with their date.
fn old_ones(names: Vec<String>, keep: usize) -> Vec<String> {
    let is_backup = |name: &String| name.starts_with("tabellion-") && name.ends_with(".tabellion");
    let mut backups: Vec<_> = names.into_iter().filter(is_backup).collect();
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
