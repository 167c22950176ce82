use super::{is_newer, state::State};
use crate::run::run;
use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File},
    io,
    path::Path,
};

/// Whose signature makes an update ours; systemd-sysupdate checks with the same.
const KEYRING: &str = "/usr/lib/systemd/import-pubring.gpg";
/// The architecture in the names of the root partitions' files, as systemd names it (systemd-repart's `%t`).
const ARCHITECTURE: &str = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86-64" };

/// An update that lies in a folder of the box, or is on its way there.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub version: String,
    /// Its files.
    pub files: Vec<Listed>,
}

/// A file as the signed list names it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Listed {
    pub name: String,
    /// SHA-256, hexadecimal.
    hash: String,
}

impl Listed {
    /// Whether it lies in the folder as it was published.
    ///
    /// # Errors
    /// What is there cannot be read.
    pub(crate) fn is_whole(&self, folder: &Path) -> Result<bool> {
        let path = folder.join(&self.name);
        let hash = || -> io::Result<String> {
            let mut digest = Sha256::new();
            io::copy(&mut File::open(&path)?, &mut digest)?;
            Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
        };
        match hash() {
            Ok(hash) => Ok(hash == self.hash),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
        }
    }
}

impl Incoming {
    /// What the list says, once it is proven to be ours and for this kind of machine.
    ///
    /// # Errors
    /// French, for the administrator: what is wrong, and what to do.
    pub(crate) fn announced(folder: &Path) -> Result<Self> {
        verify_signature(folder)?;
        let list = fs::read_to_string(folder.join("SHA256SUMS"))?;
        let files = listed(&list)?;
        Ok(Self { version: version_of(&files)?, files })
    }

    /// Whether this box wants it. `again`: also a version that was taken back before.
    ///
    /// # Errors
    /// French: it is not newer, or was taken back.
    pub(crate) fn wanted(&self, running: &str, state: &State, again: bool) -> Result<()> {
        let version = &self.version;
        if state.rejected.contains_key(version) && !again {
            bail!(
                "La version {version} a déjà été annulée sur cette boîte. \
                 Attendez la suivante, ou demandez expressément un nouvel essai."
            );
        }
        ensure!(
            is_newer(version, running)?,
            "La version {version} n’est pas plus récente que celle qui fonctionne ({running})."
        );
        Ok(())
    }

    /// What lies in the folder, with all its files whole, where this box wants it.
    ///
    /// # Errors
    /// As [`Self::announced`] and [`Self::wanted`], and where a file is not as it was published.
    pub(crate) fn inspect(folder: &Path, running: &str, state: &State, again: bool) -> Result<Self> {
        let update = Self::announced(folder)?;
        update.wanted(running, state, again)?;
        for file in &update.files {
            ensure!(
                file.is_whole(folder)?,
                "Un fichier de la mise à jour manque ou a été altéré ({}). Rien n’a été installé ; \
                 téléchargez-la de nouveau.",
                file.name
            );
        }
        Ok(update)
    }
}

fn verify_signature(folder: &Path) -> Result<()> {
    let file = |name: &str| folder.join(name).display().to_string();
    let (list, signature) = (file("SHA256SUMS"), file("SHA256SUMS.gpg"));
    ensure!(
        Path::new(&list).exists() && Path::new(&signature).exists(),
        "La mise à jour est incomplète\u{a0}: il manque sa liste signée (SHA256SUMS, SHA256SUMS.gpg)."
    );
    run("gpgv", &["--keyring", KEYRING, &signature, &list]).map(drop).context(
        "La signature de la mise à jour n’est pas celle de l’éditeur. Rien n’a été installé ; \
         téléchargez-la de nouveau et prévenez le support si cela se répète.",
    )
}

