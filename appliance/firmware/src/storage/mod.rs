//! The data partition: all that a box keeps. It is made at the first start, on the rest of the disk, and opened at each
//! one, before anything that writes to /var.

mod mode;
mod recovery;

use crate::{reset, run::run};
use anyhow::{Context, Result, ensure};
pub(crate) use mode::Mode;
pub(crate) use recovery::make_recovery_key;
use std::{
    fs,
    io::{Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};
use tracing::{error, info};

/// The partition, by the label that the definitions in `DEFINITIONS` give it.
const PARTITION: &str = "/dev/disk/by-partlabel/tabellion-var";
/// What it is opened as; the file systems' table names it.
const OPENED: &str = "tabellion-var";
/// A folder for each [`Mode`], with what systemd-repart is told.
const DEFINITIONS: &str = "/usr/lib/tabellion/storage";
/// Where the ESP is mounted.
const BOOT: &str = "/boot";
/// On the ESP: the installation's choice, one word.
pub(crate) const CHOICE_ON_ESP: &str = "/tabellion/storage";
/// On the ESP: the key, in the mode that keeps one there.
const KEY_FILE: &str = "/boot/tabellion/var.key";
/// Shown on the status page: how the data is protected.
const STATE: &str = "/run/tabellion-storage/mode";
/// Stretching makes a short passphrase costly to guess; the 512 bits of a key file need none, and each start would wait.
const CHEAP: [&str; 4] = ["--pbkdf", "pbkdf2", "--pbkdf-force-iterations", "1000"];
/// Bytes of a key file: as many as the volume key has.
const KEY_BYTES: usize = 64;

/// Opens the data partition as /dev/mapper/tabellion-var. Does nothing where it is open.
///
/// # Errors
/// The disk has no room, the partition cannot be made, or none of its keys opens it.
pub(crate) fn open() -> Result<()> {
    // The disks' links are made by udev, which may still be at it; what else it does is not waited for.
    if !Path::new(PARTITION).exists() {
        run("udevadm", &["settle"])?;
    }
    let new = !Path::new(PARTITION).exists() || reset::is_asked();
    if new {
        make_anew().context("the data partition cannot be made")?;
    }
    let filesystem = run("blkid", &["-p", "-o", "value", "-s", "TYPE", PARTITION])
        .context("the data partition cannot be read")?;
    let mode = Mode::of(&filesystem, Path::new(KEY_FILE))?;
    if !Path::new("/dev/mapper").join(OPENED).exists() {
        unlock(mode).or_else(|problem| {
            error!("this machine does not open the data partition: {problem:#}");
            recovery::ask_and_unlock().context("the data partition cannot be opened")
        })?;
    }
    // Where the recovery key was typed, this machine has another key since.
    let mode = Mode::of(&filesystem, Path::new(KEY_FILE))?;
    info!(%mode, new, "the data partition is open");
    write_state(mode)
}

/// Whether this machine has a TPM 2.0 that is switched on.
pub(crate) fn tpm() -> bool {
    Path::new("/dev/tpmrm0").exists()
}

/// As from the carton: at the first start, and after a factory reset, whose mark goes last.
fn make_anew() -> Result<()> {
    let reset = reset::is_asked();
    if reset {
        reset::erase(PARTITION, Path::new(KEY_FILE), Path::new(BOOT))?;
    }
    let choice = fs::read_to_string(format!("{BOOT}{CHOICE_ON_ESP}")).ok();
    let chosen = Mode::choose(tpm(), choice.as_deref());
    // The data are gone already, for which a machine whose TPM has failed is reset: it has to start again, and says how it
    // protects what it keeps from now on.
    let mode = if reset { chosen.or_else(|_| Mode::choose(tpm(), None))? } else { chosen? };
    make(mode, reset)?;
    if reset { reset::finished() } else { Ok(()) }
}

/// `again`: in the place of the partition that is there.
fn make(mode: Mode, again: bool) -> Result<()> {
    let definitions = format!("--definitions={DEFINITIONS}/{mode}");
    let key = format!("--key-file={KEY_FILE}");
    let mut arguments = vec!["--dry-run=no", &definitions];
    if again {
        arguments.push("--factory-reset=yes");
    }
    if mode == Mode::KeyFile {
        make_key(Path::new(KEY_FILE))?;
        arguments.push(&key);
    }
    info!(%mode, "this box is as from its carton: the rest of the disk becomes its data partition");
    run("systemd-repart", &arguments)?;
    run("udevadm", &["settle"])?;
    if mode == Mode::KeyFile {
        let mut convert = vec!["luksConvertKey", "--batch-mode", &key];
        convert.extend(CHEAP);
        convert.push(PARTITION);
        run("cryptsetup", &convert)?;
    }
    ensure!(Path::new(PARTITION).exists(), "the disk has no room left: 512 MiB are the least");
    Ok(())
}

/// A key from the kernel's randomness. One that is there stays: a partition may have been made with it already.
fn make_key(path: &Path) -> Result<()> {
    if fs::metadata(path).is_ok_and(|file| file.len() == KEY_BYTES as u64) {
        return Ok(());
    }
    let mut key = [0; KEY_BYTES];
    fs::File::open("/dev/urandom")?.read_exact(&mut key)?;
    let folder = path.parent().context("the key file has a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("{} cannot be written", path.display()))?;
    file.write_all(&key)?;
    // Before anything is encrypted with it.
    file.sync_all().with_context(|| format!("{} cannot be written", path.display()))
}

fn unlock(mode: Mode) -> Result<()> {
    let attach = |key: &str, options: &str| {
        run("/usr/bin/systemd-cryptsetup", &["attach", OPENED, PARTITION, key, options])
    };
    match mode {
        Mode::Tpm2 => attach("-", "tpm2-device=auto,headless=1,discard")?,
        Mode::KeyFile => attach(KEY_FILE, "headless=1,discard")?,
        // The same name in each mode: the rest of the system does not care.
        Mode::None => {
            let sectors = run("blockdev", &["--getsz", PARTITION])?;
            run("dmsetup", &["create", OPENED, "--table", &format!("0 {sectors} linear {PARTITION} 0")])?
        }
    };
    Ok(())
}

fn write_state(mode: Mode) -> Result<()> {
    let path = Path::new(STATE);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, mode.word()).with_context(|| format!("{STATE} cannot be written"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_a_torn_one_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tabellion/var.key");
        make_key(&path).unwrap();
        let first = fs::read(&path).unwrap();
        assert_eq!(first.len(), KEY_BYTES);
        make_key(&path).unwrap();
        assert_eq!(fs::read(&path).unwrap(), first);
        fs::write(&path, "torn").unwrap();
        make_key(&path).unwrap();
        assert_eq!(fs::read(&path).unwrap().len(), KEY_BYTES);
    }
}
