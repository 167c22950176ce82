//! The image writes itself from the stick that it was started from to a disk of the machine (tabellion-installer@.service;
//! the generator beside it decides whether a start is one of a stick).

mod dialogue;
mod disks;

use crate::{
    run::run,
    storage::{self, Mode},
};
use anyhow::{Context, Result, ensure};
use disks::Disk;
use nix::fcntl::{Flock, FlockArg};
use std::{
    fs::{self, File},
    io::{self, BufRead},
    path::Path,
};

/// The type of EFI system partitions (UEFI 2.10, table 5.7).
const ESP: &str = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b";
/// What is made on the way: definitions for systemd-repart, the stick's boot loader.
const FOLDER: &str = "/run/tabellion-installer";

/// Asks on this screen for a disk, and installs the box on it; again and again, until it is done.
///
/// # Errors
/// The screen or the keyboard is away.
pub(crate) fn install_on_a_disk() -> Result<()> {
    loop {
        if let Err(problem) = ask_and_install() {
            // Also for whoever stands in front of it.
            tell(&format!("\n{problem:#}."));
        }
        tell("\nAppuyez sur Entrée pour recommencer, ou éteignez la machine.");
        ensure!(io::stdin().read_line(&mut String::new())? > 0, "the keyboard is away");
    }
}

/// # Errors
/// A disk cannot be read or written.
fn ask_and_install() -> Result<()> {
    run("udevadm", &["settle"])?;
    let stick = Stick::read()?;
    let disks = disks::internal(Path::new("/sys/block"), &stick.disk)?;
    let (mut answers, mut screen) = (io::stdin().lock(), io::stdout());
    let Some(disk) = dialogue::choose(&disks, &mut answers, &mut screen)? else { return Ok(()) };
    let mode = dialogue::protection(storage::tpm(), &mut answers, &mut screen)?;
    // Each screen asks; one installs.
    fs::create_dir_all(FOLDER)?;
    let lock = File::create(Path::new(FOLDER).join("lock"))?;
    let _lock = Flock::lock(lock, FlockArg::LockExclusiveNonblock)
        .map_err(|(_, error)| error)
        .context("L’installation est déjà en cours depuis un autre écran")?;
    tell("\nInstallation en cours, quelques minutes…");
    stick.copy_to(disk, mode).with_context(|| {
        format!("L’installation sur {disk} a échoué. Essayez un autre disque, ou remplacez-le")
    })?;
    tell("\nTabellion est installé. Retirez la clé USB, puis appuyez sur Entrée pour redémarrer.");
    // Where the keyboard is gone, too, it starts by itself.
    let _ = answers.read_line(&mut String::new());
    run("systemctl", &["--force", "reboot"]).map(drop)
}

/// Where this system was started from.
struct Stick {
    /// Its kernel name.
    disk: String,
    /// Device files of its partitions: boot loader, hash tree, root.
    esp: String,
    verity: Partition,
    root: Partition,
}

/// What a copy of a partition needs to be found by the kernel's command line.
struct Partition {
    uuid: String,
    label: String,
}

impl Stick {
    fn read() -> Result<Self> {
        let mapped = run("findmnt", &["-n", "-o", "SOURCE", "/"])?;
        let below = run("lsblk", &["-n", "-r", "-s", "-o", "PATH,PARTLABEL", &mapped])?;
        let halves = halves(&below);
        let (root, verity) =
            halves.with_context(|| format!("the partitions below {mapped} cannot be found: {below}"))?;
        let disk = column(&root, "PKNAME")?;
        let esp = esp_of(&format!("/dev/{disk}"))?;
        let partition = |device: &str| -> Result<Partition> {
            Ok(Partition { uuid: column(device, "PARTUUID")?, label: column(device, "PARTLABEL")? })
        };
        Ok(Self { esp, verity: partition(&verity)?, root: partition(&root)?, disk })
    }

    /// All that is on the disk is erased first.
    fn copy_to(&self, disk: &Disk, mode: Mode) -> Result<()> {
        let folder = Path::new(FOLDER);
        let (esp, definitions) = (folder.join("esp"), folder.join("repart.d"));
        fs::create_dir_all(&esp)?;
        fs::create_dir_all(&definitions)?;
        for (name, text) in self.definitions(&esp) {
            fs::write(definitions.join(name), text)?;
        }
        run("mount", &["-o", "ro", &self.esp, &esp.display().to_string()])?;
        let device = disk.device().display().to_string();
        let definitions = format!("--definitions={}", definitions.display());
        let written =
            run("systemd-repart", &["--dry-run=no", "--empty=force", "--discard=yes", &definitions, &device]);
        let freed = run("umount", &[&esp.display().to_string()]);
        written?;
        freed?;
        note(mode, &device)
    }