/// The list's lines: a hash, two spaces (or a space and a star), a name (sha256sum(1)).
///
/// # Errors
/// A line that is none of these: the list is signed, so that it was made wrong.
pub(super) fn listed(list: &str) -> Result<Vec<Listed>> {
    list.lines()
        .map(|line| {
            let (hash, name) = line.split_once(' ').unwrap_or_default();
            let name = name.trim_start_matches([' ', '*']);
            let is_hash = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
            // A name with a slash would lead out of the folder.
            let is_name = !name.is_empty() && !name.contains('/') && !name.starts_with('.');
            ensure!(
                is_hash && is_name,
                "La liste de la mise à jour ne peut pas être lue. Prévenez le support."
            );
            Ok(Listed { name: name.to_owned(), hash: hash.to_ascii_lowercase() })
        })
        .collect()
}

/// The version that all files of the list have in their names.
fn version_of(files: &[Listed]) -> Result<String> {
    let names = || files.iter().map(|file| file.name.as_str());
    let kernel = names().find_map(|name| name.strip_prefix("tabellion_")?.strip_suffix(".efi"));
    let version = kernel
        .context("La mise à jour ne contient pas de noyau\u{a0}: ce n’est pas une image de Tabellion.")?;
    for part in ["root", "root-verity"] {
        let start = match part {
            "root" => format!("tabellion_{version}.root-{ARCHITECTURE}."),
            _ => format!("tabellion_{version}.root-{ARCHITECTURE}-verity."),
        };
        ensure!(
            names().any(|name| name.starts_with(&start)),
            "La mise à jour {version} n’est pas pour cette boîte (architecture {ARCHITECTURE})."
        );
    }
    Ok(version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 3] = [
        "tabellion_0.2.0.efi",
        "tabellion_0.2.0.root-ARCH-verity.0123.raw",
        "tabellion_0.2.0.root-ARCH.4567.raw",
    ];

    fn list(names: &[&str]) -> Vec<Listed> {
        let lines: Vec<_> = names.iter().map(|name| format!("{:064x}  {name}\n", 7)).collect();
        listed(&lines.concat()).unwrap()
    }

    fn renamed(from: &str, to: &str) -> Result<String> {
        let names = NAMES.map(|name| name.replace(from, to).replace("ARCH", ARCHITECTURE));
        version_of(&list(&names.each_ref().map(String::as_str)))
    }

    #[test]
    fn the_version_is_read_from_the_files_names() {
        assert_eq!(renamed("ARCH", ARCHITECTURE).unwrap(), "0.2.0");
    }

    #[test]
    fn another_architecture_and_another_product_are_told() {
        let other = renamed("ARCH", "riscv64").unwrap_err().to_string();
        assert!(other.contains("architecture"), "{other}");
        assert!(version_of(&list(&["other_1.efi"])).is_err());
        assert!(renamed("0.2.0.root", "0.3.0.root").is_err(), "files of two versions");
    }

    #[test]
    fn a_list_that_leads_elsewhere_is_refused() {
        for line in
            ["0123  short", &format!("{:064x}  ../../etc/passwd", 7), &format!("{:064x}  ", 7), "word"]
        {
            assert!(listed(line).is_err(), "{line}");
        }
    }

    #[test]
    fn a_file_is_whole_or_not() {
        let folder = tempfile::tempdir().unwrap();
        let hello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824  hello";
        let [file] = &listed(hello).unwrap()[..] else { panic!("one line") };
        assert!(!file.is_whole(folder.path()).unwrap(), "missing");
        fs::write(folder.path().join("hello"), "hell").unwrap();
        assert!(!file.is_whole(folder.path()).unwrap(), "a part");
        fs::write(folder.path().join("hello"), "hello").unwrap();
        assert!(file.is_whole(folder.path()).unwrap());
    }

    #[test]
    fn what_is_not_signed_is_not_even_read() {
        let folder = tempfile::tempdir().unwrap();
        let error = Incoming::inspect(folder.path(), "0.1.0", &State::default(), false).unwrap_err();
        assert!(error.to_string().contains("incomplète"), "{error}");
        fs::write(folder.path().join("SHA256SUMS"), "no list").unwrap();
        fs::write(folder.path().join("SHA256SUMS.gpg"), "no signature").unwrap();
        let error = Incoming::inspect(folder.path(), "0.1.0", &State::default(), false).unwrap_err();
        assert!(error.to_string().contains("signature"), "{error}");
    }
}
