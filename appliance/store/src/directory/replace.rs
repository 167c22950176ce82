use super::{Place, search::entity_word};
use crate::{Store, StoreError, Topic, audit, convert};
use rusqlite::{Transaction, params};
use std::{collections::BTreeMap, sync::Arc};
use tabellion_domain::{
    AuditEvent, UserId,
    directory::{DirectoryEntry, DirectoryOrigin},
    sort_key,
};
use time::OffsetDateTime;

/// Entries that are written in one go. Others wait for so long: some 20 ms, and 100 where the index merges its parts.
const WRITTEN_AT_ONCE: usize = 1_000;
/// Numbers of entries that are taken away in one go.
const CLEARED_AT_ONCE: i64 = 5_000;

/// A copy of the directory that takes the place of the former one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewDirectory {
    /// All of them, in any order.
    pub entries: Vec<DirectoryEntry>,
    /// Where they come from.
    pub origin: DirectoryOrigin,
    /// What their source goes on from when it is asked again.
    pub mark: Option<String>,
    /// How many others were refused: for the journal.
    pub refused: u64,
    /// Who has given them; none for the box itself.
    pub by: Option<UserId>,
}

/// What is put into a place: entries in order, with their entities by number.
struct Sorted {
    entities: Vec<String>,
    entries: Vec<(i64, DirectoryEntry)>,
}

impl Store {
    /// Puts a copy in the place of the former one. Whoever searches finds the former one until all of the new one is there; an error, or
    /// a power cut, leaves the former one. Other work of the store goes on meanwhile.
    ///
    /// # Errors
    /// [`StoreError`], also [`StoreError::DirectoryOvertaken`] where somebody else has begun to put another copy there.
    pub async fn replace_directory(&self, new: NewDirectory, at: OffsetDateTime) -> Result<(), StoreError> {
        let NewDirectory { entries, origin, mark, refused, by } = new;
        let sorted = tokio::task::spawn_blocking(move || sorted(entries)).await;
        let sorted = Arc::new(sorted.map_err(|_| StoreError::Closed)?);
        let (turn, place) = self.transact(begin).await?;
        self.clear_directory(place, turn).await?;
        let all = sorted.clone();
        self.transact(move |tx| name_entities(tx, place, turn, &all.entities)).await?;
        for from in (0..sorted.entries.len()).step_by(WRITTEN_AT_ONCE) {
            let all = sorted.clone();
            self.transact(move |tx| write(tx, place, turn, &all.entries, from)).await?;
        }
        let entries = sorted.entries.len() as u64;
        let event =
            AuditEvent::DirectoryReplaced { user: by, origin: origin.word().to_owned(), entries, refused };
        self.transact(move |tx| {
            still(tx, turn)?;
            tx.execute(
                "UPDATE directory SET place = ?1, origin = ?2, copied_at = ?3, entries = ?4, mark = ?5, \
                 trouble = NULL, trouble_at = NULL",
                params![place.0, origin.word(), convert::micros(at), entries, mark],
            )?;
            audit::append(tx, &event, at)
        })
        .await?;
        self.tell(Topic::Directory);
        // The former copy, which nobody reads any more. The new one is in place whatever becomes of that, and the next one clears
        // its place again.
        let _ = self.clear_directory(place.other(), turn).await;
        Ok(())
    }

    async fn clear_directory(&self, place: Place, turn: i64) -> Result<(), StoreError> {
        while self.transact(move |tx| clear_some(tx, place, turn)).await? {}
        Ok(())
    }
}

/// Sorts, which numbers the entries, off the threads that others need.
fn sorted(mut entries: Vec<DirectoryEntry>) -> Sorted {
    entries.sort_by_cached_key(DirectoryEntry::sort_key);
    let mut named: BTreeMap<(String, String), i64> = BTreeMap::new();
    for entry in &entries {
        named.entry((sort_key(&entry.entity), entry.entity.clone())).or_default();
    }
    for (number, id) in named.values_mut().zip(1..) {
        *number = id;
    }
    let numbers: BTreeMap<&str, i64> = named.iter().map(|((_, name), id)| (name.as_str(), *id)).collect();
    let entries = entries.into_iter().map(|entry| (numbers[entry.entity.as_str()], entry)).collect();
    Sorted { entities: named.into_keys().map(|(_, name)| name).collect(), entries }
}

/// Whose turn it is from now on, and the place to be filled.
fn begin(tx: &Transaction<'_>) -> Result<(i64, Place), StoreError> {
    tx.execute("UPDATE directory SET begun = begun + 1", [])?;
    let turn = tx.query_row("SELECT begun FROM directory", [], |row| row.get(0))?;
    Ok((turn, Place::read(tx)?.map_or(Place(0), Place::other)))
}

fn still(tx: &Transaction<'_>, turn: i64) -> Result<(), StoreError> {
    let begun: i64 = tx.query_row("SELECT begun FROM directory", [], |row| row.get(0))?;
    if begun == turn { Ok(()) } else { Err(StoreError::DirectoryOvertaken) }
}

/// Takes away some of what a place holds; whether there may be more.
fn clear_some(tx: &Transaction<'_>, place: Place, turn: i64) -> Result<bool, StoreError> {
    still(tx, turn)?;
    let last: Option<i64> =
        tx.query_row(&place.sql("SELECT max(id) FROM directory_entries_@"), [], |row| row.get(0))?;
    let Some(last) = last else {
        tx.execute_batch(&place.sql(
            "DELETE FROM directory_entities_@; INSERT INTO directory_index_@ (directory_index_@) VALUES ('delete-all');",
        ))?;
        return Ok(false);
    };
    tx.execute(&place.sql("DELETE FROM directory_entries_@ WHERE id > ?1"), [last - CLEARED_AT_ONCE])?;
    Ok(true)
}

fn name_entities(tx: &Transaction<'_>, place: Place, turn: i64, names: &[String]) -> Result<(), StoreError> {
    still(tx, turn)?;
    let mut insert = tx.prepare(&place.sql("INSERT INTO directory_entities_@ (id, name) VALUES (?1, ?2)"))?;
    for (name, id) in names.iter().zip(1_i64..) {
        insert.execute(params![id, name])?;
    }
    Ok(())
}

fn write(
    tx: &Transaction<'_>,
    place: Place,
    turn: i64,
    all: &[(i64, DirectoryEntry)],
    from: usize,
) -> Result<(), StoreError> {
    still(tx, turn)?;
    let mut entry_row = tx.prepare(&place.sql(
        "INSERT INTO directory_entries_@ (id, entity, crpcen, office, name, postal_code, town, account, key) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    ))?;
    let mut index_row = tx.prepare(&place.sql(
        "INSERT INTO directory_index_@ (rowid, entity, crpcen, office, name) VALUES (?1, ?2, ?3, ?4, ?5)",
    ))?;
    let first = i64::try_from(from).unwrap_or(i64::MAX).saturating_add(1);
    for ((entity, entry), id) in all.iter().skip(from).take(WRITTEN_AT_ONCE).zip(first..) {
        let DirectoryEntry { key, crpcen, office, name, postal_code, town, account, entity: _ } = entry;
        entry_row.execute(params![id, entity, crpcen, office, name, postal_code, town, account, key])?;
        // FTS5's tokenizer leaves accents and case out, and keeps ligatures, which no French keyboard has («Sœur» is typed «soeur»).
        let words = [crpcen, office, name].map(|text| sort_key(text));
        index_row.execute(params![id, entity_word(*entity), words[0], words[1], words[2]])?;
    }
    Ok(())
}
