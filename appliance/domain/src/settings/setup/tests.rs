use super::*;
use crate::{
    password,
    settings::{Addressing, Interface, Secret},
    testing::FakeEntropy,
};

/// A certificate by its looks: what PEM holds is checked by whoever loads it.
const CHAIN: &str = "-----BEGIN CERTIFICATE-----\nMAUCAQECAQI=\n-----END CERTIFICATE-----";

const GOOD: &str = r#"# Mise en service
[office]
name = "Office Notarial de la Place"
crpcen = "01234"
domain = "visio.office.fr"
number_prefix = "1099"

[support]
phone = "04 00 00 00 00"
email = "support@office.fr"

[network]
interface = "52-54-00-12-34-56"
mode = "fixed"
address = "192.168.10.5/24"
gateway = "192.168.10.1"
dns = ["192.168.10.1", "192.168.10.2"]

[network.room_systems]
vlan = 20
address = "192.168.20.5/24"

[names]
host = "Visio"
public = "visio.office.fr"

[time]
zone = "Indian/Reunion"
ntp = ["ntp.office.fr"]

[mail]
host = "smtp.office.fr"
login = "visio"
password = "mot-de-passe-du-relais"
sender = "Office Notarial <visio@office.fr>"

[certificate]
kind = "acme"
directory = "https://acme-v02.api.letsencrypt.org/directory"
contact = "informatique@office.fr"
dns_provider = "gandi"

[certificate.gandi]
token = "jeton-de-gandi"

[administrator]
civility = "Maître"
first_name = "Claire"
last_name = "Moreau"
login = "claire.moreau"
email = "claire@office.fr"
mobile = "06 12 34 56 78"
password = "Bien-trop-secret-2026"

[ports]
https = 8443
"#;

const SECRETS: [&str; 3] = ["mot-de-passe-du-relais", "jeton-de-gandi", "Bien-trop-secret-2026"];

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
        "Réglages, office › nom de l’office (office.name) : ce réglage manque. Ajoutez cette ligne."
    );
    assert_eq!(missing.len(), 9, "{missing:#?}");
}

#[test]
fn ten_faults_are_told_at_once_each_with_its_line() {
    let faulty = GOOD
        .replace("crpcen = \"01234\"", "crpcen = 12345")
        .replace("domain = \"visio.office.fr\"", "domain = \"étude.fr\"")
        .replace("gateway = \"192.168.10.1\"", "gateway = \"192.168.11.1\"")
        .replace("vlan = 20", "vlan = 4095")
        .replace("[time]\nzone", "[tiem]\nzone")
        .replace("sender = \"Office Notarial <visio@office.fr>\"", "sender = \"Office Notarial\"")
        .replace("login = \"visio\"\n", "")
        .replace("contact = ", "contcat = ")
        .replace("mobile = \"06 12", "mobile = \"01 12")
        .replace("https = 8443", "https = 5061");
    let told = told(&faulty);
    let expected = [
        "Ligne 4, office › code CRPCEN (office.crpcen) : un texte est attendu, pas un nombre. Mettez la valeur entre guillemets.",
        "Ligne 5, office › domaine (office.domain) : « étude.fr » n’est pas un nom de domaine. Écrivez un nom comme visio.office.fr : lettres sans accent, chiffres, tirets et points.",
        "Ligne 16, réseau › passerelle (network.gateway) : 192.168.11.1 n’est pas dans le réseau 192.168.10.0/24. Indiquez l’adresse du routeur dans le réseau 192.168.10.0/24.",
        "Ligne 20, réseau des systèmes de salle › numéro de VLAN (network.room_systems.vlan) : 4095 est hors limites. Choisissez un nombre de 1 à 4094.",
        "Ligne 27, « tiem » : cette clé n’existe pas. Vouliez-vous écrire [time] ? Sinon, retirez-la.",
        "Ligne 31, relais de messagerie › identifiant (mail.login) : ce réglage manque. Ajoutez cette ligne.",
        "Ligne 34, relais de messagerie › expéditeur (mail.sender) : « Office Notarial » n’est pas une adresse électronique. Écrivez une adresse comme visio@office.fr.",
        "Ligne 39, certificat (certificate.contcat) : cette clé n’existe pas. Vouliez-vous écrire « certificate.contact » ? Sinon, retirez cette ligne.",
        "Ligne 51, compte administrateur › téléphone mobile (administrator.mobile) : « 01 12 34 56 78 » n’est pas un numéro de téléphone mobile. Écrivez-le comme 06 12 34 56 78, ou avec l’indicatif du pays, comme +33 6 12 34 56 78.",
        "Ligne 54, ports › SIP sur TLS (ports.sips) : le port TCP 5061 est déjà pris. Donnez un port différent à chaque service.",
    ];
    assert_eq!(told, expected, "{told:#?}");
}

