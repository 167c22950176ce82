use anyhow::{Result, bail};
use std::{fmt, path::Path};

/// How the data partition is protected. Chosen when it is made, and readable from it ever after.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    /// LUKS2, unlocked by this machine's TPM 2.0 for firmware of ours only.
    Tpm2,
    /// LUKS2, unlocked by a key file on the ESP: protects a disk whose ESP has been wiped, nothing more.
    KeyFile,
    /// Not encrypted.
    None,
}

impl Mode {
    /// The word in the installation's choice, and the folder of the partition's definition.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Tpm2 => "tpm2",
            Self::KeyFile => "key-file",
            Self::None => "none",
        }
    }

    /// What a new box gets: the TPM where there is one, otherwise what the installation chose (a key file, if
    /// nothing).
    ///
    /// # Errors
    /// The choice is no mode of ours, or asks for a TPM that is not there.
    pub(crate) fn choose(tpm: bool, choice: Option<&str>) -> Result<Self> {
        match choice.map(str::trim) {
            None | Some("") => Ok(if tpm { Self::Tpm2 } else { Self::KeyFile }),
            Some("tpm2") if tpm => Ok(Self::Tpm2),
            Some("tpm2") => bail!("the installation asks for a TPM 2.0, and this machine shows none"),
            Some("key-file") => Ok(Self::KeyFile),
            Some("none") => Ok(Self::None),
            Some(other) => bail!("storage “{other}” is unknown: use tpm2, key-file or none"),
        }
    }

    /// How an existing partition is protected.
    pub(crate) fn of(filesystem: &str, key_file: &Path) -> Result<Self> {
        match filesystem {
            "crypto_LUKS" if key_file.exists() => Ok(Self::KeyFile),
            "crypto_LUKS" => Ok(Self::Tpm2),
            "ext4" => Ok(Self::None),
            other => bail!("the data partition holds “{other}”, which no version of this firmware has made"),
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tpm_is_used_where_there_is_one_and_nothing_is_weakened_silently() {
        assert_eq!(Mode::choose(true, None).unwrap(), Mode::Tpm2);
        assert_eq!(Mode::choose(false, None).unwrap(), Mode::KeyFile);
        assert_eq!(Mode::choose(true, Some("none\n")).unwrap(), Mode::None);
        assert!(Mode::choose(false, Some("tpm2")).is_err());
        assert!(Mode::choose(false, Some("rot13")).unwrap_err().to_string().contains("rot13"));
    }

    #[test]
    fn an_existing_partition_says_how_it_is_protected() {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("var.key");
        assert_eq!(Mode::of("crypto_LUKS", &key).unwrap(), Mode::Tpm2);
        std::fs::write(&key, "k").unwrap();
        assert_eq!(Mode::of("crypto_LUKS", &key).unwrap(), Mode::KeyFile);
        assert_eq!(Mode::of("ext4", &key).unwrap(), Mode::None);
        assert!(Mode::of("ntfs", &key).is_err());
    }
}
