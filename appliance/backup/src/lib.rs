//! A box's data as one encrypted file, and their way back into a box: this one or another.
//!
//! The file is an age file (age-encryption.org/v1) around a tar archive: a manifest, then the parts that it lists. It is
//! checked from its first to its last byte before anything is replaced, and replaces all of it or nothing.

mod archive;
mod incoming;
mod key;
mod manifest;
mod place;
mod refusal;
mod schedule;

pub use archive::{Lock, Snapshot};
pub use incoming::Incoming;
pub use key::BackupKey;
pub use manifest::{Manifest, Part};
pub use place::{Placed, count_start, put_in_place, served};
pub use refusal::Refusal;
pub use schedule::ScheduleState;

use std::{fs, io, path::Path};
use tabellion_domain::settings::ACME_CERTIFICATE;

/// The database in the state folder, and in a backup.
pub const DATABASE: &str = "tabellion.db";

/// In the state folder, and in a backup: the box's account at an ACME authority.
pub const ACME_ACCOUNT: &str = "acme-account.json";

/// What a backup may hold, in this order: the database; the box's own authority, which browsers were told to trust; what another
/// one has given, with which a box that takes this one's place is known at once.
const PARTS: [&str; 5] = [DATABASE, "ca.pem", "ca.key", ACME_CERTIFICATE, ACME_ACCOUNT];

/// What a name in a state folder begins with while a backup is made.
const SCRATCH: &str = "backup-";

/// What was cut off by an end of this process: copies that a backup was to be made of, and an upload that nobody restored.
///
/// # Errors
/// The folder cannot be listed.
pub fn tidy(state: &Path) -> io::Result<()> {
    for entry in fs::read_dir(state)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(SCRATCH) && entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Incoming::of(state).forget()
}

/// What was renamed in a folder is so on the disk, too.
fn sync(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

fn remove_dir_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
