//! What a set-up file may hold. The file's words are those of the code; what people read of them is French.

/// What kind of value a key takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// A text between quotation marks.
    Text,
    /// A whole number.
    Number,
    /// Texts between square brackets.
    List,
}

/// One key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    /// `network.gateway`.
    pub path: &'static str,
    /// «passerelle».
    pub label: &'static str,
    /// What it takes.
    pub kind: Kind,
}

const fn text(path: &'static str, label: &'static str) -> Key {
    Key { path, label, kind: Kind::Text }
}

const fn number(path: &'static str, label: &'static str) -> Key {
    Key { path, label, kind: Kind::Number }
}

const fn list(path: &'static str, label: &'static str) -> Key {
    Key { path, label, kind: Kind::List }
}

/// The tables, and what they are called in French.
pub(super) const SECTIONS: &[(&str, &str)] = &[
    ("office", "office"),
    ("support", "assistance"),
    ("brand", "marque"),
    ("network", "réseau"),
    ("network.room_systems", "réseau des systèmes de salle"),
    ("names", "noms"),
    ("time", "heure"),
    ("mail", "relais de messagerie"),
    ("sms", "envoi des SMS"),
    ("turn", "serveur TURN"),
    ("directory", "serveur d’annuaire"),
    ("certificate", "certificat"),
    ("certificate.rfc2136", "certificat, serveur DNS"),
    ("certificate.ovh", "certificat, OVH"),
    ("certificate.gandi", "certificat, Gandi"),
    ("administrator", "compte administrateur"),
    ("ports", "ports"),
    ("access", "accès"),
    ("updates", "mises à jour"),
    ("retention", "durées de conservation"),
    ("licences", "licences"),
    ("billing", "facturation"),
];

/// Every key there is.
pub(super) const KEYS: &[Key] = &[
    text("office.name", "nom de l’office"),
    text("office.crpcen", "code CRPCEN"),
    text("office.domain", "domaine"),
    text("office.number_prefix", "début des numéros"),
    text("support.name", "nom"),
    text("support.phone", "téléphone"),
    text("support.email", "adresse électronique"),
    text("support.hours", "horaires"),
    text("brand.service", "nom du service"),
    text("brand.accent", "couleur"),
    text("brand.logo", "logo"),
    text("brand.approval", "agrément"),
    text("brand.terms", "conditions générales de vente"),
    text("brand.responsibility", "responsabilité"),
    text("network.interface", "interface"),
    text("network.mode", "mode d’adressage"),
    text("network.address", "adresse"),
    text("network.gateway", "passerelle"),
    list("network.dns", "serveurs DNS"),
    number("network.room_systems.vlan", "numéro de VLAN"),
    text("network.room_systems.mode", "mode d’adressage"),
    text("network.room_systems.address", "adresse"),
    text("names.host", "nom de la boîte"),
    text("names.public", "nom public"),
    text("time.zone", "fuseau horaire"),
    list("time.ntp", "serveurs NTP"),
    text("mail.host", "serveur"),
    number("mail.port", "port"),
    text("mail.security", "protection"),
    text("mail.login", "identifiant"),
    text("mail.password", "mot de passe"),
    text("mail.sender", "expéditeur"),
    text("mail.authority", "autorité de certification"),
    text("sms.kind", "façon"),
    text("sms.url", "adresse du service"),
    text("sms.method", "méthode"),
    text("sms.headers", "en-têtes"),
    text("sms.format", "format du corps"),
    text("sms.body", "corps"),
    text("sms.secret", "secret"),
    text("sms.accepted", "réponse attendue"),
    text("sms.authority", "autorité de certification"),
    list("turn.uris", "adresses"),
    text("turn.secret", "secret partagé"),
    text("directory.url", "adresse"),
    text("directory.base", "base"),
    text("directory.filter", "filtre"),
    text("directory.bind_dn", "identifiant"),
    text("directory.password", "mot de passe"),
    text("directory.authority", "autorité de certification"),
    number("directory.hours", "heures entre deux mises à jour"),
    list("directory.attributes", "attributs"),
    text("certificate.kind", "origine"),
    text("certificate.chain", "chaîne de certificats"),
    text("certificate.key", "clé privée"),
    text("certificate.directory", "annuaire ACME"),
    text("certificate.contact", "adresse de contact"),
    text("certificate.authority", "autorité de l’annuaire"),
    text("certificate.dns_provider", "hébergeur DNS"),
    text("certificate.rfc2136.server", "serveur"),
    text("certificate.rfc2136.key_name", "nom de la clé"),
    text("certificate.rfc2136.key_secret", "secret de la clé"),
    text("certificate.ovh.application_key", "clé d’application"),
    text("certificate.ovh.application_secret", "secret d’application"),
    text("certificate.ovh.consumer_key", "clé d’utilisateur"),
    text("certificate.gandi.token", "jeton"),
    text("administrator.civility", "civilité"),
    text("administrator.first_name", "prénom"),
    text("administrator.last_name", "nom"),
    text("administrator.login", "identifiant"),
    text("administrator.email", "adresse électronique"),
    text("administrator.mobile", "téléphone mobile"),
    text("administrator.password", "mot de passe"),
    text("administrator.password_hash", "empreinte du mot de passe"),
    number("ports.https", "pages web"),
    number("ports.guests", "pages des invités"),
    number("ports.sip", "SIP"),
    number("ports.sips", "SIP sur TLS"),
    number("ports.media", "images et sons des navigateurs"),
    number("ports.rtp_from", "premier port des systèmes de salle"),
    number("ports.rtp_to", "dernier port des systèmes de salle"),
    list("access.networks", "réseaux de l’espace client"),
    list("access.proxies", "serveurs mandataires"),
    number("access.idle_minutes", "minutes d’inactivité"),
    number("access.session_hours", "heures d’une session"),
    text("updates.source", "serveur"),
    text("updates.channel", "canal"),
    text("updates.mode", "installation"),
    list("updates.days", "jours de maintenance"),
    text("updates.from", "début de la maintenance"),
    text("updates.to", "fin de la maintenance"),
    number("retention.calls", "journal d’appel"),
    number("retention.meetings", "réunions passées"),
    number("retention.messages", "courriels et SMS"),
    number("retention.journal", "journal d’audit"),
    number("licences.count", "nombre"),
    text("billing.email", "adresse électronique"),
];

