//! The boot loader's entries, one kernel a version: what it has counted (UAPI.1, «boot counting») says how often a version
//! was started without being marked as good.

use anyhow::{Context, Result};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Where the boot loader finds them.
pub(super) const FOLDER: &str = "/boot/EFI/Linux";
/// There while the running start is one that the boot loader counts (Boot Loader Interface, systemd-boot(7)).
const COUNTED: &str = "/sys/firmware/efi/efivars/LoaderBootCountPath-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f";

/// A version's kernel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Kernel {
    path: PathBuf,
    /// Starts that the boot loader will still try. None: it is marked as good.
    pub left: Option<u32>,
}

impl Kernel {
    /// The kernel of a version, where there is one.
    ///
    /// # Errors
    /// The folder cannot be listed.
    pub(super) fn find(folder: &Path, version: &str) -> Result<Option<Self>> {
        let list = || -> io::Result<Option<Self>> {
            for entry in fs::read_dir(folder)? {
                let entry = entry?;
                if let Some(left) = left(&entry.file_name().to_string_lossy(), version) {
                    return Ok(Some(Self { path: entry.path(), left }));
                }
            }
            Ok(None)
        };
        list().with_context(|| format!("the kernels in {} cannot be listed", folder.display()))
    }

    /// Whether the boot loader has given it up.
    pub(super) fn is_spent(&self) -> bool {
        self.left == Some(0)
    }

    /// So that it is never started again, and its version can be installed anew.
    ///
    /// # Errors
    /// It cannot be removed.
    pub(super) fn remove(&self) -> Result<()> {
        let remove = || -> io::Result<()> {
            fs::remove_file(&self.path)?;
            self.path.parent().map_or(Ok(()), |folder| fs::File::open(folder)?.sync_all())
        };
        remove().with_context(|| format!("{} cannot be removed", self.path.display()))
    }
}

/// Of a kernel's file name of this version (`tabellion_V.efi`, `tabellion_V+LEFT.efi`, `tabellion_V+LEFT-DONE.efi`): what is
/// left, which is nothing (`Some(None)`) for one that is marked as good. None: another version's.
fn left(name: &str, version: &str) -> Option<Option<u32>> {
    let count = name.strip_prefix("tabellion_")?.strip_suffix(".efi")?.strip_prefix(version)?;
    if count.is_empty() {
        return Some(None);
    }
    let count = count.strip_prefix('+')?;
    let left = count.split_once('-').map_or(count, |(left, _)| left);
    left.parse().ok().map(Some)
}

/// Whether the boot loader counts the start that runs: its version is on trial, or was until a moment ago.
pub(super) fn start_is_counted() -> bool {
    Path::new(COUNTED).exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_read_from_the_name() {
        assert_eq!(left("tabellion_0.1.1.efi", "0.1.1"), Some(None));
        assert_eq!(left("tabellion_0.1.1+3-0.efi", "0.1.1"), Some(Some(3)));
        assert_eq!(left("tabellion_0.1.1+0-3.efi", "0.1.1"), Some(Some(0)));
        assert_eq!(left("tabellion_0.1.1+2.efi", "0.1.1"), Some(Some(2)));
        for other in ["tabellion_0.1.11.efi", "tabellion_0.1.1~rc1.efi", "other_0.1.1.efi", "tabellion_0.1.1"]
        {
            assert_eq!(left(other, "0.1.1"), None, "{other}");
        }
    }

    #[test]
    fn a_removed_kernel_is_gone_and_the_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["tabellion_0.1.0.efi", "tabellion_0.1.1+0-3.efi"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let spent = Kernel::find(folder.path(), "0.1.1").unwrap().unwrap();
        assert!(spent.is_spent());
        spent.remove().unwrap();
        assert_eq!(Kernel::find(folder.path(), "0.1.1").unwrap(), None);
        assert!(!Kernel::find(folder.path(), "0.1.0").unwrap().unwrap().is_spent());
        assert!(Kernel::find(Path::new("/nowhere"), "0.1.0").is_err());
    }
}
