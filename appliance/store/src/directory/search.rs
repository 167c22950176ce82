use super::Place;
use crate::{Store, StoreError};
use rusqlite::{OptionalExtension, Params, Transaction, params};
use tabellion_domain::{
    directory::{DirectoryEntry, DirectorySearch},
    sort_key,
};

/// An entry, and its number in the copy that it was found in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DirectoryRow {
    /// From 1, in the order of the table. Another copy numbers anew.
    pub id: i64,
    /// What is shown.
    pub entry: DirectoryEntry,
}

/// A page of what was found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DirectoryPage {
    /// The page's entries.
    pub items: Vec<DirectoryRow>,
    /// Of all pages.
    pub total: u64,
}

impl Store {
    /// A page of those who are found, sorted by name and office; `entity`: of this one alone. `page` counts from 0.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn search_directory(
        &self,
        search: DirectorySearch,
        entity: Option<String>,
        page: u32,
        page_size: u32,
    ) -> Result<DirectoryPage, StoreError> {
        self.transact(move |tx| {
            let Some(place) = Place::read(tx)? else { return Ok(DirectoryPage::default()) };
            let entity = match entity.map(|name| entity_id(tx, place, &name)).transpose()? {
                // The copy has no such entity.
                Some(None) => return Ok(DirectoryPage::default()),
                Some(known) => known,
                None => None,
            };
            let (limit, offset) = (page_size, u64::from(page) * u64::from(page_size));
            match expression(&search, entity) {
                _ if search.finds_nothing() => Ok(DirectoryPage::default()),
                Some(expression) => found(tx, place, &expression, limit, offset),
                None => everybody(tx, place, entity, limit, offset),
            }
        })
        .await
    }
}

impl Store {
    /// Everybody of an office, in the table's order: its CRPCEN is this one, but for case.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn directory_office(&self, crpcen: String) -> Result<Vec<DirectoryEntry>, StoreError> {
        self.transact(move |tx| {
            let Some(place) = Place::read(tx)? else { return Ok(Vec::new()) };
            // The index has words; what is looked for is a text as a whole.
            let phrase = format!("crpcen : \"{}\"", sort_key(&crpcen).replace('"', "\"\""));
            let condition = place.sql(
                "e.id IN (SELECT rowid FROM directory_index_@ WHERE directory_index_@ MATCH ?1) ORDER BY e.id",
            );
            let found = entries(tx, place, &condition, params![phrase])?.into_iter().map(|row| row.entry);
            Ok(found.filter(|entry| sort_key(&entry.crpcen) == sort_key(&crpcen)).collect())
        })
        .await
    }
}

fn entity_id(tx: &Transaction<'_>, place: Place, name: &str) -> rusqlite::Result<Option<i64>> {
    tx.query_row(&place.sql("SELECT id FROM directory_entities_@ WHERE name = ?1"), [name], |row| row.get(0))
        .optional()
}

/// The word that the index has for an entity.
pub(super) fn entity_word(id: i64) -> String {
    format!("e{id}")
}

/// What is matched, in FTS5's language (<https://sqlite.org/fts5.html#full_text_query_syntax>); none where nothing has to. What was
/// typed stands in strings alone, as the index has it, in which only the quotation mark means something, and is doubled.
fn expression(search: &DirectorySearch, entity: Option<i64>) -> Option<String> {
    if search.words().is_empty() {
        return None;
    }
    // Strings beside each other are all needed; one that holds no letter for the index is as if it were not there.
    let words: Vec<_> =
        search.words().iter().map(|word| format!("\"{}\"*", sort_key(word).replace('"', "\"\""))).collect();
    let typed = format!("{{crpcen office name}} : ({})", words.join(" "));
    Some(match entity {
        Some(id) => format!("entity : \"{}\" AND {typed}", entity_word(id)),
        None => typed,
    })
}

fn found(
    tx: &Transaction<'_>,
    place: Place,
    expression: &str,
    limit: u32,
    offset: u64,
) -> Result<DirectoryPage, StoreError> {
    let count = place.sql("SELECT count(*) FROM directory_index_@ WHERE directory_index_@ MATCH ?1");
    let total = tx.query_row(&count, [expression], |row| row.get(0))?;
    let page = place.sql(
        "e.id IN (SELECT rowid FROM directory_index_@ WHERE directory_index_@ MATCH ?1 \
         ORDER BY rowid LIMIT ?2 OFFSET ?3) ORDER BY e.id",
    );
    Ok(DirectoryPage { items: entries(tx, place, &page, params![expression, limit, offset])?, total })
}

fn everybody(
    tx: &Transaction<'_>,
    place: Place,
    entity: Option<i64>,
    limit: u32,
    offset: u64,
) -> Result<DirectoryPage, StoreError> {
    let Some(entity) = entity else {
        let total = tx.query_row("SELECT entries FROM directory", [], |row| row.get(0))?;
        // Numbers have no gaps.
        let items = entries(tx, place, "e.id > ?2 ORDER BY e.id LIMIT ?1", params![limit, offset])?;
        return Ok(DirectoryPage { items, total });
    };
    let count = place.sql("SELECT count(*) FROM directory_entries_@ WHERE entity = ?1");
    let total = tx.query_row(&count, [entity], |row| row.get(0))?;
    let page = place.sql(
        "e.id IN (SELECT id FROM directory_entries_@ WHERE entity = ?1 ORDER BY id LIMIT ?2 OFFSET ?3) ORDER BY e.id",
    );
    Ok(DirectoryPage { items: entries(tx, place, &page, params![entity, limit, offset])?, total })
}

/// The entries that a condition chooses.
pub(super) fn entries(
    tx: &Transaction<'_>,
    place: Place,
    condition: &str,
    parameters: impl Params,
) -> Result<Vec<DirectoryRow>, StoreError> {
    let select = place.sql(
        "SELECT e.id, e.key, n.name, e.crpcen, e.office, e.name, e.postal_code, e.town, e.account \
         FROM directory_entries_@ AS e JOIN directory_entities_@ AS n ON n.id = e.entity WHERE ",
    );
    let mut statement = tx.prepare(&format!("{select}{condition}"))?;
    let rows = statement.query_map(parameters, |row| {
        let entry = DirectoryEntry {
            key: row.get(1)?,
            entity: row.get(2)?,
            crpcen: row.get(3)?,
            office: row.get(4)?,
            name: row.get(5)?,
            postal_code: row.get(6)?,
            town: row.get(7)?,
            account: row.get(8)?,
        };
        Ok(DirectoryRow { id: row.get(0)?, entry })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
