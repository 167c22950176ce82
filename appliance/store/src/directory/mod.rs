//! The directory of notaries (DIR-01, DIR-02): searched, and replaced as a whole.

mod replace;
mod search;
mod state;

pub use replace::NewDirectory;
pub use search::{DirectoryPage, DirectoryRow};
pub use state::{DirectoryCopy, DirectoryState, DirectoryTrouble};

use rusqlite::Transaction;

/// One of the two places that copies are kept in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Place(i64);

impl Place {
    /// The one that is read; none before the first copy.
    fn read(tx: &Transaction<'_>) -> rusqlite::Result<Option<Self>> {
        let place: Option<i64> = tx.query_row("SELECT place FROM directory", [], |row| row.get(0))?;
        Ok(place.map(Self))
    }

    fn other(self) -> Self {
        Self(1 - self.0)
    }

    /// A statement about one of the places, written for «@».
    fn sql(self, statement: &str) -> String {
        statement.replace('@', &self.0.to_string())
    }
}
