//! Updates: what arrives is checked before anything is written, what is installed is on trial until the health gate has
//! let it pass, and what did not pass is taken back and said.

mod download;
mod failure;
mod helper;
mod incoming;
mod install;
mod kernel;
mod look;
mod request;
mod restart;
mod room;
mod snapshot;
mod state;
mod stick;
mod trial;

use crate::run::run;
use anyhow::{Context, Result};
pub(crate) use download::download;
use nix::sys::statvfs::statvfs;
pub(crate) use request::update;
pub(crate) use restart::restart;
pub(crate) use room::make_room;
use state::State;
use std::{fs, io::ErrorKind, path::Path};
pub(crate) use stick::bring_from_stick;
pub(crate) use trial::{bless, record_boot, reject};

/// Everything about updates that is kept.
const FOLDER: &str = "/var/lib/tabellion-firmware";
/// What was downloaded: of a user who talks with servers, and has nothing else (tabellion-download.service).
const DOWNLOADS: &str = "/var/lib/tabellion-update/incoming";
/// What was uploaded: control's.
const UPLOADS: &str = "/var/lib/tabellion-upload/incoming";
/// What was on a USB stick (tabellion-stick.service).
const FROM_STICK: &str = "/var/lib/tabellion-stick/incoming";
/// The same for whoever shows it: it is not for control to change.
const PUBLISHED: &str = "/run/tabellion-updates/state.json";
/// What control keeps.
const DATABASE: &str = "/var/lib/tabellion/tabellion.db";

/// Keeps the state, and publishes it.
fn keep(state: &State) -> Result<()> {
    state.save(Path::new(FOLDER))?;
    request::publish(state, Path::new(PUBLISHED))
}

/// What was brought has been installed, or is worth nothing: it would take the room of the data.
fn forget_brought() -> Result<()> {
    [DOWNLOADS, UPLOADS, FROM_STICK].into_iter().try_for_each(|folder| forget(Path::new(folder)))
}

fn forget(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{} cannot be removed", folder.display()))
        }
        _ => Ok(()),
    }
}

/// The version that runs (`IMAGE_VERSION=` of os-release(5)).
pub(crate) fn running_version() -> Result<String> {
    let text = fs::read_to_string("/usr/lib/os-release").context("/usr/lib/os-release cannot be read")?;
    image_version(&text).context("/usr/lib/os-release names no image version: this is no firmware of ours")
}

fn image_version(os_release: &str) -> Option<String> {
    let value = os_release.lines().find_map(|line| line.strip_prefix("IMAGE_VERSION="))?;
    Some(value.trim_matches('"').to_owned())
}

/// Whether `a` is a later version than `b`, as systemd-sysupdate and the boot loader see it (UAPI.10).
fn is_newer(a: &str, b: &str) -> Result<bool> {
    match run("systemd-analyze", &["compare-versions", a, "gt", b]) {
        Ok(_) => Ok(true),
        Err(error) if error.to_string().contains("exit status: 1") => Ok(false),
        Err(error) => Err(error),
    }
}

/// What is free for files in a folder, in MiB.
fn free_mib(folder: &Path) -> Result<u64> {
    let space = statvfs(folder).with_context(|| format!("{} cannot be looked at", folder.display()))?;
    Ok((space.blocks_available() * space.fragment_size()) >> 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_running_version_is_the_images() {
        let text = "ID=debian\nVERSION_ID=\"13\"\nIMAGE_ID=tabellion\nIMAGE_VERSION=\"0.2.0~rc1\"\n";
        assert_eq!(image_version(text).unwrap(), "0.2.0~rc1");
        assert_eq!(image_version("ID=debian\n"), None);
    }

    #[test]
    fn versions_are_compared_as_the_boot_loader_does() {
        for (a, b) in [("0.2.0", "0.1.9"), ("0.2.0", "0.2.0~rc1"), ("0.10.0", "0.9.0"), ("1", "0.99.9")] {
            assert!(is_newer(a, b).unwrap() && !is_newer(b, a).unwrap(), "{a} {b}");
        }
        assert!(!is_newer("1.0", "1.0").unwrap());
    }
}
