//! The attestation, looked at as whoever receives it does.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use common::{Read, assert_snapshot, brand};
use lopdf::{Document, Object};
use tabellion_papers::{Attestation, DirectoryUser, Office, PaperError, Solution, attestation};
use time::macros::datetime;

fn user(name: &str, number: &str) -> DirectoryUser {
    DirectoryUser { name: name.to_owned(), number: number.to_owned() }
}

fn data() -> Attestation {
    Attestation {
        office: Office {
            name: "Office notarial de la Place d’Armes".to_owned(),
            crpcen: "01234".to_owned(),
            postal_code: "07100".to_owned(),
            town: "Annonay".to_owned(),
        },
        users: vec![
            user("Maître Claire Moreau", "1099345678@visio.example"),
            user("Maître François Lefèvre-Œuvrard", "1099345679@visio.example"),
            user("Madame Inès Peña", "1099345680@visio.example"),
        ],
        solution: Solution { name: "Tabellion".to_owned(), version: "0.1.0".to_owned() },
        issued_at: datetime!(2026-11-25 00:30 +1),
        number: "2026-000123".to_owned(),
        check_link: "https://visio.example/attestation/2026-000123?c=Zm9vYmFyYmF6cXV4".to_owned(),
        approval: None,
        brand: brand(),
    }
}

fn many(count: usize) -> Vec<DirectoryUser> {
    (1..=count).map(|i| user(&format!("Maître Camille Durand {i:03}"), &format!("1099{i:06}"))).collect()
}

#[test]
fn it_says_whose_it_is_and_who_is_in_the_directory() {
    let paper = Read::new("attestation", &attestation(&data()).unwrap());
    assert_snapshot("attestation.txt", &paper.plain_text());
    let structure = paper.structure();
    assert!(
        structure.contains("\"Délivrée le\u{a0}: \""),
        "a no-break space is one in the text, too: {structure}"
    );
    assert!(paper.pictures()[0].keeps_margins());
}

#[test]
fn its_qr_code_leads_where_its_text_and_its_links_lead() {
    let link = data().check_link;
    let made = attestation(&data()).unwrap();
    let paper = Read::new("qr", &made);
    assert_eq!(paper.picture_for_telephones().qr_code(), link);
    assert!(paper.text().contains(&link));
    let file = Document::load_mem(&made.bytes).unwrap();
    let annotations = file.objects.values().filter_map(|object| object.as_dict().ok());
    let actions = annotations.filter_map(|annotation| annotation.get(b"A").ok()?.as_dict().ok());
    let addresses: Vec<&[u8]> = actions.filter_map(|action| action.get(b"URI").ok()?.as_str().ok()).collect();
    assert_eq!(addresses, [link.as_bytes()]);
}

#[test]
fn many_users_go_on_on_further_pages_below_the_same_header() {
    let data = Attestation { users: many(123), ..data() };
    let paper = Read::new("many-users", &attestation(&data).unwrap());
    let pages = paper.page_texts();
    assert_eq!(paper.property("Pages"), pages.len().to_string());
    assert!(pages.len() >= 3, "{} pages", pages.len());
    for (i, page) in pages.iter().enumerate() {
        assert!(page.contains(&format!("{}/{}", i + 1, pages.len())), "the number of page {}", i + 1);
        if page.contains("Camille") {
            assert!(page.contains("Numéro de visioconférence"), "the header of page {}", i + 1);
        }
    }
    let text = paper.text();
    let listed: Vec<&str> = text.lines().filter(|line| line.contains("Camille")).collect();
    let expected: Vec<String> =
        data.users.iter().map(|user| format!("{} {}", user.name, user.number)).collect();
    let words = |line: &&str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(listed.iter().map(words).collect::<Vec<_>>(), expected, "each one once, in order");
    assert!(paper.pictures().iter().all(common::Picture::keeps_margins));
}

#[test]
fn long_names_are_broken_and_nothing_of_them_is_lost() {
    let mut data = data();
    let word = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft".repeat(2);
    data.users = vec![user(&format!("Maître {word}"), &format!("{}@visio.example", "9".repeat(120)))];
    data.office.name =
        format!("Société {}titulaire d’un office notarial", "civile professionnelle ".repeat(12));
    data.brand.support.hours = "du lundi au vendredi ".repeat(20);
    data.number = "2026-".to_owned() + &"0".repeat(90);
    let paper = Read::new("long-names", &attestation(&data).unwrap());
    assert!(paper.pictures().iter().all(common::Picture::keeps_margins));
    let text: String = paper.text().split_whitespace().collect();
    assert!(text.contains('…'), "what stands on one line is shortened");
    let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    for whole in [&data.office.name, &data.number, &data.check_link] {
        assert!(text.contains(&letters(whole)), "{whole}");
    }
    // The columns' lines alternate in the text: each line of the name is there.
    let count = |letter: char| text.matches(letter).count();
    assert!(count('9') >= 120 && text.matches("schifffahrts").count() >= 1);
}

