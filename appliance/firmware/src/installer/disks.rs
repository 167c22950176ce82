use anyhow::{Context, Result};
use std::{
    fmt, fs,
    path::{Path, PathBuf},
};

/// What a box needs, in bytes: 1 GiB for the boot loader, two slots of 1,056 MiB, the partition table, and data with room
/// for an update that is downloaded (1,200 MiB) beside the journal and copies of the database.
pub(super) const LEAST: u64 = (1_024 + 2 * 1_056 + 8 + 3_072) << 20;
/// The unit of `size` in sysfs, in bytes.
const SECTOR: u64 = 512;

/// A disk of this machine that the box could live on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Disk {
    /// The kernel's name: `sda`, `nvme0n1`.
    pub name: String,
    /// What its maker calls it.
    pub model: String,
    /// In bytes.
    pub size: u64,
    /// Partitions that are on it.
    pub partitions: usize,
}

impl Disk {
    /// Its device file.
    pub(super) fn device(&self) -> PathBuf {
        Path::new("/dev").join(&self.name)
    }
}

/// As the installer shows it, in French.
impl fmt::Display for Disk {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gigabytes = self.size / 1_000_000_000;
        write!(formatter, "{} ({}, {gigabytes}\u{a0}Go", self.model, self.name)?;
        match self.partitions {
            0 => write!(formatter, ", vide)"),
            1 => write!(formatter, ", 1 partition)"),
            several => write!(formatter, ", {several} partitions)"),
        }
    }
}

/// The disks in `block` (`/sys/block`) but the one that this system was started from, in the order of their names.
///
/// # Errors
/// The folder cannot be listed.
pub(super) fn internal(block: &Path, own: &str) -> Result<Vec<Disk>> {
    let mut disks = Vec::new();
    for entry in fs::read_dir(block).with_context(|| format!("{} cannot be listed", block.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name != own {
            disks.extend(read(&entry.path(), name));
        }
    }
    disks.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(disks)
}

/// None: no disk that keeps anything (a loop device, a memory card's reader without a card), or one that comes and goes.
fn read(folder: &Path, name: String) -> Option<Disk> {
    let text = |file: &str| fs::read_to_string(folder.join(file)).ok().map(|text| text.trim().to_owned());
    let number = |file: &str| text(file)?.parse::<u64>().ok();
    let lasting = folder.join("device").exists() && number("removable") == Some(0) && number("ro") == Some(0);
    let size = number("size")? * SECTOR;
    // Of an eMMC: parts of the same chip for firmware.
    let boots = name.contains("boot") || name.contains("rpmb");
    if !lasting || size == 0 || boots {
        return None;
    }
    let model = text("device/model").or_else(|| text("device/name")).filter(|model| !model.is_empty());
    let partitions =
        fs::read_dir(folder).ok()?.flatten().filter(|entry| entry.path().join("partition").exists()).count();
    // What hangs on USB may be gone tomorrow, also where it calls itself fixed.
    if fs::canonicalize(folder).is_ok_and(|path| path.to_string_lossy().contains("/usb")) {
        return None;
    }
    Some(Disk { model: model.unwrap_or_else(|| "disque".to_owned()), name, size, partitions })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disk(block: &Path, name: &str, files: &[(&str, &str)]) {
        let folder = block.join(name);
        fs::create_dir_all(folder.join("device")).unwrap();
        for (file, content) in
            [("removable", "0\n"), ("ro", "0\n"), ("size", "500118192\n")].iter().chain(files)
        {
            fs::write(folder.join(file), content).unwrap();
        }
    }

    #[test]
    fn disks_that_stay_are_found_and_nothing_else() {
        let block = tempfile::tempdir().unwrap();
        disk(block.path(), "nvme0n1", &[("device/model", "Samsung SSD 980   \n")]);
        for partition in ["nvme0n1p1", "nvme0n1p2"] {
            fs::create_dir(block.path().join("nvme0n1").join(partition)).unwrap();
            fs::write(block.path().join("nvme0n1").join(partition).join("partition"), "1").unwrap();
        }
        disk(block.path(), "mmcblk0", &[("device/name", "DV4064\n"), ("size", "122142720\n")]);
        disk(block.path(), "mmcblk0boot0", &[]);
        disk(block.path(), "sda", &[]);
        disk(block.path(), "sdb", &[("removable", "1\n")]);
        disk(block.path(), "sdc", &[("size", "0\n")]);
        disk(&block.path().join("usb2"), "sdd", &[]);
        std::os::unix::fs::symlink(block.path().join("usb2/sdd"), block.path().join("sdd")).unwrap();
        fs::create_dir(block.path().join("loop0")).unwrap();
        let found = internal(block.path(), "sda").unwrap();
        let shown: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            ["DV4064 (mmcblk0, 62\u{a0}Go, vide)", "Samsung SSD 980 (nvme0n1, 256\u{a0}Go, 2 partitions)"]
        );
        assert_eq!(found[1].device(), Path::new("/dev/nvme0n1"));
    }
}