#[test]
fn no_secret_is_shown_wherever_it_is_wrong() {
    let file = SetupFile::parse(GOOD).unwrap();
    let settings = file.clone().into_settings(&FakeEntropy::default()).unwrap();
    let hidden = settings.without_secrets();
    let shown = format!("{file:?}{settings:?}{hidden:?}{}", hidden.to_json());
    for secret in SECRETS.iter().chain(&["$argon2id$"]) {
        assert!(!shown.contains(secret), "{secret}");
    }
    for (line, wrong) in [
        ("password = \"Bien-trop-secret-2026\"", "password = \"s3cret\""),
        ("password = \"Bien-trop-secret-2026\"", "password = \"s3cret-et-long-assez"),
        ("password = \"Bien-trop-secret-2026\"", "password = s3cret-et-long-assez"),
        ("password = \"Bien-trop-secret-2026\"", "pasword = \"s3cret-et-long-assez\""),
        ("password = \"Bien-trop-secret-2026\"", "password_hash = \"$argon2id$s3cret\""),
        ("password = \"mot-de-passe-du-relais\"", "password = [\"s3cret\", 5]"),
        ("token = \"jeton-de-gandi\"", "token = \"s3cret é\""),
        ("dns_provider = \"gandi\"", "dns_provider = \"gandi\"\nkey = \"\"\"s3cret\"\"\""),
        ("kind = \"acme\"", "kind = \"uploaded\"\nchain = \"s3cret\"\nkey = \"s3cret\""),
    ] {
        let errors = SetupFile::parse(&with(line, wrong)).err();
        let errors = errors.map_or(String::new(), |errors| format!("{errors:?} {}", errors[0]));
        assert!(!errors.contains("s3cret"), "{errors}");
    }
}

#[test]
fn what_is_no_toml_is_told_by_line_too_with_the_faults_of_the_other_lines() {
    let faulty = with("crpcen = \"01234\"", "crpcen = 01234").replace("vlan = 20", "vlan = 0");
    assert_eq!(
        told(&faulty),
        [
            "Ligne 4 : un nombre ne commence pas par zéro. Mettez la valeur entre guillemets, par exemple \"01234\".",
            "Ligne 20, réseau des systèmes de salle › numéro de VLAN (network.room_systems.vlan) : 0 est hors limites. Choisissez un nombre de 1 à 4094.",
        ]
    );
    let cut = &GOOD[..GOOD.find("\"Europe").unwrap_or(GOOD.find("Indian").unwrap())];
    let errors = told(cut);
    assert_eq!(errors.len(), 1, "what comes after the cut is not called missing: {errors:?}");
    assert!(errors[0].starts_with("Ligne 28 :"), "{errors:?}");
    assert!(
        told(&with("mode = \"fixed\"", "interface = \"enp1s0\""))[0]
            .starts_with("Ligne 14 : cette clé est déjà donnée")
    );
    for garbage in ["\u{0}\u{1}\u{2}", "[[[[", "=", "a = {b = {c = ", "<html>", "\u{feff}\u{feff}"] {
        assert!(!SetupFile::parse(garbage).unwrap_err().is_empty(), "{garbage}");
    }
}

#[test]
fn a_file_cut_or_mistyped_anywhere_is_read_or_refused_with_reasons() {
    for at in (0..GOOD.len()).filter(|at| GOOD.is_char_boundary(*at)) {
        let (before, after) = GOOD.split_at(at);
        let without = before.chars().chain(after.chars().skip(1)).collect::<String>();
        for text in [before.to_owned(), without, format!("{before}\"{after}"), format!("{before}[{after}")] {
            if let Err(errors) = SetupFile::parse(&text) {
                assert!(!errors.is_empty(), "{text}");
            }
        }
    }
}

#[test]
fn settings_that_contradict_each_other_are_refused() {
    for (line, instead, told_as) in [
        ("gateway = \"192.168.10.1\"", "gateway = \"192.168.10.5\"", "est l’adresse du boîtier lui-même"),
        ("mode = \"fixed\"", "mode = \"dhcp\"", "en mode « dhcp », le réseau donne ce réglage"),
        ("address = \"192.168.10.5/24\"", "", "network.address) : ce réglage manque"),
        ("vlan = 20", "", "numéro de VLAN (network.room_systems.vlan) : ce réglage manque"),
        (
            "address = \"192.168.20.5/24\"",
            "address = \"192.168.10.6/24\"",
            "est aussi dans le réseau de l’office",
        ),
        ("login = \"visio\"", "login = \"visio\"\nsecurity = \"none\"", "passerait en clair"),
        (
            "dns_provider = \"gandi\"",
            "dns_provider = \"ovh\"",
            "OVH › clé d’application (certificate.ovh.application_key)",
        ),
        ("kind = \"acme\"", "kind = \"own\"", "ne sert pas avec « own »"),
        ("https = 8443", "media = 20100", "est dans la plage des systèmes de salle"),
        ("https = 8443", "rtp_from = 20001", "Commencez par un nombre pair"),
        ("password = \"Bien-trop", "password_hash = \"x\"\npassword = \"Bien-trop", "est donné deux fois"),
    ] {
        let told = told(&with(line, instead));
        assert!(told.iter().any(|error| error.contains(told_as)), "{instead}: {told:#?}");
    }
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
