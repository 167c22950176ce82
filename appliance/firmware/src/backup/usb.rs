//! A backup on its way to a USB stick (tabellion-backup-usb.service): root, to mount it, and without a network.

use super::{conclude, old_ones};
use crate::{requests, run::run};
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

const REQUEST: &str = "/run/tabellion-requests/backup-usb.json";
const ANSWER: &str = "/run/tabellion-requests/backup-usb.answer";
/// A stick that is meant: its file system has this label.
const STICK: &str = "/dev/disk/by-label/TABELLION";
const MOUNT: &str = "/run/tabellion-backup-usb/stick";

/// What is to be written.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct Request {
    /// The backup, on this box.
    file: PathBuf,
    /// How many are kept on the stick.
    keep: usize,
}

/// Writes a backup that control has made, and tells control what became of it.
///
/// # Errors
/// Control cannot be told.
pub(crate) fn write_backup() -> Result<()> {
    let written = requests::take::<Request>(Path::new(REQUEST)).and_then(|request| to_stick(&request));
    conclude(Path::new(ANSWER), written)
}

fn to_stick(request: &Request) -> Result<()> {
    run("udevadm", &["settle"])?;
    ensure!(
        Path::new(STICK).exists(),
        "Aucune clé USB du nom de TABELLION n’est branchée. Branchez-la et laissez-la sur la boîte."
    );
    fs::create_dir_all(MOUNT).with_context(|| format!("{MOUNT} cannot be made"))?;
    run("mount", &["-o", "rw,nosuid,nodev,noexec", STICK, MOUNT]).context(
        "La clé USB TABELLION ne peut pas être lue. Formatez-la en exFAT ou FAT32, ou remplacez-la.",
    )?;
    let copied = copy(&request.file, Path::new(MOUNT), request.keep);
    // Written out by this, too.
    let unmounted = run("umount", &[MOUNT]);
    copied?;
    unmounted.map(drop).context("La clé USB n’a pas tout écrit. Remplacez-la.")
}

/// Under its own name once it is whole; the oldest beyond `keep` go then.
fn copy(file: &Path, folder: &Path, keep: usize) -> Result<()> {
    let name = file.file_name().context("a backup has a name")?;
    let making = folder.join("tabellion.part");
    let write = || -> io::Result<()> {
        fs::copy(file, &making)?;
        File::open(&making)?.sync_all()?;
        fs::rename(&making, folder.join(name))
    };
    write().or_else(|error| {
        let _ = fs::remove_file(&making);
        Err(error).context(
            "La sauvegarde n’a pas pu être écrite sur la clé USB. Faites-y de la place ou remplacez-la.",
        )
    })?;
    let listed = fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    for old in old_ones(listed.collect::<io::Result<_>>()?, keep) {
        fs::remove_file(folder.join(old))
            .context("Une ancienne sauvegarde ne peut pas être retirée de la clé USB.")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stick_keeps_the_last_ones_and_whatever_else_is_on_it() {
        let (box_, stick) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(stick.path().join("photo.jpg"), "x").unwrap();
        for day in 1..=4 {
            let file = box_.path().join(format!("tabellion-2026-11-0{day}.tabellion"));
            fs::write(&file, format!("backup {day}")).unwrap();
            copy(&file, stick.path(), 2).unwrap();
        }
        let mut names: Vec<_> = fs::read_dir(stick.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, ["photo.jpg", "tabellion-2026-11-03.tabellion", "tabellion-2026-11-04.tabellion"]);
        let whole = fs::read_to_string(stick.path().join("tabellion-2026-11-04.tabellion")).unwrap();
        assert_eq!(whole, "backup 4");
        let error = copy(Path::new("/nowhere/tabellion-x.tabellion"), stick.path(), 2).unwrap_err();
        assert!(error.to_string().contains("n’a pas pu être écrite"), "{error}");
    }
}
