//! The file itself: written from a snapshot as a stream, read as a stream, each byte of it checked.

use crate::{
    BackupKey, DATABASE, Manifest, PARTS, Part, Refusal, SCRATCH,
    manifest::{self, FORMAT},
};
use age::{DecryptError, Decryptor, Encryptor, Identity, Recipient};
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    str::FromStr,
};
use tabellion_store::StoreError;
use tempfile::TempDir;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Work of scrypt, as a power of two: 32 MiB, a tenth of a second. A key of ours has 140 bits, which need no stretching.
const WORK: u8 = 15;

/// How a backup is locked.
pub enum Lock {
    /// With a key that is shown now: any age program opens the file with it as its passphrase.
    Key(BackupKey),
    /// To the recipient ([`BackupKey::recipient`]) of a key that was shown before.
    Recipient(String),
}

/// A box's data as they were at one moment, ready to be written out. Gone with this value.
pub struct Snapshot {
    folder: TempDir,
    manifest: Manifest,
}

impl Snapshot {
    /// Copies the data of a state folder while the box goes on. `office`, `version`: what the manifest says.
    ///
    /// # Errors
    /// They cannot be read, or there is no room for a copy.
    pub fn take(state: &Path, office: &str, version: &str, now: OffsetDateTime) -> Result<Self, Refusal> {
        // Beside the data, where they are encrypted, never in /tmp.
        let folder = tempfile::Builder::new().prefix(SCRATCH).tempdir_in(state)?;
        let copy = folder.path().join(DATABASE);
        let schema = tabellion_store::snapshot(&state.join(DATABASE), &copy).map_err(full_or_broken)?;
        for name in &PARTS[1..] {
            match fs::copy(state.join(name), folder.path().join(name)) {
                // A box that was given a certificate has no authority of its own.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                copied => drop(copied?),
            }
        }
        let mut parts = Vec::new();
        for name in PARTS {
            let path = folder.path().join(name);
            if path.exists() {
                let (bytes, sha256) = digest(&mut File::open(&path)?, &mut io::sink())?;
                parts.push(Part { name: name.to_owned(), bytes, sha256 });
            }
        }
        let made_at = now.format(&Rfc3339).map_err(io::Error::other)?;
        let (office, version) = (office.to_owned(), version.to_owned());
        let manifest = Manifest { format: FORMAT, version, schema, made_at, office, parts };
        Ok(Self { folder, manifest })
    }

    /// What it is.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Writes the backup to its end.
    ///
    /// # Errors
    /// What `out` says, or the snapshot cannot be read.
    pub fn write<W: Write>(&self, lock: &Lock, out: W) -> io::Result<W> {
        let recipient: Box<dyn Recipient> = match lock {
            Lock::Key(key) => {
                let mut recipient = age::scrypt::Recipient::new(key.passphrase());
                recipient.set_work_factor(WORK);
                Box::new(recipient)
            }
            Lock::Recipient(text) => {
                Box::new(age::x25519::Recipient::from_str(text).map_err(io::Error::other)?)
            }
        };
        let encryptor =
            Encryptor::with_recipients(std::iter::once(recipient.as_ref())).map_err(io::Error::other)?;
        let mut archive = tar::Builder::new(encryptor.wrap_output(out)?);
        let manifest = serde_json::to_vec_pretty(&self.manifest)?;
        append(&mut archive, manifest::NAME, manifest.len() as u64, manifest.as_slice())?;
        for Part { name, bytes, .. } in &self.manifest.parts {
            append(&mut archive, name, *bytes, File::open(self.folder.path().join(name))?)?;
        }
        archive.into_inner()?.finish()
    }
}

fn append(
    archive: &mut tar::Builder<impl Write>,
    name: &str,
    bytes: u64,
    content: impl Read,
) -> io::Result<()> {
    let mut header = tar::Header::new_ustar();
    header.set_size(bytes);
    header.set_mode(0o600);
    archive.append_data(&mut header, name, content)
}

/// SQLite's own copy fails as SQLite does.
fn full_or_broken(error: StoreError) -> Refusal {
    match error {
        StoreError::Sqlite(sqlite) if sqlite.to_string().contains("disk is full") => Refusal::NoRoom,
        other => Refusal::Store(other),
    }
}

/// Reads a whole backup, and puts its parts into the folder `into`, for their owner only and on the disk.
///
/// # Errors
/// [`Refusal`]; what is in the folder then is worth nothing.
pub(crate) fn read(input: impl Read, key: &BackupKey, into: &Path) -> Result<Manifest, Refusal> {
    let decryptor = Decryptor::new(input).map_err(refused)?;
    let identity: Box<dyn Identity> = if decryptor.is_scrypt() {
        let mut identity = age::scrypt::Identity::new(key.passphrase());
        // More than ours is a file that is to take our memory away.
        identity.set_max_work_factor(WORK);
        Box::new(identity)
    } else {
        Box::new(key.identity())
    };
    let plain = decryptor.decrypt(std::iter::once(identity.as_ref())).map_err(refused)?;
    let mut archive = tar::Archive::new(plain);
    let manifest = entries(&mut archive, into)?;
    // Its last piece says that it is the last: a file that was cut off is told only here.
    io::copy(&mut archive.into_inner(), &mut io::sink()).map_err(|_| Refusal::Damaged)?;
    Ok(manifest)
}

fn entries(archive: &mut tar::Archive<impl Read>, into: &Path) -> Result<Manifest, Refusal> {
    let mut entries = archive.entries().map_err(|_| Refusal::Damaged)?;
    let mut next = |name: &str| -> Result<_, Refusal> {
        let entry = entries.next().and_then(Result::ok).ok_or(Refusal::Damaged)?;
        let named = entry.path().is_ok_and(|path| path == Path::new(name));
        if named && entry.header().entry_type().is_file() { Ok(entry) } else { Err(Refusal::Damaged) }
    };
    let mut text = Vec::new();
    let entry = next(manifest::NAME)?;
    entry.take(manifest::LARGEST).read_to_end(&mut text).map_err(|_| Refusal::Damaged)?;
    let manifest = Manifest::read(&text)?;
    for part in &manifest.parts {
        let mut entry = next(&part.name)?;
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(into.join(&part.name))?;
        let (bytes, sha256) = digest(&mut entry, &mut file)?;
        file.sync_all()?;
        if (bytes, &sha256) != (part.bytes, &part.sha256) {
            return Err(Refusal::Damaged);
        }
    }
    Ok(manifest)
}

/// Copies, and says how many bytes there were and what their SHA-256 is. A reader's fault is a damaged backup, a writer's is
/// this box's.
fn digest(from: &mut impl Read, to: &mut impl Write) -> Result<(u64, String), Refusal> {
    let (mut digest, mut length, mut buffer) = (Sha256::new(), 0, vec![0; 64 * 1024]);
    loop {
        let read = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => return Err(Refusal::Damaged),
        };
        digest.update(&buffer[..read]);
        to.write_all(&buffer[..read])?;
        length += read as u64;
    }
    Ok((length, digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()))
}

fn refused(error: DecryptError) -> Refusal {
    match error {
        DecryptError::NoMatchingKeys | DecryptError::KeyDecryptionFailed | DecryptError::DecryptionFailed => {
            Refusal::WrongKey
        }
        DecryptError::InvalidMac => Refusal::Damaged,
        // A file that ends within its header is none, either.
        _ => Refusal::NotABackup,
    }
}
