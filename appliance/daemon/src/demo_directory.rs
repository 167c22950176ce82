//! The demonstration's directory: offices and people that do not exist.

use anyhow::{Context, Result};
use tabellion_domain::{Clock, directory::DirectoryOrigin};
use tabellion_store::{NewDirectory, Store};

/// CRPCEN begin with 99, a département that there is none of; so do the numbers.
const CSV: &str = include_str!("demo_directory.csv");

/// Gives the demonstration a directory, where it has none.
pub(crate) async fn seed(store: &Store, clock: &dyn Clock) -> Result<()> {
    if store.directory_state().await?.copy.is_some() {
        return Ok(());
    }
    let copy = tabellion_directory::csv::read(CSV.as_bytes()).context("the demonstration's directory")?;
    let origin = DirectoryOrigin::Demonstration;
    let new =
        NewDirectory { entries: copy.entries, origin, mark: None, refused: copy.refused_count, by: None };
    Ok(store.replace_directory(new, clock.now()).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tabellion_domain::testing::FakeClock;

    #[tokio::test]
    async fn the_demonstration_has_dozens_of_offices_and_keeps_what_was_imported_instead() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("tabellion.db")).unwrap();
        seed(&store, &FakeClock::default()).await.unwrap();
        let state = store.directory_state().await.unwrap();
        assert!(state.copy.unwrap().entries > 60);
        assert_eq!(state.entities.len(), 4, "{:?}", state.entities);
        let copy = tabellion_directory::csv::read(CSV.as_bytes()).unwrap();
        assert_eq!((copy.refused_count, copy.absent.len()), (0, 0));
        let one = NewDirectory {
            entries: copy.entries[..1].to_vec(),
            origin: DirectoryOrigin::File,
            mark: None,
            refused: 0,
            by: None,
        };
        store.replace_directory(one, FakeClock::default().now()).await.unwrap();
        seed(&store, &FakeClock::default()).await.unwrap();
        assert_eq!(store.directory_state().await.unwrap().copy.unwrap().entries, 1);
    }
}
