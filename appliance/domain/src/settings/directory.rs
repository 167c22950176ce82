use super::{DomainName, LdapUrl, Refusal, Secret, certificate, setup::Answers};
use crate::directory::Field;
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;

/// What is looked for where nothing else is said: people (RFC 4519 §3.12).
const FILTER: &str = "(objectClass=person)";
/// Hours between two looks where nothing else is said.
const HOURS: u16 = 6;
/// At most a week.
const MOST_HOURS: u16 = 168;
/// Bytes of a distinguished name or a filter at most.
const LONGEST: usize = 500;

/// The LDAP server that the directory of notaries is copied from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DirectoryServer {
    /// Where it is reached.
    pub url: LdapUrl,
    /// Distinguished name below which its entries are.
    pub base: String,
    /// Which entries are copied (RFC 4515).
    pub filter: String,
    /// Where the server asks for them.
    pub login: Option<DirectoryLogin>,
    /// PEM of a certification authority of the server's own, where the public ones do not vouch for it.
    pub authority_pem: Option<String>,
    /// Hours between two looks, 1 to 168.
    pub hours: u16,
    /// Which of its attributes is which field.
    pub attributes: DirectoryAttributes,
}

/// Name and password at the server.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DirectoryLogin {
    /// Distinguished name.
    pub dn: String,
    /// The password.
    pub password: Secret,
}

/// The server's attributes, by the field that they fill. By default those of `inetOrgPerson` (RFC 2798, RFC 4519); the ADSN's own are
/// not public.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct DirectoryAttributes {
    /// «Entité».
    pub entity: String,
    /// «CRPCEN».
    pub crpcen: String,
    /// «Office».
    pub office: String,
    /// «Nom».
    pub name: String,
    /// «Code postal».
    pub postal_code: String,
    /// «Ville».
    pub town: String,
    /// «Compte».
    pub account: String,
}

impl Default for DirectoryAttributes {
    fn default() -> Self {
        Self {
            entity: "businessCategory".to_owned(),
            crpcen: "departmentNumber".to_owned(),
            office: "o".to_owned(),
            name: "cn".to_owned(),
            postal_code: "postalCode".to_owned(),
            town: "l".to_owned(),
            account: "telephoneNumber".to_owned(),
        }
    }
}

impl DirectoryAttributes {
    /// The attribute that fills a field.
    #[must_use]
    pub fn of(&self, field: Field) -> &str {
        match field {
            Field::Entity => &self.entity,
            Field::Crpcen => &self.crpcen,
            Field::Office => &self.office,
            Field::Name => &self.name,
            Field::PostalCode => &self.postal_code,
            Field::Town => &self.town,
            Field::Account => &self.account,
        }
    }

    /// As a page shows them: `crpcen=departmentNumber` …
    pub(super) fn words(&self) -> Vec<String> {
        Field::ALL.iter().map(|field| format!("{}={}", word(*field), self.of(*field))).collect()
    }

    /// The usual ones, but those that are named.
    fn named(given: Vec<(Field, String)>) -> Self {
        given.into_iter().fold(Self::default(), |mut attributes, (field, name)| {
            let place = match field {
                Field::Entity => &mut attributes.entity,
                Field::Crpcen => &mut attributes.crpcen,
                Field::Office => &mut attributes.office,
                Field::Name => &mut attributes.name,
                Field::PostalCode => &mut attributes.postal_code,
                Field::Town => &mut attributes.town,
                Field::Account => &mut attributes.account,
            };
            *place = name;
            attributes
        })
    }
}

