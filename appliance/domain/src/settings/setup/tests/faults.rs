//! What is wrong is told: all of it, with its line, in words, and without a secret.

use super::*;

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
        "Ligne 31, relais de messagerie › identifiant (mail.login) : ce réglage manque. Indiquez-le.",
        "Ligne 34, relais de messagerie › expéditeur (mail.sender) : « Office Notarial » n’est pas une adresse électronique. Écrivez une adresse comme visio@office.fr.",
        "Ligne 43, certificat (certificate.contcat) : cette clé n’existe pas. Vouliez-vous écrire « certificate.contact » ? Sinon, retirez cette ligne.",
        "Ligne 55, compte administrateur › téléphone mobile (administrator.mobile) : « 01 12 34 56 78 » n’est pas un numéro de téléphone mobile. Écrivez-le comme 06 12 34 56 78, ou avec l’indicatif du pays, comme +33 6 12 34 56 78.",
        "Ligne 58, ports › SIP sur TLS (ports.sips) : le port TCP 5061 est déjà pris. Donnez un port différent à chaque service.",
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
        ("secret = \"un-secret-que-le-serveur-connait\"", "secret = \"s3cret\""),
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
        ("gateway = \"192.168.10.1\"", "gateway = \"192.168.10.5\"", "est l’adresse de la boîte elle-même"),
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
        (
            "secret = \"un-secret-que-le-serveur-connait\"",
            "",
            "secret partagé (turn.secret) : ce réglage manque",
        ),
        ("uris = [\"turn:turn", "# uris = [\"turn:turn", "adresses (turn.uris) : ce réglage manque"),
        (
            "uris = [\"turn:turn.office.fr:3478\"",
            "uris = [\"turn:a\", \"turn:b\", \"turn:c\", \"turn:d\"",
            "5, c’est trop. Gardez-en 4 au plus",
        ),
        (
            "uris = [\"turn:turn.office.fr:3478\"",
            "uris = [\"turn.office.fr\"",
            "n’est pas l’adresse d’un serveur TURN",
        ),
        ("kind = \"acme\"", "kind = \"own\"", "ne sert pas avec « own »"),
        ("https = 8443", "media = 20100", "est dans la plage des systèmes de salle"),
        ("https = 8443", "sip = 506", "506 est hors limites. Choisissez un nombre de 1024 à 65535"),
        ("https = 8443", "rtp_from = 20001", "Commencez par un nombre pair"),
        ("password = \"Bien-trop", "password_hash = \"x\"\npassword = \"Bien-trop", "est donné deux fois"),
    ] {
        let told = told(&with(line, instead));
        assert!(told.iter().any(|error| error.contains(told_as)), "{instead}: {told:#?}");
    }
}
