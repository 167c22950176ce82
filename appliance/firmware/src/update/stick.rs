//! An update on a USB stick, brought into the box when an administrator asks for it: a stick that somebody plugs in starts
//! nothing.

use super::{free_mib, helper::STICK as HELPER};
use crate::{run::run, stick};
use anyhow::{Context, Result, bail, ensure};
use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};
use tabellion_domain::updates::{LIST, is_update_file, may_upload};
use tabellion_system::updater::{UnpackError, Unpacking};
use tracing::{info, warn};

/// Where it is mounted meanwhile: in this unit's own mounts, which go with it.
const MOUNT: &str = "/run/tabellion-stick/stick";
/// Of a file, read at once.
const CHUNK: usize = 1 << 20;

/// Copies the update of the stick (tabellion-stick.service).
///
/// # Errors
/// French: no stick, none that can be read to its end, no update on it, or no room. What was copied is gone.
pub(crate) fn bring_from_stick() -> Result<()> {
    HELPER.leave_word(|| {
        ensure!(
            stick::is_there()?,
            "Aucune clé USB nommée TABELLION n’est branchée sur la boîte. Nommez la clé TABELLION, copiez-y le fichier \
             tabellion_VERSION.update, branchez-la, puis réessayez."
        );
        stick::mount("ro", MOUNT)
            .context("La clé USB TABELLION ne peut pas être lue. Formatez-la en FAT32 ou exFAT, ou remplacez-la.")?;
        let copied = copy(Path::new(MOUNT), &HELPER.incoming());
        // Of a stick that was pulled out, too; the mount ends with this unit in any case.
        if let Err(problem) = run("umount", &[MOUNT]) {
            warn!("{problem:#}");
        }
        copied
    })
}

/// What a stick holds.
#[derive(PartialEq, Eq, Debug)]
enum Found {
    /// One file.
    Container(PathBuf),
    /// A release's folder.
    Folder(PathBuf),
}

fn copy(stick: &Path, incoming: &Path) -> Result<()> {
    match find(stick)? {
        Found::Container(file) => unpack(&file, incoming),
        Found::Folder(folder) => copy_folder(&folder, incoming),
    }
}

/// The one update on the stick, at its root or one folder deep.
fn find(stick: &Path) -> Result<Found> {
    let (mut containers, mut folders) = (Vec::new(), Vec::new());
    if stick.join(LIST[0]).is_file() {
        folders.push(stick.to_owned());
    }
    for entry in fs::read_dir(stick).context(UNREADABLE)? {
        let path = entry.context(UNREADABLE)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // What systems of other makers leave beside each file.
        if name.starts_with('.') {
            continue;
        }
        if name.ends_with(".update") && path.is_file() {
            containers.push(path);
        } else if path.join(LIST[0]).is_file() {
            folders.push(path);
        }
    }
    let mut found: Vec<_> = containers.into_iter().map(Found::Container).collect();
    found.extend(folders.into_iter().map(Found::Folder));
    ensure!(
        found.len() <= 1,
        "La clé USB contient plusieurs mises à jour. N’y laissez que celle à installer."
    );
    found.pop().context(
        "La clé USB ne contient pas de mise à jour. Copiez-y le fichier tabellion_VERSION.update, puis réessayez.",
    )
}

const UNREADABLE: &str = "La clé USB ne se lit plus\u{a0}: elle a été retirée, ou elle est défectueuse. Rien n’a été \
                          installé\u{a0}; rebranchez-la ou remplacez-la, puis réessayez.";

fn unpack(file: &Path, incoming: &Path) -> Result<()> {
    let mut from = File::open(file).context(UNREADABLE)?;
    let size = from.metadata().context(UNREADABLE)?.len();
    room(size, incoming)?;
    HELPER.announce(size)?;
    let (mut unpacking, mut chunk) = (begin(incoming)?, vec![0; CHUNK]);
    loop {
        match from.read(&mut chunk).context(UNREADABLE)? {
            0 => break,
            length => unpacking.push(&chunk[..length]).map_err(told)?,
        }
    }
    unpacking.finish().map_err(told)?;
    info!(bytes = size, "the update was read from the stick; the stick can be pulled out");
    Ok(())
}

