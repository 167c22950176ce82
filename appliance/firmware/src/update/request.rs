//! What control asks of the updater, and what it hears of it: files in /run. So control needs no right over units, disks or
//! the boot loader, and the updater listens to no port.

use super::{DOWNLOADS, download::have_downloaded, install::install};
use crate::run::run;
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// Control's folder: one request at a time.
const REQUEST: &str = "/run/tabellion-requests/update.json";
/// What became of it.
const PROGRESS: &str = "/run/tabellion-updates/progress.json";

/// What is to be installed.
#[derive(Deserialize, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
struct Request {
    source: Source,
    /// Also a version that was taken back before.
    #[serde(default)]
    again: bool,
    /// Restarts the box into it at once. Without, its trial begins with the next start.
    #[serde(default)]
    restart: bool,
}

/// Where it comes from.
#[derive(Deserialize, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
enum Source {
    /// `https://host/folder/`.
    Url(String),
    /// A folder of this box, with the update's files and their signed list.
    Folder(PathBuf),
}

/// How far it has come.
#[derive(Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
enum Progress<'a> {
    Downloading,
    Installing,
    Installed,
    /// French, for the administrator.
    Failed {
        reason: &'a str,
    },
}

/// Does what control has asked for (tabellion-updater.service).
///
/// # Errors
/// What [`have_downloaded`] and [`install`] refuse: it is published, too.
pub(crate) fn update() -> Result<()> {
    let progress = Path::new(PROGRESS);
    let outcome = take(Path::new(REQUEST)).and_then(|request| {
        perform(&request, progress)?;
        Ok(request)
    });
    match outcome {
        Ok(request) => {
            publish(&Progress::Installed, progress)?;
            if request.restart {
                run("systemctl", &["reboot"])?;
            }
            Ok(())
        }
        Err(problem) => {
            // The first line is for the administrator, its causes are in the journal.
            publish(&Progress::Failed { reason: &problem.to_string() }, progress)?;
            Err(problem)
        }
    }
}

/// Takes the request away: whatever becomes of it, it is not started again by itself.
fn take(path: &Path) -> Result<Request> {
    let text = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    fs::remove_file(path).with_context(|| format!("{} cannot be taken", path.display()))?;
    serde_json::from_slice(&text)
        .context("La demande de mise à jour ne peut pas être lue. Prévenez le support.")
}

fn perform(request: &Request, progress: &Path) -> Result<()> {
    let folder = match &request.source {
        Source::Url(url) => {
            publish(&Progress::Downloading, progress)?;
            have_downloaded(url, request.again)?;
            PathBuf::from(DOWNLOADS)
        }
        Source::Folder(folder) => folder.clone(),
    };
    publish(&Progress::Installing, progress)?;
    install(&folder, request.again)
}

/// Whole or not at all: it is read at any moment.
pub(super) fn publish(what: &impl Serialize, path: &Path) -> Result<()> {
    let making = path.with_extension("making");
    fs::write(&making, serde_json::to_vec_pretty(what)?)
        // For control, whatever the mask of the unit that publishes.
        .and_then(|()| fs::set_permissions(&making, fs::Permissions::from_mode(0o644)))
        .and_then(|()| fs::rename(&making, path))
        .with_context(|| format!("{} cannot be written", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_taken_once_whatever_it_says() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("update.json");
        fs::write(&path, r#"{"source": {"url": "https://fleet.test/0.2.0/"}, "restart": true}"#).unwrap();
        let url = Source::Url("https://fleet.test/0.2.0/".to_owned());
        assert_eq!(take(&path).unwrap(), Request { source: url, again: false, restart: true });
        assert!(!path.exists());
        fs::write(&path, r#"{"source": {"command": "rm"}}"#).unwrap();
        assert!(take(&path).is_err());
        assert!(!path.exists(), "nor is one that makes no sense tried again and again");
    }

    #[test]
    fn what_is_refused_is_published_for_the_administrator() {
        let folder = tempfile::tempdir().unwrap();
        let progress = folder.path().join("progress.json");
        publish(&Progress::Failed { reason: "La signature manque." }, &progress).unwrap();
        let text = fs::read_to_string(&progress).unwrap();
        assert_eq!(fs::metadata(&progress).unwrap().permissions().mode() & 0o777, 0o644, "control reads it");
        assert!(text.contains("\"failed\"") && text.contains("La signature manque."), "{text}");
    }
}
