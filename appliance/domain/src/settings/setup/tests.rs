mod faults;

use super::*;
use crate::{
    password,
    settings::{Addressing, Interface, Secret},
    testing::{FakeEntropy, SETUP as GOOD},
};

/// A certificate by its looks: what PEM holds is checked by whoever loads it.
const CHAIN: &str = "-----BEGIN CERTIFICATE-----\nMAUCAQECAQI=\n-----END CERTIFICATE-----";

const SECRETS: [&str; 4] =
    ["mot-de-passe-du-relais", "jeton-de-gandi", "Bien-trop-secret-2026", "un-secret-que-le-serveur-connait"];

fn told(text: &str) -> Vec<String> {
    SetupFile::parse(text).unwrap_err().iter().map(|error| error.to_string().replace('\u{a0}', " ")).collect()
}

/// The good file with one line changed.
fn with(line: &str, instead: &str) -> String {
    assert!(GOOD.contains(line), "{line}");
    GOOD.replacen(line, instead, 1)
}

#[test]
fn a_good_file_sets_the_box_up() {
    let file = SetupFile::parse(GOOD).unwrap();
    assert_eq!(file.remarks(), []);
    let settings = file.into_settings(&FakeEntropy::default()).unwrap();
    assert_eq!((settings.office.crpcen.as_str(), settings.office.number_prefix.as_str()), ("01234", "1099"));
    assert!(
        matches!(&settings.network.interface, Some(Interface::Mac(mac)) if mac.as_str() == "52:54:00:12:34:56")
    );
    assert_eq!(settings.network.addressing.fixed().unwrap().to_string(), "192.168.10.5/24");
    let rooms = settings.network.room_systems.as_ref().unwrap();
    assert_eq!((rooms.vlan, rooms.addressing.fixed().unwrap().network()), (20, "192.168.20.0/24".to_owned()));
    assert_eq!((settings.names.host.as_str(), settings.time.zone.as_str()), ("visio", "Indian/Reunion"));
    let mail = settings.mail.as_ref().unwrap();
    assert_eq!((mail.port, mail.sender.to_string()), (587, "Office Notarial <visio@office.fr>".to_owned()));
    assert_eq!(mail.login.as_ref().unwrap().password, Secret::new(SECRETS[0]));
    let turn = settings.turn.as_ref().unwrap();
    assert_eq!((turn.uris[0].as_str(), turn.uris.len()), ("turn:turn.office.fr:3478", 2));
    assert_eq!(turn.secret, Secret::new(SECRETS[3]));
    assert_eq!((settings.ports.https, settings.ports.sip), (8443, 5060));
    let administrator = settings.administrator.as_ref().unwrap();
    assert_eq!(administrator.mobile.as_str(), "+33612345678");
    assert!(password::verify(SECRETS[2], Some(administrator.password_hash.reveal())));
    assert_eq!(Settings::from_json(&settings.to_json()).unwrap(), settings, "and it is stored as it is");
}

#[test]
fn the_least_that_a_file_needs_is_an_office_and_its_administrator() {
    let office = &GOOD[GOOD.find("[office]").unwrap()..GOOD.find("number_prefix").unwrap()];
    let administrator = &GOOD[GOOD.find("[administrator]").unwrap()..GOOD.find("[ports]").unwrap()];
    let file = SetupFile::parse(&format!("\u{feff}{office}{administrator}").replace('\n', "\r\n")).unwrap();
    let settings = file.settings();
    assert_eq!((&settings.network.addressing, &settings.mail), (&Addressing::Dhcp, &None));
    assert_eq!((settings.names.host.as_str(), settings.time.zone.as_str()), ("tabellion", "Europe/Paris"));
    let missing = told("");
    assert_eq!(
        missing[0],
        "Réglages, office › nom de l’office (office.name) : ce réglage manque. Indiquez-le."
    );
    assert_eq!(missing.len(), 9, "{missing:#?}");
}

#[test]
fn what_is_unusual_is_remarked_and_accepted() {
    let unusual = with("crpcen = \"01234\"", "crpcen = \"2A12\"").replace("gateway = \"192.168.10.1\"\n", "");
    let file = SetupFile::parse(&unusual).unwrap();
    let lines: Vec<_> = file.remarks().iter().map(|remark| (remark.line, remark.key.as_str())).collect();
    assert_eq!(lines, [(Some(4), "office.crpcen"), (Some(12), "network.gateway")]);
}

#[test]
fn the_set_up_page_says_the_same_without_lines() {
    let certificate = serde_json::json!({ "kind": "uploaded", "chain": CHAIN, "key": CHAIN });
    let document = serde_json::json!({
        "office": { "name": "Office", "crpcen": "00001", "domain": "visio.office.fr", "number_prefix": "" },
        "network": { "mode": "dhcp", "address": "" },
        "certificate": certificate,
        "administrator": {
            "first_name": "Claire", "last_name": "Moreau", "login": "claire", "email": "c@office.fr",
            "mobile": "0612345678", "password": "Bien-trop-secret",
        },
    });
    let errors = SetupFile::from_json(&document).unwrap_err();
    assert_eq!(errors.len(), 1, "{errors:?}");
    let field = serde_json::to_value(&errors[0]).unwrap();
    assert_eq!((&field["key"], &field["line"]), (&"certificate.key".into(), &serde_json::Value::Null));
    assert_eq!(field["what"], "ce n’est pas une clé privée PEM");
}

#[test]
fn a_fault_found_later_gets_its_line() {
    let file = SetupFile::parse(GOOD).unwrap();
    let unknown = SetupError::new("time.zone", crate::settings::Refusal::new("inconnu", "Corrigez"));
    assert_eq!(file.locate(unknown).line, Some(28));
}

#[test]
fn the_template_names_every_key_and_lacks_only_the_password() {
    assert_eq!(
        told(TEMPLATE),
        [
            "Ligne 115, compte administrateur › mot de passe (administrator.password) : le mot de passe n’a pas la bonne \
          longueur. Choisissez-en un de 10 à 200 caractères."
        ]
    );
    let filled = TEMPLATE.replace("password = \"\"", "password = \"Bien-trop-secret-2026\"");
    assert_eq!(SetupFile::parse(&filled).unwrap().remarks(), []);
    // With its optional lines in use there are too many of them, but none that is not known.
    let uncommented = |line: &str| match line.strip_prefix("# ") {
        Some(rest) if rest.starts_with('[') || rest.contains(" = ") => rest.to_owned(),
        _ => line.to_owned(),
    };
    let full: String = TEMPLATE.lines().map(|line| uncommented(line) + "\n").collect();
    let errors = told(&full);
    assert!(!errors.iter().any(|error| error.contains("n’existe pas")), "{errors:#?}");
    let (document, faults) = tree::from_toml(&full);
    assert_eq!(faults, []);
    let answers = Answers::new(document, Vec::new());
    for key in keys::KEYS {
        assert!(answers.has(key.path), "{}", key.path);
    }
}