impl DirectoryServer {
    /// None, also where a part is wrong: that is among the answers' errors then.
    pub(super) fn read(answers: &mut Answers) -> Option<Self> {
        if !answers.has_section("directory") {
            return None;
        }
        let url = answers.required("directory.url", LdapUrl::new);
        let base = answers.required("directory.base", ldap_text);
        let filter = answers.optional("directory.filter", filter).unwrap_or_else(|| FILTER.to_owned());
        let login = DirectoryLogin::read(answers);
        let authority_pem = answers.optional("directory.authority", certificate::chain);
        let hours = answers.number("directory.hours", 1, MOST_HOURS).unwrap_or(HOURS);
        let attributes = DirectoryAttributes::named(answers.list("directory.attributes", attribute));
        Some(Self { url: url?, base: base?, filter, login, authority_pem, hours, attributes })
    }
}

impl DirectoryLogin {
    fn read(answers: &mut Answers) -> Option<Self> {
        if !answers.has("directory.bind_dn") && !answers.has("directory.password") {
            return None;
        }
        let dn = answers.required("directory.bind_dn", ldap_text);
        let password = answers.required("directory.password", |text| ldap_text(text).map(Secret::new));
        Some(Self { dn: dn?, password: password? })
    }
}

/// `ldaps://host:port` with TLS from the first byte, `ldap://host:port` with StartTLS (RFC 4511 §4.14), without which nothing is
/// asked. Anything else that RFC 4516 lets stand in one has a setting of its own.
pub(super) fn url(text: &str) -> Result<String, Refusal> {
    let refusal = || {
        Refusal::new(
            format!("« {text} » n’est pas l’adresse d’un serveur LDAP"),
            "Écrivez-la comme ldaps://annuaire.exemple.fr (TLS) ou ldap://annuaire.exemple.fr:389 (StartTLS)",
        )
    };
    let (scheme, rest) = text.split_once("://").ok_or_else(refusal)?;
    let scheme = scheme.to_ascii_lowercase();
    if !matches!(scheme.as_str(), "ldap" | "ldaps") {
        return Err(refusal());
    }
    let place = rest.strip_suffix('/').unwrap_or(rest);
    // No IPv6 address: a certificate's name cannot be compared with one (crate `ldap3`).
    let (host, port) = place.split_once(':').map_or((place, None), |(host, port)| (host, Some(port)));
    let host = match host.parse::<Ipv4Addr>() {
        Ok(address) => address.to_string(),
        Err(_) => DomainName::new(host).map_err(|_| refusal())?.to_string(),
    };
    let Some(port) = port else { return Ok(format!("{scheme}://{host}")) };
    let number = port.parse::<u16>().ok().filter(|number| *number > 0 && !port.starts_with('+'));
    Ok(format!("{scheme}://{host}:{}", number.ok_or_else(refusal)?))
}

/// A text on one line.
fn ldap_text(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST || text.chars().any(char::is_control) {
        return Err(Refusal::new("ce texte ne peut pas être lu", "Recopiez-le sur une seule ligne"));
    }
    Ok(text.to_owned())
}

/// A filter by its looks; whether the server understands it, it says itself.
fn filter(text: &str) -> Result<String, Refusal> {
    let text = ldap_text(text)?;
    let count = |sign: char| text.chars().filter(|c| *c == sign).count();
    if text.starts_with('(') && text.ends_with(')') && count('(') == count(')') {
        return Ok(text);
    }
    Err(Refusal::new(
        "ce n’est pas un filtre LDAP",
        "Écrivez-le entre parenthèses, par exemple (objectClass=person)",
    ))
}

fn word(field: Field) -> &'static str {
    match field {
        Field::Entity => "entity",
        Field::Crpcen => "crpcen",
        Field::Office => "office",
        Field::Name => "name",
        Field::PostalCode => "postal_code",
        Field::Town => "town",
        Field::Account => "account",
    }
}

