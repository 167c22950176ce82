use super::*;

const HEAD: &str = "Entité;CRPCEN;Office;Nom;Code postal;Ville;Compte;Appel\n";

fn copy(text: &str) -> CsvCopy {
    read(text.as_bytes()).unwrap()
}

#[test]
fn a_file_is_read_as_the_table_is_shown() {
    let copy =
        copy(&format!("{HEAD}Notaire;01001;Étude du Parc;DUPONT Marie;01000;Bourg-en-Bresse;1099010011;x\n"));
    let entry = DirectoryEntry {
        key: String::new(),
        entity: "Notaire".into(),
        crpcen: "01001".into(),
        office: "Étude du Parc".into(),
        name: "DUPONT Marie".into(),
        postal_code: "01000".into(),
        town: "Bourg-en-Bresse".into(),
        account: "1099010011".into(),
    };
    assert_eq!(copy, CsvCopy { entries: vec![entry], ..CsvCopy::default() });
}

#[test]
fn columns_are_known_by_their_names_in_any_order_and_case() {
    for (head, line) in [
        ("NOM,office,N° CRPCEN", "Dupont,\"Étude, du Parc\",01001"),
        ("Office\tnom\tCrpcen", "Étude, du Parc\tDupont\t01001"),
        (
            "\"Code CRPCEN\";\"Nom de l’office\";NOM;Remarque",
            "01001;\"Étude, du Parc\";Dupont;\"a \"\"b\"\"\"",
        ),
    ] {
        let copy = copy(&format!("{head}\r\n{line}\r\n\r\n"));
        let entry = &copy.entries[0];
        let read = (entry.crpcen.as_str(), entry.office.as_str(), entry.name.as_str());
        assert_eq!(read, ("01001", "Étude, du Parc", "Dupont"), "{head}");
        assert_eq!(copy.absent, [Field::Entity, Field::PostalCode, Field::Town, Field::Account]);
    }
}

#[test]
fn each_encoding_of_a_spreadsheet_is_read() {
    let text = format!("{HEAD}Notaire;01001;Étude d’Ève;LEFÈVRE Zoé;;Nîmes;;\n");
    let (latin, _, _) = encoding_rs::WINDOWS_1252.encode(&text);
    let wide: Vec<u8> = [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for bytes in [text.as_bytes().to_vec(), [b"\xef\xbb\xbf", text.as_bytes()].concat(), latin.to_vec(), wide]
    {
        let copy = read(&bytes).unwrap();
        let entry = &copy.entries[0];
        assert_eq!((entry.office.as_str(), entry.town.as_str()), ("Étude d’Ève", "Nîmes"));
        assert!(copy.absent.is_empty(), "the name of the first column, too");
    }
}

#[test]
fn lines_that_are_wrong_are_told_and_the_others_taken() {
    let copy = copy(&format!(
        "{HEAD}Notaire;01001;Étude;Dupont;;;;\n;;;;;;;\n\nNotaire;;;;75001;Paris;;\nNotaire;1;2\n\"deux\nlignes\";2;Étude;B;;;;\n\
         x;\u{200b}3;é;C;;;;\n"
    ));
    assert_eq!(copy.entries.len(), 2);
    assert_eq!(copy.entries[1].entity, "deux lignes");
    let told: Vec<_> = copy.refused.iter().map(|line| (line.line, line.reason.as_str())).collect();
    assert_eq!(
        told,
        [
            (5, "ni CRPCEN, ni office, ni nom\u{a0}: personne ne pourrait trouver cette entrée."),
            (6, "3 champs au lieu de 8\u{a0}: vérifiez les séparateurs et les guillemets."),
            (9, "«\u{a0}CRPCEN\u{a0}» contient des signes invisibles."),
        ]
    );
    assert_eq!(copy.refused_count, 3);
}

#[test]
fn what_is_no_such_file_is_refused_with_the_reason() {
    let refused = |bytes: &[u8]| read(bytes).unwrap_err();
    assert_eq!(refused(b""), CsvRefusal::Empty);
    assert_eq!(refused(b"\xef\xbb\xbf \r\n"), CsvRefusal::Empty);
    assert_eq!(refused(b"PK\x03\x04\x14\0\0"), CsvRefusal::NoText);
    assert_eq!(refused(&vec![b'a'; LARGEST + 1]), CsvRefusal::TooLarge);
    let told = refused(b"Nom;Ville\nDupont;Lyon\n").to_string();
    assert!(told.contains("il manque «\u{a0}CRPCEN\u{a0}», «\u{a0}Office\u{a0}»"), "{told}");
    let twice = refused(b"Nom;Office;CRPCEN;nom\na;b;c;d\n");
    assert_eq!(twice, CsvRefusal::TwiceNamed(Field::Name));
    let none = refused(format!("{HEAD};;;;75001;;;\n").as_bytes());
    assert!(matches!(none, CsvRefusal::NoGoodLine { count: 1, .. }), "{none:?}");
    assert!(matches!(refused(HEAD.as_bytes()), CsvRefusal::NoGoodLine { count: 0, .. }));
}

#[test]
fn a_quotation_mark_that_is_never_closed_does_not_swallow_the_rest() {
    let rest = "Notaire;2;Étude;Martin;;;;\n".repeat(20);
    let text = format!("{HEAD}Notaire;1;Étude;Dupont;;;;\nNotaire;2;\"Étude;Martin;;;;\n{rest}");
    assert_eq!(read(text.as_bytes()), Err(CsvRefusal::NeverClosed { line: 3 }));
}

#[test]
fn of_many_refused_lines_the_first_hundred_are_told() {
    let copy = copy(&format!("{HEAD}Notaire;1;Étude;Dupont;;;;\n{}", "Notaire;;;;;;;\n".repeat(150)));
    assert_eq!((copy.refused.len(), copy.refused_count), (100, 150));
}
