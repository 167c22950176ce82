use crate::run::run;
use anyhow::{Context, Result};
use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    path::Path,
};
use tracing::{info, warn};

/// On the ESP: credentials that the boot loader hands over (systemd-stub(7)), of the box and of one kernel.
const CREDENTIALS: &str = "loader/credentials";
const KERNELS: &str = "EFI/Linux";
/// What a partition begins with: both copies of a LUKS2 header with all places for keys, or the first of a file system.
const HEAD: u64 = 32 << 20;

/// Destroys what the partition holds, with every key to it, and what the ESP `boot` holds of this office. Can be done again
/// after a power cut at any point.
///
/// # Errors
/// The disk cannot be written.
pub(crate) fn erase(partition: &str, key_file: &Path, boot: &Path) -> Result<()> {
    if Path::new(partition).exists() {
        // One that was erased before has no type, for which blkid fails.
        let filesystem = run("blkid", &["-p", "-o", "value", "-s", "TYPE", partition]).unwrap_or_default();
        if filesystem == "crypto_LUKS" {
            run("cryptsetup", &["erase", "--batch-mode", partition])
                .context("the keys cannot be destroyed")?;
            info!("all keys of the data partition are destroyed");
        }
        // Also what was never encrypted; a disk that cannot forget keeps it until it is written over.
        if let Err(problem) = run("blkdiscard", &["--force", partition]) {
            warn!("the disk does not discard: {problem:#}");
        }
        wipe(Path::new(partition)).with_context(|| format!("{partition} cannot be overwritten"))?;
    }
    forget(boot, key_file).context("the boot loader's partition cannot be cleared")
}

/// Overwrites the head with zeros.
fn wipe(partition: &Path) -> std::io::Result<()> {
    let mut device = OpenOptions::new().write(true).open(partition)?;
    let zeros = vec![0; 1 << 20];
    for _ in 0..HEAD / zeros.len() as u64 {
        device.write_all(&zeros)?;
    }
    device.sync_all()
}

/// The key, and credentials: the set-up file of another office would come back by itself.
fn forget(boot: &Path, key_file: &Path) -> std::io::Result<()> {
    remove(fs::remove_file(key_file))?;
    remove(fs::remove_dir_all(boot.join(CREDENTIALS)))?;
    for entry in fs::read_dir(boot.join(KERNELS))? {
        let path = entry?.path();
        if path.is_dir() {
            fs::remove_dir_all(path)?;
        }
    }
    nix::unistd::sync();
    Ok(())
}

fn remove(removed: std::io::Result<()>) -> std::io::Result<()> {
    removed.or_else(|error| if error.kind() == ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_credentials_are_gone_and_the_kernels_stay() {
        let boot = tempfile::tempdir().unwrap();
        let of = |path: &str| boot.path().join(path);
        for file in [
            "tabellion/var.key",
            "tabellion/storage",
            "loader/credentials/tabellion.setup.cred",
            "EFI/Linux/tabellion_0.1.0.efi.extra.d/tabellion.setup.cred",
            "EFI/Linux/tabellion_0.1.0.efi",
        ] {
            fs::create_dir_all(of(file).parent().unwrap()).unwrap();
            fs::write(of(file), "x").unwrap();
        }
        for _ in 0..2 {
            erase("/nowhere/partition", &of("tabellion/var.key"), boot.path()).unwrap();
            assert!(!of("tabellion/var.key").exists() && !of("loader/credentials").exists());
            assert!(!of("EFI/Linux/tabellion_0.1.0.efi.extra.d").exists());
            assert!(of("EFI/Linux/tabellion_0.1.0.efi").exists() && of("tabellion/storage").exists());
        }
    }

    #[test]
    fn no_key_opens_what_was_erased() {
        let folder = tempfile::tempdir().unwrap();
        let (disk, key) = (folder.path().join("disk"), folder.path().join("key"));
        fs::File::create(&disk).unwrap().set_len(HEAD + (16 << 20)).unwrap();
        fs::write(&key, [7; 64]).unwrap();
        fs::create_dir_all(folder.path().join(KERNELS)).unwrap();
        let (disk_path, key_path) = (disk.display().to_string(), key.display().to_string());
        let cheap = ["--pbkdf", "pbkdf2", "--pbkdf-force-iterations", "1000"];
        let mut format = vec!["luksFormat", "--type", "luks2", "--batch-mode", "--key-file", &key_path];
        format.extend(cheap);
        format.push(&disk_path);
        run("cryptsetup", &format).unwrap();
        let opens = || run("cryptsetup", &["open", "--test-passphrase", "--key-file", &key_path, &disk_path]);
        opens().unwrap();
        // The key file itself stays in this test: it is the disk that has forgotten it.
        erase(&disk_path, Path::new("/nowhere/key"), folder.path()).unwrap();
        assert!(opens().is_err());
        assert!(fs::read(&disk).unwrap()[..1 << 20].iter().all(|byte| *byte == 0));
    }
}