fn copy_folder(folder: &Path, incoming: &Path) -> Result<()> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).context(UNREADABLE)? {
        let entry = entry.context(UNREADABLE)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if is_update_file(&name) {
            files.push((name, entry.metadata().context(UNREADABLE)?.len()));
        }
    }
    let size = files.iter().map(|(_, size)| size).sum();
    room(size, incoming)?;
    HELPER.announce(size)?;
    let unpacking = begin(incoming)?;
    for (name, _) in files {
        let mut from = File::open(folder.join(&name)).context(UNREADABLE)?;
        let mut to = unpacking.file(&name).map_err(|error| told(error.into()))?;
        let mut chunk = vec![0; CHUNK];
        loop {
            match from.read(&mut chunk).context(UNREADABLE)? {
                0 => break,
                length => {
                    io::Write::write_all(&mut to, &chunk[..length]).map_err(|error| told(error.into()))?
                }
            }
        }
    }
    unpacking.keep();
    Ok(())
}

fn begin(incoming: &Path) -> Result<Unpacking> {
    Unpacking::begin(incoming).map_err(|error| told(error.into()))
}

/// Before anything is copied.
fn room(size: u64, incoming: &Path) -> Result<()> {
    // What is there of an attempt before makes room.
    match fs::remove_dir_all(incoming) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let home = incoming.parent().unwrap_or(incoming);
    if let Err(refusal) = may_upload(Some(size), free_mib(home)? << 20) {
        bail!("{refusal}");
    }
    Ok(())
}

fn told(error: UnpackError) -> anyhow::Error {
    match error {
        UnpackError::Container(error) => error.into(),
        UnpackError::Io(error) => anyhow::Error::from(error).context(
            "La mise à jour n’a pas pu être copiée sur l’espace de données de la boîte. Prévenez le support.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stick(names: &[&str]) -> tempfile::TempDir {
        let stick = tempfile::tempdir().unwrap();
        for name in names {
            let path = stick.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, name).unwrap();
        }
        stick
    }

    fn refused(names: &[&str]) -> String {
        find(stick(names).path()).unwrap_err().to_string()
    }

    #[test]
    fn the_one_update_is_found_as_a_file_or_as_a_folder() {
        let file = stick(&["tabellion_0.2.0.update", "._tabellion_0.2.0.update", "photos/mer.jpg"]);
        assert_eq!(find(file.path()).unwrap(), Found::Container(file.path().join("tabellion_0.2.0.update")));
        let folder = stick(&["0.2.0/SHA256SUMS", "setup.toml"]);
        assert_eq!(find(folder.path()).unwrap(), Found::Folder(folder.path().join("0.2.0")));
        let root = stick(&["SHA256SUMS"]);
        assert_eq!(find(root.path()).unwrap(), Found::Folder(root.path().to_owned()));
        assert!(refused(&["setup.toml"]).contains("ne contient pas"));
        assert!(refused(&["a.update", "b.update"]).contains("plusieurs"));
        assert!(refused(&["a.update", "b/SHA256SUMS"]).contains("plusieurs"));
    }

    #[test]
    fn what_is_no_update_leaves_nothing_behind() {
        let (stick, home) = (stick(&["a.update"]), tempfile::tempdir().unwrap());
        let incoming = home.path().join("incoming");
        let mut unpacking = begin(&incoming).unwrap();
        let error = unpacking.push(&[b'x'; 600]).map_err(told).unwrap_err();
        drop(unpacking);
        assert!(error.to_string().contains("n’est pas une mise à jour"), "{error}");
        assert!(!incoming.exists());
        assert!(find(stick.path()).is_ok());
    }
}
