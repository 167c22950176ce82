//! Copies of the directory as CSV files (RFC 4180, and what spreadsheets make of it): UTF-8 or Windows-1252, with `;`, `,` or
//! tabulators between the fields, and a first line that names the columns, in any order and case.

mod columns;
mod refusal;
mod text;

pub use refusal::{CsvRefusal, RefusedLine};

use columns::Columns;
use tabellion_domain::directory::{DirectoryEntry, Field};

/// Bytes of a file at most: 100,000 entries take some 12 MiB.
pub const LARGEST: usize = 32 * 1024 * 1024;
/// Entries of a copy at most: there are some 17,000 notaries, and as many who work for them.
pub const MOST_ENTRIES: usize = 250_000;
/// Refused lines that are told one by one.
const TOLD: usize = 100;
/// Line breaks within one line's fields at most. A quotation mark that is never closed takes all lines after it into its field, and a
/// copy without them would pass for a whole one.
const MOST_BREAKS: u64 = 10;

/// What a file holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CsvCopy {
    /// What can be taken; at least one entry.
    pub entries: Vec<DirectoryEntry>,
    /// The first hundred lines that cannot.
    pub refused: Vec<RefusedLine>,
    /// How many cannot.
    pub refused_count: u64,
    /// Columns that the file does not have: their fields are empty.
    pub absent: Vec<Field>,
}

/// Reads a file. Lines that are wrong are told, and left out.
///
/// # Errors
/// [`CsvRefusal`]: nothing of the file can be taken.
pub fn read(bytes: &[u8]) -> Result<CsvCopy, CsvRefusal> {
    if bytes.len() > LARGEST {
        return Err(CsvRefusal::TooLarge);
    }
    let text = text::decoded(bytes)?;
    let (columns, delimiter) = Columns::of_the_first_line(&text)?;
    let mut copy = CsvCopy { absent: columns.absent(), ..CsvCopy::default() };
    let mut reader = columns::reader(&text, delimiter);
    let mut record = csv::StringRecord::new();
    // The first one has the columns' names.
    let mut lines = 0_u64;
    // The text is valid, so that no error is left to be told.
    while reader.read_record(&mut record).unwrap_or(false) {
        let line = record.position().map_or(0, |position| line_of(&text, position));
        if reader.position().line() > line + MOST_BREAKS {
            return Err(CsvRefusal::NeverClosed { line });
        }
        lines += 1;
        if lines > 1 && !record.iter().all(|field| field.trim().is_empty()) {
            take(&mut copy, &columns, &record, line);
        }
        if copy.entries.len() > MOST_ENTRIES {
            return Err(CsvRefusal::TooMany);
        }
    }
    if copy.entries.is_empty() {
        return Err(CsvRefusal::NoGoodLine { refused: copy.refused, count: copy.refused_count });
    }
    Ok(copy)
}

/// The line that a record begins in, as an editor counts. The reader puts it before the empty lines that it has passed over.
fn line_of(text: &str, position: &csv::Position) -> u64 {
    let rest = usize::try_from(position.byte()).ok().and_then(|from| text.as_bytes().get(from..));
    let ends = rest.unwrap_or_default().iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    position.line() + ends.filter(|byte| **byte == b'\n').count() as u64
}

fn take(copy: &mut CsvCopy, columns: &Columns, record: &csv::StringRecord, line: u64) {
    match columns.entry(record) {
        Ok(entry) => copy.entries.push(entry),
        Err(reason) => {
            copy.refused_count += 1;
            if copy.refused.len() < TOLD {
                copy.refused.push(RefusedLine { line, reason });
            }
        }
    }
}

#[cfg(test)]
mod tests;
