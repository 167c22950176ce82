//! A CSV file of the directory of notaries, and what is typed to search it.

use crate::Target;
use tabellion_directory::csv::{CsvRefusal, MOST_ENTRIES, read};
use tabellion_domain::directory::{DirectoryEntry, DirectorySearch, Field};

pub(crate) const TARGET: Target = Target { name: "directory", run, seeds, words: WORDS, costs: 300 };

fn run(input: &[u8]) {
    match read(input) {
        Ok(copy) => {
            assert!((1..=MOST_ENTRIES).contains(&copy.entries.len()));
            assert!(copy.refused.len() as u64 <= copy.refused_count);
            copy.entries.iter().for_each(steady);
        }
        Err(CsvRefusal::NoGoodLine { refused, count }) => assert!(refused.len() as u64 <= count),
        Err(refusal) => assert!(refusal.to_string().ends_with('.'), "a refusal is a sentence"),
    }
    let Ok(text) = std::str::from_utf8(input) else { return };
    if let Ok(search) = DirectorySearch::new(text) {
        for word in search.words() {
            assert!(!word.contains(|c: char| c.is_whitespace() || c.is_control()), "{word:?}");
        }
        assert!(search.words().is_empty() || !search.finds_nothing());
    }
}

/// What is accepted is accepted again as it is: it is shown, and compared with what a source has later.
fn steady(entry: &DirectoryEntry) {
    let mut again = DirectoryEntry::default();
    for field in Field::ALL {
        again.set(field, entry.field(field));
    }
    assert_eq!(again.checked().as_ref(), Ok(entry));
}

fn seeds() -> Vec<Vec<u8>> {
    let text = "Entité;CRPCEN;Office;Nom;Code postal;Ville;Compte\r\nNotaire;01001;\"Étude; du \"\"Parc\"\"\";DUPONT Marie;01000;Nîmes;1099\r\n\
                ;;;;;;\r\n;1;2\r\n";
    let wide: Vec<u8> = [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    vec![
        text.as_bytes().to_vec(),
        [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        wide,
        b"nom,office,crpcen\nDupont,\xc9tude,1\n".to_vec(),
        b"Nom\tOffice\tCRPCEN\na\tb\tc".to_vec(),
        "a* OR b:\" Étude d’Ormesson".as_bytes().to_vec(),
    ]
}

const WORDS: &[&str] = &[
    "Entité",
    "CRPCEN",
    "Office",
    "Nom",
    "Code postal",
    "Ville",
    "Compte",
    ";",
    ",",
    "\t",
    "\r\n",
    "\n",
    "\"",
    "\"\"",
    "\u{feff}",
    "\u{a0}",
    "\u{200b}",
    "\u{202e}",
    "é",
    "\0",
];
