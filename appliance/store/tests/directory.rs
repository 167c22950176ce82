//! The directory of notaries: what is found in it, and what becomes of it when another copy takes its place.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::{path::Path, sync::Arc};
use tabellion_domain::{
    AuditEvent,
    directory::{DirectoryEntry, DirectoryOrigin, DirectorySearch, Field},
};
use tabellion_store::{DirectoryPage, NewDirectory, Store, StoreError};
use time::{OffsetDateTime, macros::datetime};

const NINE: OffsetDateTime = datetime!(2026-11-23 9:00 UTC);
const TEN: OffsetDateTime = datetime!(2026-11-23 10:00 UTC);

fn open(folder: &Path) -> Store {
    Store::open(&folder.join("tabellion.db")).unwrap()
}

fn entry(entity: &str, crpcen: &str, office: &str, name: &str) -> DirectoryEntry {
    let mut entry = DirectoryEntry { key: format!("key of {name}"), ..DirectoryEntry::default() };
    for (field, text) in
        [(Field::Entity, entity), (Field::Crpcen, crpcen), (Field::Office, office), (Field::Name, name)]
    {
        entry.set(field, text);
    }
    entry.set(Field::Town, "Saint-Étienne");
    entry
}

fn copy(entries: Vec<DirectoryEntry>) -> NewDirectory {
    NewDirectory { entries, origin: DirectoryOrigin::File, mark: None, refused: 2, by: None }
}

fn people() -> Vec<DirectoryEntry> {
    vec![
        entry("Notaire", "75001", "Étude du Châtelet", "DUPONT Marie"),
        entry("Notaire salarié", "75001", "Étude du Châtelet", "Dupond Éric"),
        entry("Notaire", "01002", "SCP d’Ormesson & Associés", "LEFÈVRE-DURAND Zoé"),
        entry("Chambre", "", "Chambre des notaires", ""),
    ]
}

/// A store with these people.
async fn with(folder: &Path, people: Vec<DirectoryEntry>) -> Store {
    let store = open(folder);
    store.replace_directory(copy(people), NINE).await.unwrap();
    store
}

async fn page(store: &Store, typed: &str, entity: Option<&str>, page: u32, size: u32) -> DirectoryPage {
    let search = DirectorySearch::new(typed).unwrap();
    store.search_directory(search, entity.map(str::to_owned), page, size).await.unwrap()
}

/// The names of those who are found.
async fn found(store: &Store, typed: &str) -> Vec<String> {
    names(&page(store, typed, None, 0, 20).await)
}

fn names(page: &DirectoryPage) -> Vec<String> {
    page.items.iter().map(|row| row.entry.name.clone()).collect()
}

#[tokio::test]
async fn ligatures_are_found_as_they_are_typed() {
    let folder = tempfile::tempdir().unwrap();
    let people = vec![entry("Notaire", "1", "Étude", "SŒUR Lætitia")];
    let store = with(folder.path(), people).await;
    for typed in ["soeur", "SŒUR", "laetitia", "lætitia soeur"] {
        assert_eq!(found(&store, typed).await, ["SŒUR Lætitia"], "{typed}");
    }
}

#[tokio::test]
async fn words_are_found_by_their_beginnings_without_regard_to_case_and_accents() {
    let folder = tempfile::tempdir().unwrap();
    let store = with(folder.path(), people()).await;
    for (typed, names) in [
        ("dup", &["Dupond Éric", "DUPONT Marie"][..]),
        ("DUPONT", &["DUPONT Marie"]),
        ("etude", &["Dupond Éric", "DUPONT Marie"]),
        ("ÉTUDE chatelet marie", &["DUPONT Marie"]),
        ("eric", &["Dupond Éric"]),
        ("E\u{301}ric", &["Dupond Éric"]),
        ("lefevre", &["LEFÈVRE-DURAND Zoé"]),
        ("lefèvre-dur", &["LEFÈVRE-DURAND Zoé"]),
        ("durand", &["LEFÈVRE-DURAND Zoé"]),
        ("d'orm", &["LEFÈVRE-DURAND Zoé"]),
        ("D’Ormesson", &["LEFÈVRE-DURAND Zoé"]),
        ("ormesson", &["LEFÈVRE-DURAND Zoé"]),
        ("0100", &["LEFÈVRE-DURAND Zoé"]),
        ("& zoé", &["LEFÈVRE-DURAND Zoé"]),
        ("chambre", &[""]),
        ("dupont eric", &[]),
        ("upont", &[]),
        ("saint", &[]),
        ("notaire salarié", &[]),
    ] {
        assert_eq!(found(&store, typed).await, names, "{typed}");
    }
    assert_eq!(found(&store, "").await.len(), 4);
}

