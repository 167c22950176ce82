//! What control asks for, and what it hears of it (`tabellion_system::updater`).

use super::{
    DOWNLOADS, FROM_STICK, UPLOADS,
    download::have_downloaded,
    forget,
    helper::{Interrupted, STICK},
    install::install,
    look::look,
};
use crate::run::run;
use anyhow::{Context, Result, bail};
use serde::Serialize;
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};
use tabellion_system::updater::{Goal, Progress, Request, Source};
use tracing::warn;

/// Control's folder: one request at a time.
const REQUEST: &str = "/run/tabellion-requests/update.json";
/// What became of it.
const PROGRESS: &str = "/run/tabellion-updates/progress.json";
/// What is worked at, as long as this unit runs.
const GOAL: &str = "/run/tabellion-updating/goal";

/// Does what control has asked for (tabellion-updater.service).
///
/// # Errors
/// What [`look`], [`have_downloaded`] and [`install`] refuse: it is published, too.
pub(crate) fn update() -> Result<()> {
    let progress = Path::new(PROGRESS);
    let outcome = take(Path::new(REQUEST)).and_then(|request| {
        publish(&request.goal, Path::new(GOAL))?;
        match (request.goal, &request.source) {
            // It has a report of its own: what became of the last installation stays.
            (Goal::Look, Source::Url(url)) => return Ok(look(url)),
            (Goal::Look, _) => bail!("La demande de mise à jour ne peut pas être lue. Prévenez le support."),
            (Goal::Install, _) => perform(&request, progress)?,
        }
        publish(&Progress::Installed, progress)?;
        if request.restart {
            run("systemctl", &["reboot"])?;
        }
        Ok(Ok(()))
    });
    outcome.unwrap_or_else(|problem| {
        // The first line is for the administrator, its causes are in the journal.
        let interrupted = problem.is::<Interrupted>();
        publish(&Progress::Failed { reason: problem.to_string(), interrupted }, progress)?;
        Err(problem)
    })
}

/// Takes the request away: whatever becomes of it, it is not started again by itself.
fn take(path: &Path) -> Result<Request> {
    let text = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    fs::remove_file(path).with_context(|| format!("{} cannot be taken", path.display()))?;
    serde_json::from_slice(&text)
        .context("La demande de mise à jour ne peut pas être lue. Prévenez le support.")
}

fn perform(request: &Request, progress: &Path) -> Result<()> {
    let folder = bring(request, progress)?;
    publish(&Progress::Installing, progress)?;
    let installed = install(&folder, request.again);
    // Whoever brought it has it still; a download is gone on with.
    if installed.is_err()
        && matches!(request.source, Source::Upload | Source::Stick)
        && let Err(problem) = forget(&folder)
    {
        warn!("{problem:#}");
    }
    installed
}

/// The folder in which the update lies then.
fn bring(request: &Request, progress: &Path) -> Result<PathBuf> {
    match &request.source {
        Source::Url(url) => {
            let tell = |done, total| publish(&Progress::Downloading { done, total }, progress);
            have_downloaded(url, Goal::Install, request.again, &tell)?;
            Ok(DOWNLOADS.into())
        }
        Source::Stick => {
            STICK.run(&|done, total| publish(&Progress::Copying { done, total }, progress))?;
            Ok(FROM_STICK.into())
        }
        Source::Upload => Ok(UPLOADS.into()),
        Source::Folder(folder) => Ok(folder.clone()),
    }
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
        assert_eq!(
            take(&path).unwrap(),
            Request { source: url, goal: Goal::Install, again: false, restart: true }
        );
        assert!(!path.exists());
        fs::write(&path, r#"{"source": {"command": "rm"}}"#).unwrap();
        assert!(take(&path).is_err());
        assert!(!path.exists(), "nor is one that makes no sense tried again and again");
    }

    #[test]
    fn what_is_refused_is_published_for_the_administrator() {
        let folder = tempfile::tempdir().unwrap();
        let progress = folder.path().join("progress.json");
        let reason = "La signature manque.".to_owned();
        publish(&Progress::Failed { reason, interrupted: false }, &progress).unwrap();
        let text = fs::read_to_string(&progress).unwrap();
        assert_eq!(fs::metadata(&progress).unwrap().permissions().mode() & 0o777, 0o644, "control reads it");
        assert!(text.contains("\"failed\"") && text.contains("La signature manque."), "{text}");
    }
}
