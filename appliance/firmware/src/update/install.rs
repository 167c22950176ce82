use super::{
    DATABASE, FOLDER,
    incoming::Incoming,
    running_version, snapshot,
    state::{State, Trial},
};
use crate::run::run;
use anyhow::{Context, Result, ensure};
use std::{
    fs,
    path::{Path, PathBuf},
};
use tracing::info;

/// Where systemd-sysupdate looks for an update (`Path=` of the transfer files).
const SOURCE: &str = "/run/tabellion-firmware/incoming";

/// What an installation is told.
#[derive(clap::Args)]
pub(crate) struct InstallArguments {
    /// Folder with the update's files and their signed list.
    pub(super) folder: PathBuf,
    /// Also a version that was taken back before.
    #[arg(long)]
    pub(super) again: bool,
    /// Restarts the box into it.
    #[arg(long)]
    pub(super) restart: bool,
}

/// Installs an update beside the version that runs. It is on trial from its first start on.
///
/// # Errors
/// The update is not ours, damaged, for another machine, or not newer; or it cannot be written. Nothing has changed
/// then.
pub(crate) fn install(arguments: &InstallArguments) -> Result<()> {
    let folder = Path::new(FOLDER);
    let running = running_version()?;
    let mut state = State::load(folder)?;
    ensure!(
        state.trial.is_none(),
        "Une mise à jour attend déjà son redémarrage ou sa vérification : laissez-la se terminer."
    );
    let update = Incoming::inspect(&arguments.folder, &running, &state, arguments.again)?;
    info!(version = update.version, "the update is ours, whole and newer");

    fs::create_dir_all(folder)?;
    let schema = snapshot::take(Path::new(DATABASE), folder)?;
    // Before it can be started: a start that nobody expected could not be taken back with its data.
    state.rejected.remove(&update.version);
    state.trial = Some(Trial { from: running, to: update.version.clone(), schema, starts: 0, failure: None });
    state.save(folder)?;
    if let Err(error) = write(&arguments.folder, &update.version) {
        state.trial = None;
        state.save(folder)?;
        return Err(error);
    }
    info!(version = update.version, "installed; it is on trial from the next start on");
    if arguments.restart {
        run("systemctl", &["reboot"])?;
    }
    Ok(())
}

fn write(folder: &Path, version: &str) -> Result<()> {
    let source = Path::new(SOURCE);
    if let Some(parent) = source.parent() {
        fs::create_dir_all(parent)?;
    }
    if source.is_symlink() {
        fs::remove_file(source)?;
    }
    std::os::unix::fs::symlink(fs::canonicalize(folder)?, source)?;
    let written = run("/usr/lib/systemd/systemd-sysupdate", &["--no-pager", "update", version]);
    written.map(drop).with_context(|| format!("La version {version} n’a pas pu être écrite sur le disque."))
}
