//! The USB stick that is meant for the box: its file system is labelled TABELLION.

use crate::run::run;
use anyhow::{Context, Result};
use std::{fs, path::Path};

const STICK: &str = "/dev/disk/by-label/TABELLION";
/// The only file systems that a stick is formatted with; others' drivers were not written for hostile disks.
const FILE_SYSTEMS: &str = "vfat,exfat";

/// Whether one is plugged in, once udev has looked at everything that is.
///
/// # Errors
/// udev does not answer.
pub(crate) fn is_there() -> Result<bool> {
    run("udevadm", &["settle"])?;
    Ok(Path::new(STICK).exists())
}

/// Mounts it, with `ro` or `rw`.
///
/// # Errors
/// It cannot be read, or has another file system.
pub(crate) fn mount(access: &str, at: &str) -> Result<()> {
    fs::create_dir_all(at).with_context(|| format!("{at} cannot be made"))?;
    let options = format!("{access},nosuid,nodev,noexec");
    run("mount", &["-t", FILE_SYSTEMS, "-o", &options, STICK, at]).map(drop)
}
