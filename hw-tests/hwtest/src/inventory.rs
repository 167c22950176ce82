//! What the machine is made of, as the kernel tells it in /proc, /sys and /dev.

use serde::Serialize;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// What the machine is made of.
#[derive(PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Inventory {
    /// The processor's name; empty where the kernel does not tell.
    pub(crate) cpu: String,
    /// Logical processors.
    pub(crate) cores: usize,
    /// Main memory, in MiB.
    pub(crate) memory_mib: u64,
    /// The kernel's release.
    pub(crate) kernel: String,
    /// With its name.
    pub(crate) gstreamer: String,
    /// /dev/dri's.
    pub(crate) dri: Vec<Device>,
    /// /dev/video*'s.
    pub(crate) video: Vec<Device>,
    /// NVIDIA's driver and cards; none where no such driver is loaded.
    pub(crate) nvidia: Option<Nvidia>,
}

/// A device node.
#[derive(PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Device {
    /// Below /dev.
    pub(crate) node: PathBuf,
    /// The kernel driver of a DRI node, the card's name of a V4L2 node; empty where the kernel does not tell.
    pub(crate) name: String,
}

/// NVIDIA's own driver.
#[derive(PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Nvidia {
    /// As it calls itself.
    pub(crate) driver: String,
    /// Models, one a card.
    pub(crate) cards: Vec<String>,
}

impl Inventory {
    /// Reads below `root`, which is `/` but in tests. What cannot be read stays empty: it is told, not judged.
    pub(crate) fn read(root: &Path, gstreamer: String) -> Self {
        let cpuinfo = text(&root.join("proc/cpuinfo"));
        let memory = field(&text(&root.join("proc/meminfo")), "MemTotal");
        Self {
            // Arm's kernels name no model; the device tree then names the board.
            cpu: field(&cpuinfo, "model name")
                .unwrap_or_else(|| text(&root.join("proc/device-tree/model")).trim_matches('\0').to_owned()),
            cores: cpuinfo.lines().filter(|line| line.starts_with("processor")).count(),
            memory_mib: memory.and_then(|m| m.split(' ').next()?.parse::<u64>().ok()).unwrap_or(0) / 1024,
            kernel: text(&root.join("proc/sys/kernel/osrelease")).trim().to_owned(),
            gstreamer,
            dri: dri(root),
            video: video(root),
            nvidia: nvidia(root),
        }
    }
}

fn dri(root: &Path) -> Vec<Device> {
    let nodes =
        names(&root.join("dev/dri")).into_iter().filter(|n| n.starts_with("card") || n.starts_with("render"));
    let driver = |node: &str| {
        let link = fs::read_link(root.join("sys/class/drm").join(node).join("device/driver")).ok()?;
        Some(link.file_name()?.to_string_lossy().into_owned())
    };
    nodes
        .map(|node| Device { name: driver(&node).unwrap_or_default(), node: Path::new("dri").join(node) })
        .collect()
}

fn video(root: &Path) -> Vec<Device> {
    let nodes = names(&root.join("dev")).into_iter().filter(|name| name.starts_with("video"));
    let card =
        |node: &str| text(&root.join("sys/class/video4linux").join(node).join("name")).trim().to_owned();
    nodes.map(|node| Device { name: card(&node), node: PathBuf::from(node) }).collect()
}

fn nvidia(root: &Path) -> Option<Nvidia> {
    let folder = root.join("proc/driver/nvidia");
    let version = fs::read_to_string(folder.join("version")).ok()?;
    let driver =
        version.lines().next().unwrap_or_default().trim_start_matches("NVRM version:").trim().to_owned();
    let model = |card: String| field(&text(&folder.join("gpus").join(card).join("information")), "Model");
    let cards = names(&folder.join("gpus")).into_iter().filter_map(model).collect();
    Some(Nvidia { driver, cards })
}

/// The value of a line `name : value`.
fn field(text: &str, name: &str) -> Option<String> {
    let value = |line: &str| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim().to_owned())
    };
    text.lines().find_map(value)
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return vec![] };
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_machine_is_read() {
        let root = tempfile::tempdir().unwrap();
        let put = |path: &str, text: &str| {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        put(
            "proc/cpuinfo",
            "processor\t: 0\nmodel name\t: Intel(R) N97\n\nprocessor\t: 1\nmodel name\t: Intel(R) N97\n",
        );
        put("proc/meminfo", "MemTotal:        8048576 kB\nMemFree: 1 kB\n");
        put("proc/sys/kernel/osrelease", "6.12.0\n");
        put("dev/dri/renderD128", "");
        put("dev/dri/by-path", "");
        put("sys/bus/pci/drivers/i915/bind", "");
        fs::create_dir_all(root.path().join("sys/class/drm/renderD128/device")).unwrap();
        symlink(
            "../../../../bus/pci/drivers/i915",
            root.path().join("sys/class/drm/renderD128/device/driver"),
        )
        .unwrap();
        put("dev/video11", "");
        put("sys/class/video4linux/video11/name", "bcm2835-codec-encode\n");
        put("proc/driver/nvidia/version", "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.1\nGCC\n");
        put("proc/driver/nvidia/gpus/0000:01:00.0/information", "Model: \t\t RTX A2000\nIRQ: 1\n");
        let found = Inventory::read(root.path(), "GStreamer 1.26.2".into());
        assert_eq!((found.cpu.as_str(), found.cores, found.memory_mib), ("Intel(R) N97", 2, 7859));
        assert_eq!(found.kernel, "6.12.0");
        assert_eq!(found.dri, [Device { node: "dri/renderD128".into(), name: "i915".into() }]);
        assert_eq!(found.video, [Device { node: "video11".into(), name: "bcm2835-codec-encode".into() }]);
        assert_eq!(found.nvidia.unwrap().cards, ["RTX A2000"]);
    }

    #[test]
    fn an_empty_machine_is_told_as_such() {
        let root = tempfile::tempdir().unwrap();
        let found = Inventory::read(root.path(), String::new());
        assert_eq!((found.cores, found.dri.len(), found.nvidia), (0, 0, None));
    }
}