/// `crpcen=departmentNumber`: a field, and the attribute that fills it (RFC 4512 §1.4, `keystring`).
fn attribute(text: &str) -> Result<(Field, String), Refusal> {
    let refusal = || {
        Refusal::new(
            format!("« {text} » n’associe pas un attribut à un champ de l’annuaire"),
            "Écrivez par exemple crpcen=departmentNumber ; les champs sont entity, crpcen, office, name, postal_code, town \
             et account",
        )
    };
    let (field, name) = text.split_once('=').ok_or_else(refusal)?;
    let field = Field::ALL.into_iter().find(|known| word(*known) == field.trim()).ok_or_else(refusal)?;
    let name = name.trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.len() <= 64 && name.chars().all(plain) {
        return Ok((field, name.to_owned()));
    }
    Err(refusal())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;
    use serde_json::{Value, json};

    #[test]
    fn addresses_are_those_of_servers_that_encrypt() {
        for (written, read) in [
            ("ldaps://annuaire.exemple.fr", "ldaps://annuaire.exemple.fr"),
            (" LDAP://Annuaire.exemple.fr:1389/ ", "ldap://annuaire.exemple.fr:1389"),
            ("ldaps://192.0.2.1:636", "ldaps://192.0.2.1:636"),
        ] {
            assert_eq!(LdapUrl::new(written).unwrap().as_str(), read);
        }
        for text in [
            "",
            "annuaire.exemple.fr",
            "ldapi://socket",
            "https://exemple.fr",
            "ldap://",
            "ldap://exemple.fr:0",
            "ldap://a b",
            "ldaps://exemple.fr:+1",
            "ldap://exemple.fr/dc=fr??sub",
            "ldap://moi@exemple.fr",
            "ldap://[::1]",
        ] {
            let told = url(text).unwrap_err().to_string();
            assert!(told.contains("n’est pas l’adresse d’un serveur LDAP"), "{text}: {told}");
        }
    }

    /// A box's settings with these of its directory.
    fn with(directory: &Value) -> Result<DirectoryServer, Vec<String>> {
        let mut form = Settings::default().to_form();
        form["office"] = json!({ "name": "Office", "crpcen": "01234", "domain": "visio.office.fr" });
        form["directory"] = directory.clone();
        let read = Settings::from_form(&form, &Settings::default());
        let read = read.map_err(|faults| faults.into_iter().map(|fault| fault.key).collect::<Vec<_>>())?;
        let settings = read.settings;
        assert_eq!(Settings::from_json(&settings.to_json()).unwrap(), settings, "it is stored as it is");
        let again = Settings::from_form(&settings.to_form(), &settings).unwrap().settings;
        assert_eq!(again, settings, "what is shown and sent back changes nothing");
        Ok(settings.directory.unwrap())
    }

    #[test]
    fn little_has_to_be_said_and_much_can_be() {
        let server =
            with(&json!({ "url": "ldaps://annuaire.exemple.fr", "base": "dc=exemple,dc=fr" })).unwrap();
        assert_eq!((server.filter.as_str(), server.hours, server.login), (FILTER, HOURS, None));
        assert_eq!(server.attributes, DirectoryAttributes::default());
        let server = with(&json!({
            "url": "ldap://annuaire.exemple.fr", "base": "ou=notaires,dc=fr", "filter": "(&(objectClass=person)(o=*))",
            "bind_dn": "cn=boite,dc=fr", "password": "secret", "hours": 24, "attributes": ["crpcen = uid", "town=st"],
        }));
        let server = server.unwrap();
        assert_eq!(server.login.unwrap().password.reveal(), "secret");
        assert_eq!((server.attributes.crpcen.as_str(), server.attributes.town.as_str()), ("uid", "st"));
        assert_eq!(server.attributes.name, "cn");
    }

    #[test]
    fn each_fault_is_told_beside_its_field() {
        let faults = with(&json!({
            "url": "annuaire", "filter": "objectClass=person", "password": "seul", "hours": 0,
            "attributes": ["nom=cn", "town=l)(uid=*"],
        }));
        assert_eq!(
            faults.unwrap_err(),
            [
                "directory.url",
                "directory.base",
                "directory.filter",
                "directory.bind_dn",
                "directory.hours",
                "directory.attributes",
                "directory.attributes"
            ]
        );
    }
}