#[tokio::test]
async fn nothing_that_is_typed_is_a_command_to_the_index() {
    let folder = tempfile::tempdir().unwrap();
    let store = with(folder.path(), people()).await;
    for typed in [
        "a* OR b:\"",
        "\"",
        "\"\"",
        "dup*",
        "NOT marie",
        "marie OR eric",
        "NEAR(dupont marie)",
        "name:dupont",
        "^dupont",
        "-dupont",
        "{name} : dupont",
        "entity:e1",
        "e1",
        "(",
        ")",
        "dup\0ont",
        "*",
        "+",
        "dupont + marie",
        "\u{301}",
        "🏛",
        "€",
        "ª",
        "'; DROP TABLE directory; --",
    ] {
        let rows = found(&store, typed).await;
        let commanded = typed.contains("OR") || typed.contains("NOT") || typed.contains("e1");
        assert!(!commanded || rows.is_empty(), "{typed}: {rows:?}");
    }
    assert_eq!(found(&store, "dup*").await.len(), 2, "a sign beside a word is none of it");
    assert!(found(&store, " – ").await.is_empty(), "punctuation finds nobody, not everybody");
    assert!(found(&store, "🏛").await.is_empty());
}

#[tokio::test]
async fn an_entity_narrows_and_pages_follow_each_other_in_one_order() {
    let folder = tempfile::tempdir().unwrap();
    let mut many: Vec<_> = (0..50).map(|n| entry("Notaire", "1", "Étude", &format!("N{n:02}"))).collect();
    many.reverse();
    many.extend(people());
    let store = with(folder.path(), many).await;
    let state = store.directory_state().await.unwrap();
    assert_eq!(state.entities, ["Chambre", "Notaire", "Notaire salarié"]);
    assert_eq!(page(&store, "etude", Some("Notaire salarié"), 0, 20).await.total, 1);
    assert_eq!(page(&store, "", Some("Notaire"), 0, 20).await.total, 52);
    assert_eq!(page(&store, "dup", Some("Chambre"), 0, 20).await, DirectoryPage::default());
    assert_eq!(page(&store, "", Some("Avocat"), 0, 20).await, DirectoryPage::default());
    for (typed, entity) in [("n", Some("Notaire")), ("n", None), ("", Some("Notaire")), ("", None)] {
        let mut all = Vec::new();
        for number in 0..6 {
            all.extend(names(&page(&store, typed, entity, number, 10).await));
        }
        let total = page(&store, typed, entity, 0, 1).await.total;
        assert_eq!(all.len() as u64, total, "{typed} {entity:?}");
        let keys: Vec<_> = all.iter().map(|name| tabellion_domain::sort_key(name)).collect();
        assert!(keys.is_sorted(), "{all:?}");
    }
    assert_eq!(page(&store, "n", None, 4_000_000_000, 20).await.items, []);
}

#[tokio::test]
async fn a_copy_is_there_after_reopening_with_its_origin_and_age() {
    let folder = tempfile::tempdir().unwrap();
    drop(with(folder.path(), people()).await);
    let store = open(folder.path());
    assert_eq!(found(&store, "marie").await, ["DUPONT Marie"]);
    let copy = store.directory_state().await.unwrap().copy.unwrap();
    assert_eq!((copy.origin, copy.at, copy.entries), (DirectoryOrigin::File, NINE, 4));
    let journal = store.audit_journal().await.unwrap();
    let event: AuditEvent = serde_json::from_str(&journal.last().unwrap().event).unwrap();
    let expected =
        AuditEvent::DirectoryReplaced { user: None, origin: "file".into(), entries: 4, refused: 2 };
    assert_eq!(event, expected);
}

