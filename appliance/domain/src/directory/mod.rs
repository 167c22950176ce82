//! The directory of notaries («annuaire ADSN», DIR-01, DIR-02): what an entry is, whoever it comes from, and what is searched for.
//! The directory itself decides what a CRPCEN looks like: nothing but the form of a text is judged here.

mod entry;
mod origin;
mod search;

pub use entry::{DirectoryEntry, EntryRefusal, Field};
pub use origin::DirectoryOrigin;
pub use search::{DirectorySearch, SearchRefusal};