    /// repart.d(5). The partitions' identifiers are the halves of the root hash, and their labels name the version.
    fn definitions(&self, esp: &Path) -> [(&'static str, String); 3] {
        let copy = |kind: &str, partition: &Partition, size: &str| {
            format!(
                "[Partition]\nType={kind}\nLabel={}\nUUID={}\nCopyBlocks=auto\nSizeMinBytes={size}\nSizeMaxBytes={size}\n",
                partition.label, partition.uuid
            )
        };
        [
            (
                "00-esp.conf",
                format!(
                    "[Partition]\nType=esp\nFormat=vfat\nCopyFiles={}:/\nSizeMinBytes=1G\nSizeMaxBytes=1G\n",
                    esp.display()
                ),
            ),
            ("10-root-verity.conf", copy("root-verity", &self.verity, "32M")),
            ("11-root.conf", copy("root", &self.root, "1G")),
        ]
    }
}

/// Says on the new ESP how the data are to be protected. (systemd-repart leaves a file out that it is to copy beside a tree.)
fn note(mode: Mode, device: &str) -> Result<()> {
    run("udevadm", &["settle"])?;
    let folder = Path::new(FOLDER).join("new-esp");
    fs::create_dir_all(&folder)?;
    run("mount", &["-t", "vfat", &esp_of(device)?, &folder.display().to_string()])?;
    let choice = folder.join(storage::CHOICE_ON_ESP.trim_start_matches('/'));
    let written =
        choice.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&choice, mode.word()));
    // Written out by this, too.
    let freed = run("umount", &[&folder.display().to_string()]);
    written?;
    freed?;
    nix::unistd::sync();
    Ok(())
}

/// The EFI system partition of a disk.
fn esp_of(disk: &str) -> Result<String> {
    let listed = run("lsblk", &["-n", "-r", "-o", "PATH,PARTTYPE", disk])?;
    let esp = listed.lines().filter_map(|line| line.split_once(' ')).find(|(_, kind)| *kind == ESP);
    esp.map(|(path, _)| path.to_owned()).with_context(|| format!("{disk} has no EFI system partition"))
}

/// The partitions of the root and of its hash tree, of what is below dm-verity's device with paths and labels: ours name the
/// version, and the hash tree's ends with its purpose (repart.d in the image), whatever the architecture.
fn halves(below: &str) -> Option<(String, String)> {
    let labelled =
        || below.lines().filter_map(|line| line.split_once(' ')).filter(|(_, label)| !label.is_empty());
    let of = |verity: bool| labelled().find(|(_, label)| label.ends_with("_verity") == verity);
    Some((of(false)?.0.to_owned(), of(true)?.0.to_owned()))
}

fn column(device: &str, name: &str) -> Result<String> {
    let text = run("lsblk", &["-n", "-d", "-o", name, device])?;
    ensure!(!text.trim().is_empty(), "{device} has no {name}");
    Ok(text.trim().to_owned())
}

#[expect(clippy::print_stdout, reason = "the screen is what this command talks to")]
fn tell(text: &str) {
    println!("{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_halves_of_the_root_are_found_below_it() {
        let below = "/dev/mapper/root \n/dev/sda2 tabellion_0.1.0_verity\n/dev/sda \n/dev/sda3 tabellion_0.1.0\n/dev/sda \n";
        assert_eq!(halves(below), Some(("/dev/sda3".to_owned(), "/dev/sda2".to_owned())));
        assert_eq!(halves("/dev/sda3 tabellion_0.1.0\n"), None);
    }

    #[test]
    fn the_copy_has_the_identifiers_that_the_kernel_looks_for() {
        let partition =
            |uuid: &str, label: &str| Partition { uuid: uuid.to_owned(), label: label.to_owned() };
        let stick = Stick {
            disk: "sdb".to_owned(),
            esp: "/dev/sdb1".to_owned(),
            verity: partition("ecc5361c-cd6f-fcce-35fa-7aec4e8cfbdf", "tabellion_0.1.0_verity"),
            root: partition("53efa572-659e-c09f-9413-990eab4db9fc", "tabellion_0.1.0"),
        };
        let [(_, esp), (_, verity), (_, root)] = stick.definitions(Path::new("/run/esp"));
        assert!(esp.contains("CopyFiles=/run/esp:/\n"), "{esp}");
        assert!(verity.contains("UUID=ecc5361c-cd6f-fcce-35fa-7aec4e8cfbdf\n"), "{verity}");
        assert!(verity.contains("Label=tabellion_0.1.0_verity\n") && verity.contains("CopyBlocks=auto\n"));
        assert!(root.contains("Type=root\n") && root.contains("UUID=53efa572-659e-c09f-9413-990eab4db9fc\n"));
    }
}