#[test]
fn names_in_other_alphabets_are_written_and_what_the_font_lacks_is_told() {
    let mut data = data();
    data.users = [
        "Nguyễn Thị Ánh",
        "Łukasz Żółć",
        "Ștefan Țurcanu",
        "Ελένη Παπαδοπούλου",
        "Жанна Щербакова",
        "Zoe\u{308} Bjo\u{308}rk",
    ]
    .map(|name| user(name, "1"))
    .to_vec();
    let made = attestation(&data).unwrap();
    assert_eq!(made.unwritable, []);
    let text = Read::new("alphabets", &made).text();
    for name in [
        "Nguyễn Thị Ánh",
        "Łukasz Żółć",
        "Ștefan Țurcanu",
        "Ελένη Παπαδοπούλου",
        "Жанна Щербакова",
        "Zoë Björk",
    ] {
        assert!(text.contains(name), "{name} in {text}");
    }
    assert!(!text.contains('\u{fffd}'));

    data.users.push(user("李 שלום 🙂", "2"));
    let made = attestation(&data).unwrap();
    assert_eq!(made.unwritable, ['ו', 'ל', 'ם', 'ש', '李', '🙂']);
    let paper = Read::new("unwritable", &made);
    assert!(paper.text().contains("� ���� �"), "{}", paper.text());
    assert!(paper.plain_text().contains("Le signe � remplace un caractère"));
}

#[test]
fn an_approval_is_claimed_only_where_it_is_given() {
    let approval = "Solution agréée par le Conseil supérieur du notariat : agrément n° 42";
    let without = Read::new("no-approval", &attestation(&data()).unwrap()).plain_text();
    assert!(!without.contains("agréé"));
    let with = Attestation { approval: Some(approval.to_owned()), ..data() };
    assert!(Read::new("approval", &attestation(&with).unwrap()).plain_text().contains(approval));
}

#[test]
fn an_office_without_users_in_the_directory_is_told_so() {
    let data = Attestation { users: Vec::new(), ..data() };
    let text = Read::new("no-users", &attestation(&data).unwrap()).plain_text();
    assert!(text.contains("Aucun utilisateur de l’office ne figure dans l’annuaire ADSN."), "{text}");
}

#[test]
fn the_same_data_give_the_same_file_and_other_data_another() {
    let first = attestation(&data()).unwrap();
    let other = attestation(&Attestation { number: "2026-000124".to_owned(), ..data() }).unwrap();
    assert!(first == attestation(&data()).unwrap());
    assert!(first != other);
    let identifier = |bytes: &[u8]| Document::load_mem(bytes).unwrap().trailer.get(b"ID").unwrap().clone();
    assert_ne!(identifier(&first.bytes), identifier(&other.bytes));
}

#[test]
fn archives_and_readers_are_told_what_it_is() {
    let made = attestation(&data()).unwrap();
    let paper = Read::new("properties", &made);
    assert_eq!(paper.property("Title"), "Attestation de visioconférence n° 2026-000123");
    assert_eq!(paper.property("Author"), "Visioconférence des Notaires");
    assert_eq!(paper.property("Subject"), "Office notarial de la Place d’Armes");
    assert_eq!(paper.property("CreationDate"), "2026-11-24T23:30:00Z", "00h30 in France");
    assert_eq!(paper.property("Page size"), "595.276 x 841.89 pts (A4)");
    assert_eq!(paper.property("Tagged"), "yes");
    let file = Document::load_mem(&made.bytes).unwrap();
    assert_eq!(file.catalog().unwrap().get(b"Lang").unwrap(), &Object::string_literal("fr-FR"));
}

#[test]
fn whoever_has_it_read_to_them_hears_headings_and_a_table() {
    let data = Attestation { users: many(60), ..data() };
    let paper = Read::new("structure", &attestation(&data).unwrap());
    let structure = paper.structure();
    for (kind, count) in
        [("H1", 1), ("H2", 2), ("Table", 1), ("TH", 2), ("TD", 120), ("Figure", 1), ("Link", 1)]
    {
        let of_kind = |line: &&str| line.trim_start().split([' ', ':']).next() == Some(kind);
        assert_eq!(structure.lines().filter(of_kind).count(), count, "{kind} in {structure}");
    }
    assert!(structure.contains("\"Maître Camille Durand 060\""), "{structure}");
    assert!(!structure.contains("1/2"), "page numbers are decoration");
}

#[test]
fn its_fonts_are_in_it_but_no_more_of_them_than_it_needs() {
    let made = attestation(&data()).unwrap();
    let fonts = Read::new("fonts", &made).fonts();
    assert_eq!(fonts.len(), 2);
    for (font, name) in fonts.iter().zip(["+OpenSans-Bold", "+OpenSans-Regular"]) {
        let fields: Vec<&str> = font.split_whitespace().collect();
        assert!(fields[0].ends_with(name), "{font}");
        assert_eq!(fields[fields.len() - 5..fields.len() - 2], ["yes", "yes", "yes"], "{font}");
    }
    assert!(made.bytes.len() < 50_000, "{} bytes", made.bytes.len());
}

#[test]
fn a_link_that_makes_no_code_is_refused() {
    for link in ["http://visio.example/1", "https://étude.example/1", "https://visio.example/a b", ""] {
        let data = Attestation { check_link: link.to_owned(), ..data() };
        assert!(matches!(attestation(&data), Err(PaperError::NoLink { .. })), "{link}");
    }
    let data = Attestation { check_link: format!("https://{}.example", "a".repeat(3000)), ..data() };
    assert!(matches!(attestation(&data), Err(PaperError::LinkTooLong { length: 3016 })));
}
