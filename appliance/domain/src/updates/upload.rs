use std::fmt;

/// The largest file that is taken for an update, in bytes: a root partition has at most 1 GiB.
pub const LARGEST_UPDATE: u64 = 1_200 << 20;
/// What stays free for the data, in bytes.
const MARGIN: u64 = 256 << 20;

/// Why an update that is brought is not taken. Its words are for the administrator, in French.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UploadRefusal {
    /// Nobody says how large it is.
    Unmeasured,
    /// Larger than [`LARGEST_UPDATE`].
    TooLarge,
    /// The data partition has not so much room.
    NoRoom {
        /// What has to be free, in MiB.
        needed_mib: u64,
        /// What is, in MiB.
        free_mib: u64,
    },
}

/// Whether a file of `size` bytes may be brought to a data partition with `free` bytes.
///
/// # Errors
/// [`UploadRefusal`].
pub fn may_upload(size: Option<u64>, free: u64) -> Result<u64, UploadRefusal> {
    let size = size.ok_or(UploadRefusal::Unmeasured)?;
    if size > LARGEST_UPDATE {
        return Err(UploadRefusal::TooLarge);
    }
    if free < size + MARGIN {
        return Err(UploadRefusal::NoRoom {
            needed_mib: (size + MARGIN).div_ceil(1 << 20),
            free_mib: free >> 20,
        });
    }
    Ok(size)
}

impl fmt::Display for UploadRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unmeasured => f.write_str("Le navigateur n’a pas dit la taille du fichier. Réessayez avec un autre."),
            Self::TooLarge => f.write_str(
                "Ce fichier est trop grand pour une mise à jour. Choisissez le fichier tabellion_VERSION.update.",
            ),
            Self::NoRoom { needed_mib, free_mib } => write!(
                f,
                "Il ne reste pas assez de place sur l’espace de données\u{a0}: il faut {needed_mib}\u{a0}Mio, il en reste \
                 {free_mib}. Prévenez le support."
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_has_its_place_is_taken() {
        let mib = 1 << 20;
        assert_eq!(may_upload(Some(600 * mib), 856 * mib), Ok(600 * mib));
        let full = UploadRefusal::NoRoom { needed_mib: 856, free_mib: 855 };
        assert_eq!(may_upload(Some(600 * mib), 856 * mib - 1), Err(full));
        assert!(full.to_string().contains("il faut 856\u{a0}Mio"), "{full}");
        assert_eq!(may_upload(None, u64::MAX), Err(UploadRefusal::Unmeasured));
        assert_eq!(may_upload(Some(u64::MAX), u64::MAX), Err(UploadRefusal::TooLarge));
    }
}