#[tokio::test]
async fn another_copy_takes_the_place_of_the_former_one_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let store = with(folder.path(), people()).await;
    for round in 0..3 {
        let next = copy(vec![entry("Notaire", "2", "Étude", &format!("Nouveau {round}"))]);
        store.replace_directory(next, TEN).await.unwrap();
        assert_eq!(found(&store, "").await, [format!("Nouveau {round}")]);
        assert!(found(&store, "dup").await.is_empty());
        assert_eq!(found(&store, "nouveau").await.len(), 1);
    }
    assert_eq!(store.directory_state().await.unwrap().entities, ["Notaire"]);
    let raw = rusqlite::Connection::open(folder.path().join("tabellion.db")).unwrap();
    let sum =
        "SELECT (SELECT count(*) FROM directory_entries_0) + (SELECT count(*) FROM directory_entries_1)";
    let kept: i64 = raw.query_row(sum, [], |row| row.get(0)).unwrap();
    assert_eq!(kept, 1, "nothing of a former copy stays");
}

#[tokio::test]
async fn whoever_searches_meanwhile_finds_one_copy_or_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let of =
        |word: &str| (0..4_000).map(|n| entry("Notaire", "1", "Étude", &format!("{word} {n}"))).collect();
    let store = with(folder.path(), of("Ancien")).await;
    let replacing = tokio::spawn({
        let (store, next) = (store.clone(), copy(of("Nouveau")));
        async move { store.replace_directory(next, TEN).await }
    });
    let raw = rusqlite::Connection::open(folder.path().join("tabellion.db")).unwrap();
    let begun = || raw.query_row("SELECT begun FROM directory", [], |row| row.get::<_, i64>(0)).unwrap();
    let mut served_meanwhile = false;
    while !replacing.is_finished() {
        let has_begun = begun() == 2;
        let (old, new) =
            (page(&store, "ancien", None, 0, 1).await.total, page(&store, "nouveau", None, 0, 1).await.total);
        // Between the two looks the copies may change over, but neither is ever half there.
        assert!([0, 4_000].contains(&old) && [0, 4_000].contains(&new), "{old} {new}");
        served_meanwhile |= has_begun && old == 4_000;
    }
    replacing.await.unwrap().unwrap();
    assert!(served_meanwhile, "others wait for the whole copy");
    assert_eq!(page(&store, "nouveau", None, 0, 1).await.total, 4_000);
}

#[tokio::test]
async fn of_two_copies_at_a_time_the_later_one_counts() {
    let folder = tempfile::tempdir().unwrap();
    let (store, other) = (with(folder.path(), people()).await, open(folder.path()));
    let many = (0..3_000).map(|n| entry("Notaire", "1", "Étude", &format!("Lent {n}"))).collect();
    let slow = tokio::spawn({
        let store = store.clone();
        async move { store.replace_directory(copy(many), TEN).await }
    });
    tokio::task::yield_now().await;
    // Another process, as the command line is: one of both ends, and what is there is whole.
    let quick = other.replace_directory(copy(vec![entry("Notaire", "1", "Étude", "Rapide")]), TEN).await;
    let slow = slow.await.unwrap();
    let total = page(&store, "", None, 0, 1).await.total;
    match (&slow, &quick) {
        (Err(StoreError::DirectoryOvertaken), Ok(())) => assert_eq!(total, 1),
        (Ok(()), Err(StoreError::DirectoryOvertaken)) => assert_eq!(total, 3_000),
        (Ok(()), Ok(())) => assert!([1, 3_000].contains(&total)),
        other => panic!("{other:?}"),
    }
    let copy = store.directory_state().await.unwrap().copy.unwrap();
    assert_eq!(copy.entries, total);
}

#[tokio::test]
async fn a_copy_that_does_not_come_to_its_end_leaves_the_former_one() {
    let folder = tempfile::tempdir().unwrap();
    let store = with(folder.path(), people()).await;
    let raw = rusqlite::Connection::open(folder.path().join("tabellion.db")).unwrap();
    // What the disk refuses, once some of it is written.
    let trigger = "CREATE TRIGGER full BEFORE INSERT ON directory_entries_1 WHEN new.id > 1500
         BEGIN SELECT RAISE(ABORT, 'no room'); END";
    raw.execute_batch(trigger).unwrap();
    let many: Vec<_> = (0..3_000).map(|n| entry("Notaire", "1", "Étude", &format!("Nouveau {n}"))).collect();
    store.replace_directory(copy(many.clone()), TEN).await.unwrap_err();
    drop(store);
    let store = open(folder.path());
    assert_eq!(found(&store, "").await.len(), 4);
    assert_eq!(store.directory_state().await.unwrap().copy.unwrap().at, NINE);
    raw.execute_batch("DROP TRIGGER full").unwrap();
    store.replace_directory(copy(many), TEN).await.unwrap();
    assert_eq!(
        page(&store, "nouveau", None, 0, 1).await.total,
        3_000,
        "what was left of it is in nobody's way"
    );
}

