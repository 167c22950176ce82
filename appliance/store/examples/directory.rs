//! How long searching a directory of 100,000 entries takes, and replacing it: `cargo run --release -p tabellion-store --example
//! directory [ENTRIES]`. Prints milliseconds; a search is to stay under 50.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement by hand")]
#![expect(clippy::disallowed_methods, reason = "it measures")]

use std::time::{Duration, Instant};
use tabellion_domain::directory::{DirectoryEntry, DirectoryOrigin, DirectorySearch, Field};
use tabellion_store::{NewDirectory, Store};
use time::OffsetDateTime;

const LAST: [&str; 16] = [
    "Dupont",
    "Lefèvre",
    "Moreau",
    "Garnier",
    "d’Ormesson",
    "N’Guyen",
    "Roux",
    "Étienne",
    "Petit-Jean",
    "Blanc",
    "Fontaine",
    "Chevalier",
    "Robin",
    "Masson",
    "Gérard",
    "Noël",
];
const FIRST: [&str; 12] =
    ["Marie", "Jean", "Zoé", "Luc", "Anaïs", "Éric", "Paul", "Inès", "Hugo", "Adèle", "Yves", "Claire"];
const OFFICE: [&str; 6] = [
    "Étude du Parc",
    "Office notarial",
    "SCP Notaires",
    "SELARL notariale",
    "Étude de la Halle",
    "SAS Notaires & Conseils",
];
const ENTITY: [&str; 4] = ["Notaire", "Notaire salarié", "Collaborateur", "Chambre"];

fn entry(n: usize) -> DirectoryEntry {
    let mut entry = DirectoryEntry::default();
    let last = format!("{}{}", LAST[n % LAST.len()], n / 97);
    entry.set(Field::Entity, ENTITY[n / 7 % ENTITY.len()]);
    entry.set(Field::Crpcen, &format!("{:05}", n / 5));
    entry.set(Field::Office, &format!("{} {}", OFFICE[n / 5 % OFFICE.len()], LAST[n / 11 % LAST.len()]));
    entry.set(Field::Name, &format!("{last} {}", FIRST[n / 3 % FIRST.len()]));
    entry.set(Field::PostalCode, &format!("{:05}", n % 95_000));
    entry.set(Field::Town, &format!("Saint-Étienne-{}", n % 4_000));
    entry.set(Field::Account, &format!("1099{n:06}"));
    entry
}

#[tokio::main]
async fn main() {
    let count = std::env::args().nth(1).map_or(100_000, |count| count.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("tabellion.db")).unwrap();
    for round in ["first", "second", "third"] {
        let new = NewDirectory {
            entries: (0..count).map(entry).collect(),
            origin: DirectoryOrigin::File,
            mark: None,
            refused: 0,
            by: None,
        };
        let began = Instant::now();
        let replacing = tokio::spawn({
            let store = store.clone();
            async move { store.replace_directory(new, OffsetDateTime::UNIX_EPOCH).await }
        });
        let mut longest = Duration::ZERO;
        while !replacing.is_finished() {
            let asked = Instant::now();
            store.office().await.unwrap();
            longest = longest.max(asked.elapsed());
        }
        replacing.await.unwrap().unwrap();
        println!(
            "{round} copy of {count}: {:.0} ms; others waited {:.1} ms at most",
            ms(began),
            longest.as_secs_f64() * 1e3
        );
    }
    let size = std::fs::metadata(folder.path().join("tabellion.db")).unwrap().len();
    println!("database: {} MiB", size >> 20);
    for typed in [
        "",
        "d",
        "n",
        "e",
        "du",
        "dup",
        "dupont marie",
        "etude",
        "notaire",
        "00123",
        "1",
        "étude du parc dupont",
        "d'ormesson",
        "a b c d e f g h",
        "e d m p n l s c",
        "nobody",
    ] {
        for entity in [None, Some("Notaire")] {
            for page in [0, 1_000] {
                measure(&store, typed, entity, page).await;
            }
        }
    }
    drop(store);
    let began = Instant::now();
    Store::open(&folder.path().join("tabellion.db")).unwrap();
    println!("opening the database: {:.0} ms", ms(began));
}

async fn measure(store: &Store, typed: &str, entity: Option<&str>, page: u32) {
    let mut times = Vec::new();
    let mut total = 0;
    for _ in 0..15 {
        let search = DirectorySearch::new(typed).unwrap();
        let began = Instant::now();
        total = store.search_directory(search, entity.map(str::to_owned), page, 20).await.unwrap().total;
        times.push(ms(began));
    }
    times.sort_by(f64::total_cmp);
    let narrowed = entity.unwrap_or("all");
    println!(
        "«{typed}», {narrowed}, page {page}: {total} found, median {:.2} ms, slowest {:.2} ms",
        times[7], times[14]
    );
}

fn ms(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1e3
}
