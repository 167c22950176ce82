//! The set-up file of a USB stick, for a box that has no settings yet.

use crate::{run::run, stick};
use anyhow::{Context, Result, ensure};
use std::{
    fs::{self, File},
    io::{ErrorKind, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, chown},
    path::Path,
};
use tracing::info;

/// Where its set-up file is copied to: control's own folder, so that it can take the file away once it has used it.
const GIVEN: &str = "/run/tabellion-usb/given";
/// Where it is mounted meanwhile.
const MOUNT: &str = "/run/tabellion-usb/stick";
/// Why a stick's set-up file could not be read, in French: for the attached screen.
pub(crate) const FAULT: &str = "/run/tabellion-usb/fault";
/// The largest file that is taken: a set-up file with a certificate has some kB.
const LARGEST: u64 = 256 * 1024;

/// Copies the set-up file of a stick, where one is plugged in; the stick is only read, and free to be pulled out after.
///
/// # Errors
/// The stick cannot be read, or holds no set-up file: what to do is said.
pub(crate) fn read_usb() -> Result<()> {
    let read = read_stick();
    if let Err(problem) = &read {
        // Its own words; what the operating system said is in the journal.
        fs::write(FAULT, format!("{problem}\n")).with_context(|| format!("{FAULT} cannot be written"))?;
    }
    read
}

fn read_stick() -> Result<()> {
    if !stick::is_there()? {
        info!("no stick is plugged in");
        return Ok(());
    }
    stick::mount("ro", MOUNT).context(
        "La clé USB TABELLION ne peut pas être lue. Formatez-la en FAT32 ou remplacez-la, puis redémarrez la boîte",
    )?;
    let copied = give(&Path::new(MOUNT).join("setup.toml"), Path::new(GIVEN));
    run("umount", &[MOUNT])?;
    copied?;
    info!("the set-up file of the stick was read; the stick can be pulled out");
    Ok(())
}

fn give(from: &Path, folder: &Path) -> Result<()> {
    let mut text = Vec::new();
    File::open(from)
        .and_then(|file| file.take(LARGEST + 1).read_to_end(&mut text))
        .context("La clé USB TABELLION ne contient pas de fichier setup.toml lisible à sa racine. Copiez-l’y, puis redémarrez la boîte")?;
    ensure!(
        text.len() as u64 <= LARGEST,
        "Le fichier setup.toml de la clé USB est trop grand (256 Kio au plus)."
    );
    let control = nix::unistd::User::from_name("tabellion")?.context("there is no user “tabellion”")?;
    // It holds the first password: for control alone, also while it is written.
    let written = || {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let to = folder.join("setup.toml");
        // Of a run before. What is written is made anew, so that no link leads it elsewhere.
        fs::remove_file(&to).or_else(|error| match error.kind() {
            ErrorKind::NotFound => Ok(()),
            _ => Err(error),
        })?;
        fs::OpenOptions::new().write(true).create_new(true).mode(0o400).open(&to)?.write_all(&text)?;
        chown(&to, Some(control.uid.as_raw()), Some(control.gid.as_raw()))?;
        // Last: from here on the folder is not ours.
        chown(folder, Some(control.uid.as_raw()), Some(control.gid.as_raw()))
    };
    written().with_context(|| format!("the set-up file cannot be written to {}", folder.display()))
}
