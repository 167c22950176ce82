use crate::{Entry, Rendered};
use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};
use std::{
    collections::BTreeSet,
    fs,
    io::{self, ErrorKind, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt, symlink},
    path::{Path, PathBuf},
};

/// The configuration could not be put in its place; the one before still is. This box's fault: no memory left, or no
/// right to write there.
#[derive(Debug, thiserror::Error)]
#[error("the system's configuration cannot be written to {path}: {source}")]
pub struct ApplyError {
    /// Where.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
}

/// Puts the configuration into `folder`, and takes away what is no longer rendered: all of it in one step, or nothing.
/// Returns the paths that are new, different or gone; none where it was there already.
///
/// The folder beside it, which the new configuration is written to first, has to be on the same file system, and the folder
/// itself must not be a mount point.
///
/// # Errors
/// [`ApplyError`].
pub fn apply(rendered: &Rendered, folder: &Path) -> Result<BTreeSet<String>, ApplyError> {
    let before = read(folder).map_err(at(folder))?;
    let changed = difference(&before, rendered);
    if changed.is_empty() && folder.exists() {
        return Ok(changed);
    }
    let staging = beside(folder);
    // One that was cut off has left it.
    remove(&staging)?;
    let written = write(rendered, &staging).and_then(|()| swap(&staging, folder));
    if written.is_err() {
        // The fault that is told is the first one.
        let _ = remove(&staging);
    }
    written?;
    // The configuration before lies there now. Left behind, it would be in nobody's way.
    remove(&staging)?;
    Ok(changed)
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> ApplyError {
    let path = path.to_owned();
    move |source| ApplyError { path, source }
}

/// `/run/.tabellion-system.new` for `/run/tabellion-system`.
fn beside(folder: &Path) -> PathBuf {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    folder.with_file_name(format!(".{name}.new"))
}

fn write(rendered: &Rendered, staging: &Path) -> Result<(), ApplyError> {
    make_folder(staging).map_err(at(staging))?;
    for (path, entry) in rendered.iter() {
        let folders: Vec<_> =
            Path::new(path).ancestors().skip(1).map(|within| staging.join(within)).collect();
        for folder in folders.iter().rev().filter(|folder| !folder.exists()) {
            make_folder(folder).map_err(at(folder))?;
        }
        let path = staging.join(path);
        match entry {
            Entry::File { content, mode } => write_file(&path, content, *mode).map_err(at(&path))?,
            Entry::Link { target } => symlink(target, &path).map_err(at(&path))?,
        }
    }
    Ok(())
}

/// For everybody to read, whatever the process's umask is: systemd's services have users of their own.
fn make_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir(folder)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))
}

fn write_file(path: &Path, content: &str, mode: u32) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    file.write_all(content.as_bytes())?;
    file.set_permissions(fs::Permissions::from_mode(mode))
}

/// Whoever looks sees the old configuration or the new one, never a part of each (renameat2(2)).
fn swap(staging: &Path, folder: &Path) -> Result<(), ApplyError> {
    let flags = if folder.exists() { RenameFlags::RENAME_EXCHANGE } else { RenameFlags::RENAME_NOREPLACE };
    renameat2(AT_FDCWD, staging, AT_FDCWD, folder, flags).map_err(|errno| at(folder)(errno.into()))
}

fn remove(folder: &Path) -> Result<(), ApplyError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(at(folder)(error)),
        _ => Ok(()),
    }
}

/// What lies in a folder, as it would have been rendered.
fn read(folder: &Path) -> io::Result<Rendered> {
    let mut found = Rendered::default();
    let mut folders = vec![PathBuf::new()];
    while let Some(within) = folders.pop() {
        let entries = match fs::read_dir(folder.join(&within)) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let path = within.join(entry.file_name());
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(path);
                continue;
            }
            let lies = if kind.is_symlink() {
                Entry::Link { target: fs::read_link(entry.path())?.to_string_lossy().into_owned() }
            } else {
                let content = String::from_utf8_lossy(&fs::read(entry.path())?).into_owned();
                Entry::File { content, mode: entry.metadata()?.permissions().mode() & 0o7777 }
            };
            found.entry(&path.to_string_lossy(), lies);
        }
    }
    Ok(found)
}

fn difference(before: &Rendered, after: &Rendered) -> BTreeSet<String> {
    let paths = before.iter().chain(after.iter()).map(|(path, _)| path);
    paths.filter(|path| before.get(path) != after.get(path)).map(ToOwned::to_owned).collect()
}
