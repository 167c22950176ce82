use super::{LARGEST, MOST_ENTRIES};
use tabellion_domain::directory::Field;

/// A line that is not taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RefusedLine {
    /// From 1, as an editor counts them.
    pub line: u64,
    /// Why, in French.
    pub reason: String,
}

/// Why nothing of a file is taken; for the administrator, in French. The file is at fault: another one has to be sent.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CsvRefusal {
    /// More bytes than are read.
    #[error(
        "Ce fichier dépasse {} Mio. Retirez les colonnes qui ne servent pas à l’annuaire, puis réessayez.",
        LARGEST / (1024 * 1024)
    )]
    TooLarge,
    /// More entries than are kept.
    #[error(
        "Ce fichier compte plus de {MOST_ENTRIES} lignes. Ne gardez que l’annuaire des notaires, puis réessayez."
    )]
    TooMany,
    /// Nothing in it.
    #[error("Ce fichier est vide. Choisissez un fichier CSV dont la première ligne nomme les colonnes.")]
    Empty,
    /// A spreadsheet's own format, a picture …
    #[error(
        "Ce fichier n’est pas un fichier CSV. Dans le tableur, choisissez «\u{a0}Enregistrer sous\u{a0}» puis \
         «\u{a0}CSV UTF-8\u{a0}», et réessayez."
    )]
    NoText,
    /// The first line does not name what entries are found by.
    #[error(
        "La première ligne ne nomme pas les colonnes nécessaires\u{a0}: il manque {}. Ajoutez-les, puis réessayez.",
        named(.missing)
    )]
    NoColumns {
        /// Which.
        missing: Vec<Field>,
    },
    /// Two columns of one name.
    #[error(
        "La première ligne nomme deux fois la colonne «\u{a0}{0}\u{a0}». N’en gardez qu’une, puis réessayez."
    )]
    TwiceNamed(Field),
    /// A field goes on over many lines.
    #[error(
        "À la ligne {line}, un guillemet ouvert n’est pas refermé\u{a0}: la suite du fichier n’est pas lisible. \
         Corrigez cette ligne, puis réessayez."
    )]
    NeverClosed {
        /// Where it begins.
        line: u64,
    },
    /// Each line is wrong, or there is none.
    #[error("Aucune ligne de ce fichier ne peut être reprise. L’annuaire reste tel qu’il était.")]
    NoGoodLine {
        /// The first hundred.
        refused: Vec<RefusedLine>,
        /// How many there are.
        count: u64,
    },
}

fn named(fields: &[Field]) -> String {
    let names: Vec<_> = fields.iter().map(|field| format!("«\u{a0}{field}\u{a0}»")).collect();
    names.join(", ")
}
