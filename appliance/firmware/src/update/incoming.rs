use super::{is_newer, state::State};
use crate::run::run;
use anyhow::{Context, Result, bail, ensure};
use std::{fs, path::Path};

/// Whose signature makes an update ours; systemd-sysupdate checks with the same.
const KEYRING: &str = "/usr/lib/systemd/import-pubring.gpg";
/// The architecture in the names of the root partitions' files.
const ARCHITECTURE: &str = "x86-64";

/// The signed list of an update's files.
pub(super) const LIST: [&str; 2] = ["SHA256SUMS", "SHA256SUMS.gpg"];

/// An update that lies in a folder of the box, or is on its way there.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub version: String,
    /// The names of its files.
    pub files: Vec<String>,
}

impl Incoming {
    /// What the list says, once it is proven to be ours: whether this box wants it.
    ///
    /// # Errors
    /// French, for the administrator: what is wrong, and what to do.
    pub(crate) fn announced(folder: &Path, running: &str, state: &State, again: bool) -> Result<Self> {
        verify_signature(folder)?;
        let list = fs::read_to_string(folder.join("SHA256SUMS"))?;
        let version = version_of(&list)?;
        if state.rejected.contains_key(&version) && !again {
            bail!(
                "La version {version} a déjà été annulée sur cette boîte. \
                 Attendez la suivante, ou demandez expressément un nouvel essai."
            );
        }
        ensure!(
            is_newer(&version, running)?,
            "La version {version} n’est pas plus récente que celle qui fonctionne ({running})."
        );
        Ok(Self { version, files: names(&list).map(str::to_owned).collect() })
    }

    /// The same, and whether all its files are there and whole.
    ///
    /// # Errors
    /// As [`Self::announced`].
    pub(crate) fn inspect(folder: &Path, running: &str, state: &State, again: bool) -> Result<Self> {
        let update = Self::announced(folder, running, state, again)?;
        verify_files(folder)?;
        Ok(update)
    }
}

fn verify_signature(folder: &Path) -> Result<()> {
    let file = |name: &str| folder.join(name).display().to_string();
    let (list, signature) = (file("SHA256SUMS"), file("SHA256SUMS.gpg"));
    ensure!(
        Path::new(&list).exists() && Path::new(&signature).exists(),
        "La mise à jour est incomplète : il manque sa liste signée (SHA256SUMS, SHA256SUMS.gpg)."
    );
    run("gpgv", &["--keyring", KEYRING, &signature, &list]).map(drop).context(
        "La signature de la mise à jour n’est pas celle de l’éditeur. Rien n’a été installé ; \
         téléchargez-la de nouveau et prévenez le support si cela se répète.",
    )
}

fn verify_files(folder: &Path) -> Result<()> {
    let list = folder.join("SHA256SUMS").display().to_string();
    let checked = || {
        run(
            "env",
            &["-C", &folder.display().to_string(), "sha256sum", "--check", "--strict", "--quiet", &list],
        )
    };
    checked().map(drop).context(
        "Un fichier de la mise à jour manque ou a été altéré. Rien n’a été installé ; téléchargez-la de nouveau.",
    )
}

fn names(list: &str) -> impl Iterator<Item = &str> {
    // A name with a slash would lead out of the folder.
    list.lines().filter_map(|line| line.split_whitespace().nth(1)).filter(|name| !name.contains('/'))
}

/// The version that all files of the list have in their names.
fn version_of(list: &str) -> Result<String> {
    let kernel = names(list).find_map(|name| name.strip_prefix("tabellion_")?.strip_suffix(".efi"));
    let version =
        kernel.context("La mise à jour ne contient pas de noyau : ce n’est pas une image de Tabellion.")?;
    for part in ["root", "root-verity"] {
        let start = match part {
            "root" => format!("tabellion_{version}.root-{ARCHITECTURE}."),
            _ => format!("tabellion_{version}.root-{ARCHITECTURE}-verity."),
        };
        ensure!(
            names(list).any(|name| name.starts_with(&start)),
            "La mise à jour {version} n’est pas pour cette boîte (architecture {ARCHITECTURE})."
        );
    }
    Ok(version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "aa  tabellion_0.2.0.efi\nbb  tabellion_0.2.0.root-x86-64-verity.0123.raw\n\
                        cc  tabellion_0.2.0.root-x86-64.4567.raw\n";

    #[test]
    fn the_version_is_read_from_the_files_names() {
        assert_eq!(version_of(LIST).unwrap(), "0.2.0");
    }

    #[test]
    fn another_architecture_and_another_product_are_told() {
        let arm = version_of(&LIST.replace("x86-64", "arm64")).unwrap_err().to_string();
        assert!(arm.contains("architecture"), "{arm}");
        assert!(version_of("aa  other_1.efi\n").is_err());
        let mixed = LIST.replace("0.2.0.root", "0.3.0.root");
        assert!(version_of(&mixed).is_err(), "files of two versions");
    }

    #[test]
    fn what_is_not_signed_is_not_even_read() {
        let folder = tempfile::tempdir().unwrap();
        let error = Incoming::inspect(folder.path(), "0.1.0", &State::default(), false).unwrap_err();
        assert!(error.to_string().contains("incomplète"), "{error}");
        fs::write(folder.path().join("SHA256SUMS"), LIST).unwrap();
        fs::write(folder.path().join("SHA256SUMS.gpg"), "no signature").unwrap();
        let error = Incoming::inspect(folder.path(), "0.1.0", &State::default(), false).unwrap_err();
        assert!(error.to_string().contains("signature"), "{error}");
    }
}