#[tokio::test]
async fn a_look_that_failed_is_kept_until_one_succeeds() {
    let folder = tempfile::tempdir().unwrap();
    let store = with(folder.path(), people()).await;
    store.note_directory_trouble("Le serveur ne répond pas.".into(), TEN).await.unwrap();
    let state = store.directory_state().await.unwrap();
    assert_eq!(state.trouble.unwrap().text, "Le serveur ne répond pas.");
    assert_eq!(state.copy.unwrap().at, NINE, "the copy is as old as it was");
    store.note_directory_unchanged("mark".into(), TEN).await.unwrap();
    let copy = store.directory_state().await.unwrap().copy.unwrap();
    assert_eq!((copy.at, copy.mark), (NINE, None), "a file is no server");
    let served = NewDirectory { origin: DirectoryOrigin::Ldap, ..self::copy(people()) };
    store.replace_directory(served, NINE).await.unwrap();
    store.note_directory_unchanged("mark".into(), TEN).await.unwrap();
    let state = store.directory_state().await.unwrap();
    let copy = state.copy.unwrap();
    assert_eq!((state.trouble, copy.at, copy.mark.as_deref()), (None, TEN, Some("mark")));
    let mut entries = store.directory_entries().await.unwrap().unwrap().1;
    let mut given = people();
    entries.sort_by_key(|entry| entry.key.clone());
    given.sort_by_key(|entry| entry.key.clone());
    assert_eq!(entries, given);
}

#[tokio::test]
async fn a_page_comes_out_of_the_index_without_a_look_at_every_entry() {
    let folder = tempfile::tempdir().unwrap();
    drop(with(folder.path(), people()).await);
    let raw = rusqlite::Connection::open(folder.path().join("tabellion.db")).unwrap();
    let plan = |sql: &str| {
        let mut statement = raw.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let rows = statement.query_map([], |row| row.get::<_, String>(3)).unwrap();
        rows.map(Result::unwrap).collect::<Vec<_>>().join("\n")
    };
    let found = plan(
        "SELECT e.id FROM directory_entries_0 AS e WHERE e.id IN (SELECT rowid FROM directory_index_0 \
         WHERE directory_index_0 MATCH '\"dup\"*' ORDER BY rowid LIMIT 20 OFFSET 0) ORDER BY e.id",
    );
    assert!(
        found.contains("SEARCH e USING INTEGER PRIMARY KEY") && !found.contains("TEMP B-TREE"),
        "{found}"
    );
    let narrowed = plan("SELECT id FROM directory_entries_0 WHERE entity = 1 ORDER BY id LIMIT 20 OFFSET 0");
    assert!(narrowed.contains("COVERING INDEX") && !narrowed.contains("TEMP B-TREE"), "{narrowed}");
}

#[tokio::test]
async fn an_empty_copy_of_a_source_is_kept_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(with(folder.path(), Vec::new()).await);
    assert_eq!(found(&store, "").await.len(), 0);
    assert_eq!(store.directory_state().await.unwrap().copy.unwrap().entries, 0);
}

#[tokio::test]
async fn a_directory_is_looked_at_and_backed_up_like_everything_else() {
    let folder = tempfile::tempdir().unwrap();
    let many = (0..1_500).map(|n| entry("Notaire", "1", "Étude", &format!("N {n}"))).collect();
    let running = with(folder.path(), many).await;
    // As the health gate and whoever restores a backup open it: for reading alone, and beside control.
    tabellion_store::inspect(&folder.path().join("tabellion.db")).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let backup = elsewhere.path().join("tabellion.db");
    tabellion_store::snapshot(&folder.path().join("tabellion.db"), &backup).unwrap();
    drop(running);
    tabellion_store::inspect(&backup).unwrap();
    let restored = open(elsewhere.path());
    assert_eq!(page(&restored, "n", None, 0, 1).await.total, 1_500);
    restored.replace_directory(copy(people()), TEN).await.unwrap();
    assert_eq!(found(&restored, "dup").await.len(), 2);
}
