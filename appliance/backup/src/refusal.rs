use std::io;
use tabellion_store::StoreError;

/// Why a backup is not restored: French, for the administrator. Nothing of the box has changed then.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Another kind of file.
    #[error(
        "Ce fichier n’est pas une sauvegarde de Tabellion. Choisissez un fichier «\u{a0}.tabellion\u{a0}»."
    )]
    NotABackup,
    /// It is encrypted with another key.
    #[error(
        "Cette clé n’ouvre pas cette sauvegarde. Vérifiez chaque lettre et la date de la sauvegarde, puis réessayez."
    )]
    WrongKey,
    /// Cut off, altered, or not readable by SQLite.
    #[error("Cette sauvegarde est incomplète ou altérée. Utilisez-en une autre.")]
    Damaged,
    /// A later release has made it.
    #[error(
        "Cette sauvegarde vient de la version {version}, plus récente que celle de cette boîte. Mettez d’abord la boîte à jour."
    )]
    Newer {
        /// Which.
        version: String,
    },
    /// Its box had no settings.
    #[error(
        "Cette sauvegarde vient d’une boîte qui n’avait pas encore été configurée. Utilisez-en une autre."
    )]
    NeverSetUp,
    /// What was sent is not what came before.
    #[error("Ce morceau du fichier ne suit pas le précédent. Recommencez l’envoi.")]
    OutOfOrder {
        /// Bytes that are here.
        received: u64,
    },
    /// The data partition is full.
    #[error("Il n’y a pas assez de place sur la boîte pour cette sauvegarde.")]
    NoRoom,
    /// Nothing was sent, or not checked yet.
    #[error("Aucune sauvegarde n’a été vérifiée. Envoyez de nouveau le fichier, puis donnez sa clé.")]
    NotChecked,
    /// Another one is on its way.
    #[error("Une restauration attend le redémarrage de la boîte. Attendez qu’elle soit terminée.")]
    Pending,
    /// This box's fault.
    #[error("the backup cannot be read or written: {0}")]
    Io(io::Error),
    /// This box's fault.
    #[error("the restored database cannot be prepared: {0}")]
    Store(StoreError),
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoRoom,
            _ => Self::Io(error),
        }
    }
}
