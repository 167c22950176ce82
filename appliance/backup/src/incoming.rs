//! A backup on its way into a box: sent in pieces, checked with its key, and last put in the data's place.

use crate::{
    BackupKey, DATABASE, Manifest, Refusal, archive, manifest,
    place::{self, FORMER, RESTORED},
    remove_dir_if_there, sync,
};
use nix::sys::statvfs::statvfs;
use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};
use tabellion_domain::AuditEvent;
use tabellion_store::{Restored, RestoredNetwork, StoreError, inspect, prepare_restored};
use time::OffsetDateTime;

/// Bytes that stay free while a backup is received: the database in use goes on growing.
const MARGIN: u64 = 256 << 20;

/// What is received, within a state folder. One at a time.
pub struct Incoming {
    state: PathBuf,
    folder: PathBuf,
}

impl Incoming {
    /// Of the box with this state folder.
    #[must_use]
    pub fn of(state: &Path) -> Self {
        Self { state: state.to_owned(), folder: state.join("restore") }
    }

    /// Appends a piece; a first one, at 0, begins anew. Returns how many bytes are here.
    ///
    /// # Errors
    /// [`Refusal::OutOfOrder`], [`Refusal::NoRoom`], or this box's fault.
    pub fn append(&self, offset: u64, piece: &[u8]) -> Result<u64, Refusal> {
        if offset == 0 {
            self.forget()?;
            DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        }
        let space = statvfs(&self.folder).map_err(|_| Refusal::NotChecked)?;
        // What is checked lies beside what was received.
        if space.blocks_available() * space.fragment_size() < MARGIN + offset + 2 * piece.len() as u64 {
            self.forget()?;
            return Err(Refusal::NoRoom);
        }
        let mut file =
            OpenOptions::new().append(true).create(offset == 0).mode(0o600).open(self.received())?;
        let received = file.metadata()?.len();
        if received != offset {
            return Err(Refusal::OutOfOrder { received });
        }
        file.write_all(piece)?;
        Ok(offset + piece.len() as u64)
    }

    /// Checks what was received, from the first to the last byte, and keeps what is in it for [`Self::commit`].
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn check(&self, key: &BackupKey) -> Result<Manifest, Refusal> {
        let file = match File::open(self.received()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Refusal::NotChecked),
            opened => opened?,
        };
        self.unpack(file, key)
    }

    /// As [`Self::check`], from a file that lies elsewhere.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn unpack(&self, file: File, key: &BackupKey) -> Result<Manifest, Refusal> {
        let making = self.folder.join("checking");
        remove_dir_if_there(&making)?;
        remove_dir_if_there(&self.checked())?;
        DirBuilder::new().recursive(true).mode(0o700).create(&making)?;
        let manifest = archive::read(io::BufReader::new(file), key, &making).and_then(|manifest| {
            let found = inspect(&making.join(DATABASE)).map_err(|error| match error {
                StoreError::Newer { .. } => Refusal::Newer { version: manifest.version.clone() },
                _ => Refusal::Damaged,
            })?;
            if found.settings.is_none() { Err(Refusal::NeverSetUp) } else { Ok(manifest) }
        });
        if manifest.is_err() {
            remove_dir_if_there(&making)?;
        }
        let manifest = manifest?;
        fs::write(making.join(manifest::NAME), serde_json::to_vec(&manifest).map_err(io::Error::other)?)?;
        fs::rename(&making, self.checked())?;
        Ok(manifest)
    }

    /// Has what was checked take the data's place at the next start of control ([`crate::put_in_place`]): whole, or, after a
    /// power cut before this returns, perhaps not at all.
    ///
    /// # Errors
    /// [`Refusal`]; the data stay as they are.
    pub fn commit(&self, network: RestoredNetwork, at: OffsetDateTime) -> Result<Restored, Refusal> {
        if [RESTORED, FORMER].iter().any(|name| self.state.join(name).exists()) {
            return Err(Refusal::Pending);
        }
        let checked = self.checked();
        let text = fs::read(checked.join(manifest::NAME)).map_err(|_| Refusal::NotChecked)?;
        let manifest = Manifest::read(&text)?;
        let event = AuditEvent::Restored {
            made_at: manifest.made_at,
            version: manifest.version,
            network_kept: matches!(network, RestoredNetwork::Kept(_)),
        };
        // From here on it is no longer what was checked: one that breaks off is not tried again.
        fs::remove_file(checked.join(manifest::NAME))?;
        let restored =
            prepare_restored(&checked.join(DATABASE), network, &event, at).map_err(Refusal::Store)?;
        sync(&checked)?;
        place::commit(&self.state, &checked)?;
        self.forget()?;
        Ok(restored)
    }

    /// Whatever was received is gone.
    ///
    /// # Errors
    /// It cannot be removed.
    pub fn forget(&self) -> io::Result<()> {
        remove_dir_if_there(&self.folder)
    }

    fn received(&self) -> PathBuf {
        self.folder.join("received")
    }

    fn checked(&self) -> PathBuf {
        self.folder.join("checked")
    }
}
