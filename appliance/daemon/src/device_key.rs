//! What the cookies of known devices are signed with. It is in no backup: a box that takes another's place knows no devices yet, and
//! everybody logs in as from a new one.

use anyhow::{Context, Result};
use std::{
    fs,
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};
use tabellion_domain::Entropy;

const NAME: &str = "devices.key";

/// The key in this folder, which is made where it is missing, or cut short.
///
/// # Errors
/// The file cannot be read or written.
pub(crate) fn kept_in(state: &Path, entropy: &dyn Entropy) -> Result<[u8; 32]> {
    let file = state.join(NAME);
    match fs::read(&file) {
        Ok(bytes) => {
            if let Ok(key) = bytes.try_into() {
                return Ok(key);
            }
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| format!("{} cannot be read", file.display())),
    }
    let mut key = [0; 32];
    entropy.fill(&mut key);
    write(&file, &key).with_context(|| format!("{} cannot be written", file.display()))?;
    Ok(key)
}

fn write(file: &Path, key: &[u8]) -> std::io::Result<()> {
    let making = file.with_extension("making");
    let mut options = fs::OpenOptions::new();
    let mut made = options.write(true).create(true).truncate(true).mode(0o600).open(&making)?;
    made.write_all(key)?;
    made.sync_all()?;
    fs::rename(&making, file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::KernelEntropy;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_key_outlives_a_run_and_is_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let key = kept_in(folder.path(), &KernelEntropy).unwrap();
        assert_eq!(kept_in(folder.path(), &KernelEntropy).unwrap(), key);
        let file = folder.path().join(NAME);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o077, 0);
        fs::write(&file, "cut").unwrap();
        assert_ne!(kept_in(folder.path(), &KernelEntropy).unwrap(), key);
    }
}
