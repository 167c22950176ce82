use super::Place;
use crate::{Store, StoreError, Topic, convert};
use rusqlite::{Transaction, params};
use tabellion_domain::directory::{DirectoryEntry, DirectoryOrigin};
use time::OffsetDateTime;

/// Entries that are read in one go for whoever compares them: other work of the store goes on in between.
const READ_AT_ONCE: u32 = 5_000;

/// The copy of the directory that is read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DirectoryCopy {
    /// Where it comes from.
    pub origin: DirectoryOrigin,
    /// When it was taken from there, or was last found to be as it is there.
    pub at: OffsetDateTime,
    /// How many entries it has.
    pub entries: u64,
    /// What its source goes on from when it is asked again.
    pub mark: Option<String>,
}

/// A look at the source that gave no copy: the former one is read on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DirectoryTrouble {
    /// Why, and what to do, in French.
    pub text: String,
    /// When.
    pub at: OffsetDateTime,
}

/// How it stands with the directory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DirectoryState {
    /// None before the first copy.
    pub copy: Option<DirectoryCopy>,
    /// The last look at the source, where it failed.
    pub trouble: Option<DirectoryTrouble>,
    /// All entities of the copy, sorted.
    pub entities: Vec<String>,
}

impl Store {
    /// How it stands with the directory.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn directory_state(&self) -> Result<DirectoryState, StoreError> {
        self.transact(|tx| {
            let (copy, trouble) = copy_and_trouble(tx)?;
            let entities = match Place::read(tx)? {
                None => Vec::new(),
                Some(place) => {
                    let mut named = tx.prepare(
                        &place.sql("SELECT name FROM directory_entities_@ WHERE name != '' ORDER BY id"),
                    )?;
                    named.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?
                }
            };
            Ok(DirectoryState { copy, trouble, entities })
        })
        .await
    }

    /// Notes that the source could not be copied: the former copy stays.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn note_directory_trouble(&self, text: String, at: OffsetDateTime) -> Result<(), StoreError> {
        self.transact(move |tx| {
            tx.execute(
                "UPDATE directory SET trouble = ?1, trouble_at = ?2",
                params![text, convert::micros(at)],
            )?;
            Ok(())
        })
        .await?;
        self.tell(Topic::Directory);
        Ok(())
    }

    /// Notes that the copy of the LDAP server is as the server is now, and what the next look goes on from. A copy that somebody has given
    /// meanwhile is left alone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn note_directory_unchanged(&self, mark: String, at: OffsetDateTime) -> Result<(), StoreError> {
        self.transact(move |tx| {
            tx.execute(
                "UPDATE directory SET mark = ?1, copied_at = ?2, trouble = NULL, trouble_at = NULL WHERE origin = ?3",
                params![mark, convert::micros(at), DirectoryOrigin::Ldap.word()],
            )?;
            Ok(())
        })
        .await?;
        self.tell(Topic::Directory);
        Ok(())
    }

    /// Forgets that the source could not be copied: it is none any more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget_directory_trouble(&self) -> Result<(), StoreError> {
        self.transact(|tx| {
            tx.execute("UPDATE directory SET trouble = NULL, trouble_at = NULL", [])?;
            Ok(())
        })
        .await?;
        self.tell(Topic::Directory);
        Ok(())
    }

    /// The whole copy, in order, for whoever compares it with its source, and what is known of it. A copy that another one takes the
    /// place of meanwhile is not read to its end: none then, and before the first copy.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn directory_entries(
        &self,
    ) -> Result<Option<(DirectoryCopy, Vec<DirectoryEntry>)>, StoreError> {
        let read = self.transact(|tx| Ok(Place::read(tx)?.zip(copy_and_trouble(tx)?.0))).await?;
        let Some((of, copy)) = read else { return Ok(None) };
        let mut entries = Vec::new();
        loop {
            let after = i64::try_from(entries.len()).unwrap_or(i64::MAX);
            let next = self.transact(move |tx| {
                if Place::read(tx)? != Some(of) {
                    return Ok(None);
                }
                Ok(Some(super::search::entries(
                    tx,
                    of,
                    "e.id > ?1 ORDER BY e.id LIMIT ?2",
                    params![after, READ_AT_ONCE],
                )?))
            });
            match next.await? {
                None => return Ok(None),
                Some(rows) if rows.is_empty() => return Ok(Some((copy, entries))),
                Some(rows) => entries.extend(rows.into_iter().map(|row| row.entry)),
            }
        }
    }
}

fn copy_and_trouble(
    tx: &Transaction<'_>,
) -> Result<(Option<DirectoryCopy>, Option<DirectoryTrouble>), StoreError> {
    type Raw = (Option<String>, Option<i64>, u64, Option<String>, Option<String>, Option<i64>);
    let (origin, at, entries, mark, trouble, trouble_at): Raw = tx.query_row(
        "SELECT origin, copied_at, entries, mark, trouble, trouble_at FROM directory",
        [],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?)),
    )?;
    let copy = match (origin, at) {
        (Some(word), Some(at)) => {
            let origin = DirectoryOrigin::from_word(&word)
                .ok_or_else(|| convert::unreadable("a directory's origin", &word))?;
            Some(DirectoryCopy { origin, at: convert::time(at)?, entries, mark })
        }
        _ => None,
    };
    let trouble = match (trouble, trouble_at) {
        (Some(text), Some(at)) => Some(DirectoryTrouble { text, at: convert::time(at)? }),
        _ => None,
    };
    Ok((copy, trouble))
}
