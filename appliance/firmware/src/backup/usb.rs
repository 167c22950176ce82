//! A backup on its way to a USB stick (tabellion-backup-usb.service): root, to mount it, and without a network.

use super::{conclude, is_backup, old_ones};
use crate::{requests, run::run, stick};
use anyhow::{Context, Result, ensure};
use nix::libc::O_NOFOLLOW;
use serde::Deserialize;
use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

const REQUEST: &str = "/run/tabellion-requests/backup-usb.json";
const ANSWER: &str = "/run/tabellion-requests/backup-usb.answer";
/// Where control puts what it has made.
const OUTGOING: &str = "/var/lib/tabellion-outgoing";
const MOUNT: &str = "/run/tabellion-backup-usb/stick";

/// What is to be written.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct Request {
    /// The backup, in the folder of those on their way out: this unit may read more than control.
    name: String,
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
    ensure!(
        stick::is_there()?,
        "Aucune clé USB du nom de TABELLION n’est branchée. Branchez-la et laissez-la sur la boîte."
    );
    stick::mount("rw", MOUNT).context(
        "La clé USB TABELLION ne peut pas être lue. Formatez-la en exFAT ou FAT32, ou remplacez-la.",
    )?;
    let copied = copy(Path::new(OUTGOING), &request.name, Path::new(MOUNT), request.keep);
    // Written out by this, too.
    let unmounted = run("umount", &[MOUNT]);
    copied?;
    unmounted.map(drop).context("La clé USB n’a pas tout écrit. Remplacez-la.")
}

/// Under its own name once it is whole; the oldest beyond `keep` go then.
fn copy(outgoing: &Path, name: &str, folder: &Path, keep: usize) -> Result<()> {
    ensure!(is_backup(name) && !name.contains('/'), "“{name}” is no name of a backup");
    let making = folder.join("tabellion.part");
    let write = || -> io::Result<()> {
        // No link of control's leads elsewhere.
        let mut from = OpenOptions::new().read(true).custom_flags(O_NOFOLLOW).open(outgoing.join(name))?;
        if !from.metadata()?.is_file() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let mut to = File::create(&making)?;
        io::copy(&mut from, &mut to)?;
        to.sync_all()?;
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
            let name = format!("tabellion-2026-11-0{day}.tabellion");
            fs::write(box_.path().join(&name), format!("backup {day}")).unwrap();
            copy(box_.path(), &name, stick.path(), 2).unwrap();
        }
        let mut names: Vec<_> = fs::read_dir(stick.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(names, ["photo.jpg", "tabellion-2026-11-03.tabellion", "tabellion-2026-11-04.tabellion"]);
        let whole = fs::read_to_string(stick.path().join("tabellion-2026-11-04.tabellion")).unwrap();
        assert_eq!(whole, "backup 4");
        let refused = |name: &str| copy(box_.path(), name, stick.path(), 2).unwrap_err().to_string();
        assert!(refused("tabellion-x.tabellion").contains("n’a pas pu être écrite"));
        std::os::unix::fs::symlink("/etc/hostname", box_.path().join("tabellion-y.tabellion")).unwrap();
        assert!(refused("tabellion-y.tabellion").contains("n’a pas pu être écrite"), "a link is no backup");
        assert!(refused("/etc/shadow").contains("no name"));
        assert!(refused("tabellion-/../../etc/x.tabellion").contains("no name"));
        assert_eq!(fs::read_dir(stick.path()).unwrap().count(), 3);
    }
}
