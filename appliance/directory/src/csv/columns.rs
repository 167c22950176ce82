use super::CsvRefusal;
use csv::{Reader, ReaderBuilder, StringRecord};
use tabellion_domain::{
    directory::{DirectoryEntry, Field},
    sort_key,
};

/// What stands between fields.
const DELIMITERS: [u8; 3] = [b';', b',', b'\t'];
/// Without these nobody is found.
const NEEDED: [Field; 3] = [Field::Crpcen, Field::Office, Field::Name];

/// Which column is which.
pub(super) struct Columns {
    /// By its place in a line; none for a column that is nothing of ours.
    fields: Vec<Option<Field>>,
}

/// A reader of lines, each as it is.
pub(super) fn reader(text: &str, delimiter: u8) -> Reader<&[u8]> {
    ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(text.as_bytes())
}

impl Columns {
    /// The columns, and what stands between fields: what makes the most known names of the first line.
    pub(super) fn of_the_first_line(text: &str) -> Result<(Self, u8), CsvRefusal> {
        let read = DELIMITERS.map(|delimiter| (Self::named_by(text, delimiter), delimiter));
        // Of equals the semicolon, which French spreadsheets write.
        let best = read.into_iter().rev().max_by_key(|(columns, _)| columns.known());
        let Some((columns, delimiter)) = best else { return Err(CsvRefusal::Empty) };
        let missing: Vec<_> = NEEDED.into_iter().filter(|field| columns.count(*field) == 0).collect();
        if !missing.is_empty() {
            return Err(CsvRefusal::NoColumns { missing });
        }
        match Field::ALL.into_iter().find(|field| columns.count(*field) > 1) {
            Some(twice) => Err(CsvRefusal::TwiceNamed(twice)),
            None => Ok((columns, delimiter)),
        }
    }

    fn named_by(text: &str, delimiter: u8) -> Self {
        let first = reader(text, delimiter).into_records().next();
        let names = first.and_then(Result::ok).unwrap_or_default();
        Self { fields: names.iter().map(named).collect() }
    }

    fn known(&self) -> usize {
        self.fields.iter().flatten().count()
    }

    fn count(&self, field: Field) -> usize {
        self.fields.iter().flatten().filter(|one| **one == field).count()
    }

    /// The fields that the file has no column for.
    pub(super) fn absent(&self) -> Vec<Field> {
        Field::ALL.into_iter().filter(|field| self.count(*field) == 0).collect()
    }

    /// What a line says, or why it is not taken.
    pub(super) fn entry(&self, record: &StringRecord) -> Result<DirectoryEntry, String> {
        if record.len() != self.fields.len() {
            return Err(format!(
                "{} champs au lieu de {}\u{a0}: vérifiez les séparateurs et les guillemets.",
                record.len(),
                self.fields.len()
            ));
        }
        let mut entry = DirectoryEntry::default();
        for (field, text) in self.fields.iter().zip(record) {
            if let Some(field) = field {
                entry.set(*field, text);
            }
        }
        entry.checked().map_err(|refusal| refusal.to_string())
    }
}

/// The field that a column's name is for, without regard to case, accents, spaces and punctuation.
fn named(text: &str) -> Option<Field> {
    let name: String = sort_key(text).chars().filter(char::is_ascii_alphanumeric).collect();
    Some(match name.as_str() {
        "entite" | "typedentite" | "type" => Field::Entity,
        "crpcen" | "codecrpcen" | "numerocrpcen" | "ncrpcen" => Field::Crpcen,
        "office" | "nomdeloffice" | "nomoffice" | "etude" => Field::Office,
        "nom" | "nometprenom" | "nomprenom" | "nomdelapersonne" => Field::Name,
        "codepostal" | "cp" => Field::PostalCode,
        "ville" | "commune" => Field::Town,
        "compte" | "numero" | "numerodecompte" => Field::Account,
        _ => return None,
    })
}