/// The key with this path.
pub(super) fn find(path: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.path == path)
}

/// The table with this path, in French.
pub(super) fn section(path: &str) -> Option<&'static str> {
    SECTIONS.iter().find(|(section, _)| *section == path).map(|(_, label)| *label)
}

/// «réseau › passerelle»; for what is not known, the part that is.
pub(super) fn label(path: &str) -> String {
    if let Some(section) = section(path) {
        return section.to_owned();
    }
    let within = path.rsplit_once('.').and_then(|(section_path, _)| section(section_path));
    match (within, find(path)) {
        (Some(section), Some(key)) => format!("{section} › {}", key.label),
        (Some(section), None) => section.to_owned(),
        (None, _) => String::new(),
    }
}

/// What was probably meant by a key or table that is not known: the nearest by letters, or the same word in another
/// table.
pub(super) fn nearest(path: &str) -> Option<&'static str> {
    let known = || KEYS.iter().map(|key| key.path).chain(SECTIONS.iter().map(|(section, _)| *section));
    let leaf = |path: &str| path.rsplit('.').next().unwrap_or_default().to_owned();
    let near = |most: usize| {
        let candidates = known().map(|candidate| (distance(path, candidate), candidate));
        candidates.filter(|(distance, _)| *distance <= most).min().map(|(_, candidate)| candidate)
    };
    let elsewhere = || known().find(|candidate| leaf(candidate) == leaf(path));
    near(1).or_else(elsewhere).or_else(|| near((leaf(path).chars().count() / 3).max(2)))
}

/// How many letters have to be changed, added, removed or swapped with their neighbour (optimal string alignment).
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) =
        (one.to_lowercase().chars().collect(), other.to_lowercase().chars().collect());
    let (mut before, mut row) = (Vec::new(), (0..=other.len()).collect::<Vec<_>>());
    for (i, a) in one.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let mut best = (row[j] + usize::from(a != b)).min(row[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == *b {
                let swapped: usize = before[j - 1];
                best = best.min(swapped + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut row, next);
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_meant_is_guessed() {
        for (written, meant) in [
            ("network.gatway", "network.gateway"),
            ("network.gateaway", "network.gateway"),
            ("netwrok", "network"),
            ("office.crpcne", "office.crpcen"),
            ("network.zone", "time.zone"),
            ("mail.pasword", "mail.password"),
        ] {
            assert_eq!(nearest(written), Some(meant), "{written}");
        }
        assert_eq!(nearest("couleur"), None);
    }

    #[test]
    fn every_key_is_in_a_table_and_has_words() {
        for key in KEYS {
            assert!(label(key.path).contains(" › "), "{}", key.path);
        }
    }
}
