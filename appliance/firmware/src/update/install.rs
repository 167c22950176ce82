use super::{
    DATABASE, DOWNLOADS, FOLDER, FROM_STICK, forget, free_mib,
    incoming::Incoming,
    keep,
    kernel::{self, Kernel},
    running_version,
    state::{State, Trial},
};
use crate::run::run;
use anyhow::{Context, Result, ensure};
use std::{fs, path::Path};
use tracing::{info, warn};

/// Where systemd-sysupdate looks for an update (`Path=` of the transfer files).
const SOURCE: &str = "/run/tabellion-firmware/incoming";

/// What stays free beside the database's copies, in MiB.
const MARGIN_MIB: u64 = 64;

/// Installs the update that lies in `from` beside the version that runs. It is on trial from its first start on.
/// `again`: also a version that was taken back before.
///
/// # Errors
/// The update is not ours, damaged, for another machine, or not newer; or it cannot be written. The version that runs
/// stays the one that is started then.
pub(super) fn install(from: &Path, again: bool) -> Result<()> {
    let folder = Path::new(FOLDER);
    let running = running_version()?;
    let mut state = State::load_or_begin_anew(folder)?;
    ensure!(
        state.trial.as_ref().is_none_or(|trial| !trial.written),
        "Une mise à jour attend déjà son redémarrage ou sa vérification\u{a0}: laissez-la se terminer."
    );
    let update = Incoming::inspect(from, &running, &state, again)?;
    info!(version = update.version, "the update is ours, whole and newer");
    room_for_a_copy(Path::new(DATABASE), folder)?;

    // One that was given up: for systemd-sysupdate its version would be there already.
    remove_kernel(&update.version)?;
    // Before anything is written: a start that nobody expected could not be taken back with its data.
    state.trial = Some(Trial {
        from: running,
        to: update.version.clone(),
        written: false,
        starts: 0,
        schema: None,
        failure: None,
    });
    keep(&state)?;
    let written = write(from, &update.version);
    match (&written, &mut state.trial) {
        (Ok(()), Some(trial)) => trial.written = true,
        _ => {
            // Where its kernel was written before something failed: nobody is to start it without a trial.
            remove_kernel(&update.version)?;
            state.trial = None;
        }
    }
    keep(&state)?;
    written?;
    // It is on the disk now, and the copy of the data will need its room.
    // What is being uploaded meanwhile is somebody else's.
    for folder in [from, Path::new(DOWNLOADS), Path::new(FROM_STICK)] {
        if let Err(problem) = forget(folder) {
            warn!("{problem:#}");
        }
    }
    info!(version = update.version, "installed; it is on trial from the next start on");
    Ok(())
}

fn remove_kernel(version: &str) -> Result<()> {
    Kernel::find(Path::new(kernel::FOLDER), version)?.map_or(Ok(()), |kernel| kernel.remove())
}

/// The first start of a version on trial copies the database: better no update than one that cannot be taken back.
fn room_for_a_copy(database: &Path, folder: &Path) -> Result<()> {
    let needed = fs::metadata(database).map_or(0, |file| file.len() >> 20) * 2 + MARGIN_MIB;
    let free = free_mib(folder)?;
    ensure!(
        free >= needed,
        "Il ne reste pas assez de place pour sauvegarder les données avant la mise à jour : \
         il faut {needed}\u{a0}Mio, il en reste {free}."
    );
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
