use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};
use tabellion_domain::updates::{Container, ContainerError, Piece};

/// A folder into which an update is brought, file by file. Given up before its end, it is gone.
#[derive(Debug)]
pub struct Unpacking {
    folder: PathBuf,
    container: Container,
    file: Option<File>,
    kept: bool,
}

/// Why it does not go on.
#[derive(Debug, thiserror::Error)]
pub enum UnpackError {
    /// It is no update.
    #[error(transparent)]
    Container(#[from] ContainerError),
    /// It cannot be written.
    #[error("the update cannot be written: {0}")]
    Io(#[from] io::Error),
}

impl Unpacking {
    /// Begins anew: what lies in the folder goes.
    ///
    /// # Errors
    /// The folder cannot be emptied or made.
    pub fn begin(folder: &Path) -> io::Result<Self> {
        match fs::remove_dir_all(folder) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        fs::DirBuilder::new().mode(0o700).create(folder)?;
        Ok(Self { folder: folder.to_owned(), container: Container::default(), file: None, kept: false })
    }

    /// Goes on with the next bytes of a `tabellion_V.update`.
    ///
    /// # Errors
    /// [`UnpackError`].
    pub fn push(&mut self, mut bytes: &[u8]) -> Result<(), UnpackError> {
        while let Some(piece) = self.container.next(&mut bytes)? {
            match piece {
                Piece::Begin { name, .. } => self.file = Some(self.file(&name)?),
                Piece::Bytes(bytes) => self.file.as_mut().map_or(Ok(()), |file| file.write_all(bytes))?,
                Piece::End => self.file = None,
            }
        }
        Ok(())
    }

    /// The whole was pushed: its files stay.
    ///
    /// # Errors
    /// [`UnpackError::Container`]: it was not whole.
    pub fn finish(self) -> Result<(), UnpackError> {
        self.container.finish()?;
        self.keep();
        Ok(())
    }

    /// A new file of the update, for who brings them one by one.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn file(&self, name: &str) -> io::Result<File> {
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(self.folder.join(name))
    }

    /// What was brought stays.
    pub fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Unpacking {
    fn drop(&mut self) {
        if !self.kept {
            // Whoever comes next empties it, too.
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    /// As image/build makes one.
    fn update(folder: &Path) -> Vec<u8> {
        let names = ["SHA256SUMS", "SHA256SUMS.gpg", "tabellion_2.efi", "tabellion_2.root-x86-64.1.raw"];
        for name in names {
            fs::write(folder.join(name), name.repeat(99)).unwrap();
        }
        let mut tar = Command::new("tar");
        tar.args(["--format=ustar", "--owner=0", "--group=0", "--create", "--directory"])
            .arg(folder)
            .args(names);
        let made = tar.output().unwrap();
        assert!(made.status.success(), "{made:?}");
        made.stdout
    }

    #[test]
    fn what_tar_makes_is_unpacked() {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let incoming = to.path().join("incoming");
        let mut unpacking = Unpacking::begin(&incoming).unwrap();
        for bytes in update(from.path()).chunks(1000) {
            unpacking.push(bytes).unwrap();
        }
        unpacking.finish().unwrap();
        for entry in fs::read_dir(from.path()).unwrap() {
            let name = entry.unwrap().file_name();
            assert_eq!(fs::read(incoming.join(&name)).unwrap(), fs::read(from.path().join(&name)).unwrap());
        }
    }

    #[test]
    fn one_that_is_given_up_leaves_nothing() {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let incoming = to.path().join("incoming");
        let whole = update(from.path());
        let mut unpacking = Unpacking::begin(&incoming).unwrap();
        unpacking.push(&whole[..4000]).unwrap();
        assert!(incoming.join("SHA256SUMS").exists());
        assert!(matches!(unpacking.finish(), Err(UnpackError::Container(ContainerError::Incomplete))));
        assert!(!incoming.exists());
    }
}
