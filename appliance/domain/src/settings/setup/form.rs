//! The settings as a page shows and changes them: the tables and keys of `setup.toml` as JSON, without the account of the
//! administrator, and without a secret on the way out.

use super::{Answers, SetupError, tree};
use crate::settings::{
    Addressing, Certificate, DirectoryServer, DnsProvider, Interface, MailRelay, Network, OfficeSettings,
    Refusal, Secret, Settings, SmsRelay,
};
use serde_json::{Map, Value, json};

/// What a page has sent, without faults.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SettingsForm {
    /// The settings that it asks for.
    pub settings: Settings,
    /// What is accepted, but unusual: to be shown.
    pub remarks: Vec<SetupError>,
}

/// A secret that is kept where a page leaves its field empty.
struct Held<'a> {
    key: &'static str,
    secret: &'a Secret,
    /// Whom it is for: with another value there it is asked for again, because whoever holds a page could have it presented
    /// to a server of his own.
    audience: &'static [&'static str],
}

impl Settings {
    /// What a page shows: every key that is set, but no secret.
    #[must_use]
    pub fn to_form(&self) -> Value {
        let mut form = json!({
            "office": {
                "name": self.office.name,
                "crpcen": self.office.crpcen,
                "domain": self.office.domain,
                "number_prefix": self.office.number_prefix,
            },
            "support": self.support,
            "brand": self.brand,
            "network": network(&self.network),
            "names": self.names,
            "time": self.time,
            "certificate": certificate(&self.certificate),
            "ports": self.ports,
            "access": self.access,
            "billing": self.billing,
            "retention": self.retention,
            "updates": {
                "source": self.updates.source,
                "channel": self.updates.channel,
                "mode": self.updates.mode,
                "days": self.updates.window.days,
                "from": self.updates.window.from,
                "to": self.updates.window.to,
            },
        });
        if let Some(relay) = &self.mail {
            form["mail"] = mail(relay);
        }
        if let Some(relay) = &self.sms {
            form["sms"] = sms(relay);
        }
        if let Some(server) = &self.turn {
            form["turn"] = json!({ "uris": server.uris });
        }
        if let Some(server) = &self.directory {
            form["directory"] = directory(server);
        }
        form
    }

    /// The keys of the secrets that are set.
    #[must_use]
    pub fn secrets(&self) -> Vec<&'static str> {
        self.held().into_iter().map(|held| held.key).collect()
    }

    /// Reads what a page has sent; its empty secrets are those of `before`, where they are for the same server and name.
    ///
    /// # Errors
    /// Each fault with its key.
    pub fn from_form(document: &Value, before: &Self) -> Result<SettingsForm, Vec<SetupError>> {
        let (document, asked_again) = before.with_secrets(document);
        let mut answers = Answers::new(tree::from_json(&document), Vec::new());
        if document.get("administrator").is_some_and(|value| !value.is_null()) {
            let todo = "Les comptes se changent ailleurs que dans les réglages";
            answers.refuse("administrator", Refusal::new("ce compte n’est pas un réglage", todo));
        }
        if document.get("licences").is_some_and(|value| !value.is_null()) {
            let todo = "D’autres licences se commandent à la page « Licences et commandes »";
            answers.refuse("licences", Refusal::new("le nombre de licences ne se règle pas", todo));
        }
        let read = super::settings(&mut answers);
        let outcome = answers.finish();
        match read {
            Some(settings) if outcome.errors.is_empty() => {
                let office = OfficeSettings {
                    number_prefix: prefix(&document, settings.office.number_prefix),
                    ..settings.office
                };
                // What a page does not know of stays as it is.
                let updates = match document.get("updates") {
                    Some(_) => settings.updates.clone(),
                    None => before.updates.clone(),
                };
                let told = |key: &str| document.get(key).is_some();
                let access = if told("access") { settings.access.clone() } else { before.access.clone() };
                let brand = if told("brand") { settings.brand.clone() } else { before.brand.clone() };
                let retention = if told("retention") { settings.retention } else { before.retention };
                let billing = if told("billing") { settings.billing.clone() } else { before.billing.clone() };
                let administrator = before.administrator.clone();
                let (backup, licences) = (before.backup.clone(), before.licences);
                let settings = Self {
                    office,
                    brand,
                    access,
                    administrator,
                    updates,
                    retention,
                    billing,
                    licences,
                    backup,
                    ..settings
                };
                Ok(SettingsForm { settings, remarks: outcome.remarks })
            }
            _ => Err(outcome.errors.into_iter().map(|error| beside_a_field(error, &asked_again)).collect()),
        }
    }

    fn held(&self) -> Vec<Held<'_>> {
        let held = |key, secret, audience| Held { key, secret, audience };
        let login = self.mail.as_ref().and_then(|relay| relay.login.as_ref());
        let mut all: Vec<_> = login
            .map(|login| held("mail.password", &login.password, &["mail.host", "mail.login"]))
            .into_iter()
            .collect();
        if let Some(SmsRelay::Http(request)) = &self.sms {
            all.extend(request.secret.as_ref().map(|secret| held("sms.secret", secret, &["sms.url"])));
        }
        all.extend(self.turn.as_ref().map(|server| held("turn.secret", &server.secret, &["turn.uris"])));
        let login = self.directory.as_ref().and_then(|server| server.login.as_ref());
        all.extend(login.map(|login| {
            held("directory.password", &login.password, &["directory.url", "directory.bind_dn"])
        }));
        match &self.certificate {
            Certificate::Own => {}
            Certificate::Uploaded { key_pem, .. } => {
                all.push(held("certificate.key", key_pem, &["certificate.kind"]));
            }
            Certificate::Acme { dns: DnsProvider::Rfc2136 { key_secret, .. }, .. } => {
                all.push(held(
                    "certificate.rfc2136.key_secret",
                    key_secret,
                    &["certificate.rfc2136.key_name"],
                ));
            }
            Certificate::Acme {
                dns: DnsProvider::Ovh { application_key, application_secret, consumer_key },
                ..
            } => all.extend([
                held("certificate.ovh.application_key", application_key, &["certificate.dns_provider"]),
                held("certificate.ovh.application_secret", application_secret, &["certificate.dns_provider"]),
                held("certificate.ovh.consumer_key", consumer_key, &["certificate.dns_provider"]),
            ]),
            Certificate::Acme { dns: DnsProvider::Gandi { token }, .. } => {
                all.push(held("certificate.gandi.token", token, &["certificate.dns_provider"]));
            }
        }
        all.retain(|held| !held.secret.is_empty());
        all
    }

    /// The document with the secrets that it leaves as they are; and the keys of those that it would give to somebody else.
    fn with_secrets(&self, document: &Value) -> (Value, Vec<&'static str>) {
        let (own, mut filled, mut asked_again) = (self.to_form(), document.clone(), Vec::new());
        for Held { key, secret, audience } in self.held() {
            if !given(document, key).is_empty() {
                continue;
            }
            if audience.iter().all(|key| given(document, key) == given(&own, key)) {
                put(&mut filled, key, secret.reveal());
            } else {
                asked_again.push(key);
            }
        }
        (filled, asked_again)
    }
}

fn network(network: &Network) -> Value {
    let mut form = addressing(&network.addressing);
    form.insert("dns".to_owned(), json!(network.dns));
    if let Some(interface) = &network.interface {
        let word = match interface {
            Interface::Name(name) => name.as_str(),
            Interface::Mac(mac) => mac.as_str(),
        };
        form.insert("interface".to_owned(), json!(word));
    }
    if let Some(rooms) = &network.room_systems {
        let mut within = addressing(&rooms.addressing);
        within.insert("vlan".to_owned(), json!(rooms.vlan));
        form.insert("room_systems".to_owned(), Value::Object(within));
    }
    Value::Object(form)
}

fn addressing(addressing: &Addressing) -> Map<String, Value> {
    let fields = match addressing {
        Addressing::Dhcp => vec![("mode", json!("dhcp"))],
        Addressing::Fixed { address, gateway } => {
            vec![("mode", json!("fixed")), ("address", json!(address)), ("gateway", json!(gateway))]
        }
    };
    fields
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

fn mail(relay: &MailRelay) -> Value {
    json!({
        "host": relay.host,
        "port": relay.port,
        "security": relay.security,
        "login": relay.login.as_ref().map(|login| &login.name),
        "sender": relay.sender.to_string(),
        "authority": relay.authority_pem,
    })
}

fn sms(relay: &SmsRelay) -> Value {
    let SmsRelay::Http(request) = relay else { return json!({ "kind": "modem" }) };
    let headers = request.headers.iter().map(|(name, value)| format!("{name}: {value}"));
    json!({
        "kind": "http",
        "url": request.url,
        "method": request.method,
        "headers": headers.collect::<Vec<_>>().join("\n"),
        "format": request.format,
        "body": request.body,
        "accepted": request.accepted,
        "authority": request.authority_pem,
    })
}

fn directory(server: &DirectoryServer) -> Value {
    json!({
        "url": server.url,
        "base": server.base,
        "filter": server.filter,
        "bind_dn": server.login.as_ref().map(|login| &login.dn),
        "authority": server.authority_pem,
        "hours": server.hours,
        "attributes": server.attributes.words(),
    })
}

fn certificate(certificate: &Certificate) -> Value {
    match certificate {
        Certificate::Own => json!({ "kind": "own" }),
        Certificate::Uploaded { chain_pem, .. } => json!({ "kind": "uploaded", "chain": chain_pem }),
        Certificate::Acme { directory, contact, dns, authority_pem } => {
            let mut form = json!({ "kind": "acme", "directory": directory, "contact": contact });
            form["authority"] = json!(authority_pem);
            form["dns_provider"] = match dns {
                DnsProvider::Rfc2136 { server, key_name, .. } => {
                    form["rfc2136"] = json!({ "server": server, "key_name": key_name });
                    json!("rfc2136")
                }
                DnsProvider::Ovh { .. } => {
                    form["ovh"] = json!({});
                    json!("ovh")
                }
                DnsProvider::Gandi { .. } => {
                    form["gandi"] = json!({});
                    json!("gandi")
                }
            };
            form
        }
    }
}

/// An empty one means none. A set-up file that does not name it means the usual one.
fn prefix(document: &Value, read: String) -> String {
    let given = document.pointer("/office/number_prefix").and_then(Value::as_str);
    if given == Some("") { String::new() } else { read }
}

/// On a page there are no lines.
fn beside_a_field(error: SetupError, asked_again: &[&str]) -> SetupError {
    if error.refusal != Refusal::missing() {
        return error;
    }
    let refusal = if asked_again.contains(&error.key.as_str()) {
        Refusal::new(
            "le secret enregistré a été donné pour un autre serveur, identifiant ou hébergeur",
            "Saisissez-le de nouveau",
        )
    } else {
        Refusal::new("ce réglage manque", "Remplissez ce champ")
    };
    SetupError { refusal, ..error }
}

/// A key's text, or its texts; none where they are empty.
fn given<'a>(document: &'a Value, key: &str) -> Vec<&'a str> {
    let texts = match document.pointer(&format!("/{}", key.replace('.', "/"))) {
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        other => other.and_then(Value::as_str).into_iter().collect::<Vec<_>>(),
    };
    texts.into_iter().map(str::trim).filter(|text| !text.is_empty()).collect()
}

fn put(document: &mut Value, key: &str, text: &str) {
    let mut place = document;
    for name in key.split('.') {
        if !place.is_object() {
            *place = json!({});
        }
        place = &mut place[name];
    }
    *place = json!(text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Ports, SetupFile};

    fn relay() -> Value {
        json!({
            "host": "smtp.office.fr", "login": "visio", "password": "mot-de-passe", "sender": "visio@office.fr",
        })
    }

    /// A box whose mail relay, TURN server and certificate have secrets.
    fn before() -> Settings {
        let document = json!({
            "office": { "name": "Office", "crpcen": "01234", "domain": "visio.office.fr" },
            "network": { "interface": "enp1s0", "address": "192.168.10.5/24", "gateway": "192.168.10.1",
                         "dns": ["192.168.10.1"], "room_systems": { "vlan": 20, "mode": "dhcp" } },
            "mail": relay(),
            "turn": { "uris": ["turn:turn.office.fr:3478", "turns:turn.office.fr:443"], "secret": "secret-partage-de-turn" },
            "certificate": { "kind": "acme", "directory": "https://acme.test/dir", "contact": "a@office.fr",
                             "dns_provider": "gandi", "gandi": { "token": "jeton" } },
            "administrator": { "first_name": "Claire", "last_name": "Moreau", "login": "claire.moreau",
                               "email": "claire@office.fr", "mobile": "06 12 34 56 78",
                               "password_hash": crate::password::hash("Bien-trop-secret-2026", &crate::testing::FakeEntropy::seeded(1)).unwrap() },
        });
        let file = SetupFile::from_json(&document).unwrap();
        file.into_settings(&crate::testing::FakeEntropy::seeded(1)).unwrap()
    }

    fn told(document: &Value) -> Vec<(String, String)> {
        let faults = Settings::from_form(document, &before()).unwrap_err();
        faults.into_iter().map(|fault| (fault.key, fault.refusal.to_string())).collect()
    }

    #[test]
    fn what_is_shown_and_sent_back_unchanged_changes_nothing() {
        let form = before().to_form();
        assert_eq!(Settings::from_form(&form, &before()).unwrap().settings, before());
        let plain = Settings { mail: None, turn: None, certificate: Certificate::Own, ..before() };
        assert_eq!(Settings::from_form(&plain.to_form(), &plain).unwrap().settings, plain);
    }

    #[test]
    fn how_updates_come_is_shown_and_stays_where_a_page_does_not_know_of_it() {
        let updates = crate::settings::UpdateSettings {
            source: Some(crate::settings::UpdateSource::new("https://maj.exemple.fr/tabellion").unwrap()),
            mode: crate::settings::UpdateMode::OnRequest,
            ..Default::default()
        };
        let chosen = Settings { updates, ..before() };
        let mut form = chosen.to_form();
        assert_eq!(Settings::from_form(&form, &chosen).unwrap().settings, chosen);
        form.as_object_mut().unwrap().remove("updates");
        assert_eq!(Settings::from_form(&form, &chosen).unwrap().settings, chosen);
    }

    #[test]
    fn licences_are_ordered_and_not_set_while_billing_is() {
        let mut form = before().to_form();
        assert!(form.get("licences").is_none());
        form["billing"] = json!({ "email": "facturation@exemple.fr" });
        let settings = Settings::from_form(&form, &before()).unwrap().settings;
        assert_eq!(settings.billing.email.as_ref().unwrap().as_str(), "facturation@exemple.fr");
        assert_eq!(Settings::from_form(&settings.to_form(), &settings).unwrap().settings, settings);
        let mut older = settings.to_form();
        older.as_object_mut().unwrap().remove("billing");
        assert_eq!(
            Settings::from_form(&older, &settings).unwrap().settings,
            settings,
            "a page that does not know of it"
        );
        form["licences"] = json!({ "count": 500 });
        assert_eq!(told(&form)[0].0, "licences");
    }

    #[test]
    fn no_secret_is_shown_and_each_is_told_to_be_there() {
        let shown = before().to_form().to_string();
        for secret in ["mot-de-passe", "secret-partage", "jeton", "argon2"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert_eq!(before().secrets(), ["mail.password", "turn.secret", "certificate.gandi.token"]);
        assert_eq!(Settings::default().secrets(), Vec::<&str>::new());
    }

    #[test]
    fn a_secret_that_is_given_replaces_the_one_before() {
        let mut form = before().to_form();
        form["mail"]["password"] = json!("un-autre");
        let settings = Settings::from_form(&form, &before()).unwrap().settings;
        assert_eq!(settings.mail.unwrap().login.unwrap().password.reveal(), "un-autre");
    }

    #[test]
    fn a_kept_secret_is_given_to_nobody_else() {
        for (field, other) in [("host", "smtp.ailleurs.fr"), ("login", "autre")] {
            let mut form = before().to_form();
            form["mail"][field] = json!(other);
            let faults = told(&form);
            assert_eq!(faults.len(), 1, "{faults:?}");
            assert_eq!(faults[0].0, "mail.password");
            assert!(faults[0].1.contains("Saisissez-le de nouveau"), "{faults:?}");
        }
        let mut form = before().to_form();
        form["turn"]["uris"] = json!(["turn:turn.ailleurs.fr"]);
        assert_eq!(told(&form)[0].0, "turn.secret");
        let mut form = before().to_form();
        form["certificate"]["dns_provider"] = json!("ovh");
        let keys: Vec<_> = told(&form).into_iter().map(|(key, _)| key).collect();
        assert_eq!(
            keys,
            [
                "certificate.ovh.application_key",
                "certificate.ovh.application_secret",
                "certificate.ovh.consumer_key"
            ]
        );
    }

    #[test]
    fn faults_speak_of_fields_and_all_of_them_are_told() {
        let mut form = before().to_form();
        form["office"]["name"] = json!("");
        form["network"]["gateway"] = json!("10.0.0.1");
        let faults = told(&form);
        assert_eq!(
            faults[0],
            ("office.name".to_owned(), "ce réglage manque. Remplissez ce champ.".to_owned())
        );
        assert_eq!(faults[1].0, "network.gateway");
    }

    #[test]
    fn accounts_are_not_changed_here() {
        let mut form = before().to_form();
        form["administrator"] = json!({ "login": "intrus" });
        assert_eq!(told(&form)[0].0, "administrator");
    }

    #[test]
    fn what_is_taken_away_is_gone() {
        let mut form = before().to_form();
        form.as_object_mut().unwrap().remove("mail");
        form.as_object_mut().unwrap().remove("turn");
        form["network"].as_object_mut().unwrap().remove("room_systems");
        form["certificate"] = json!({ "kind": "own" });
        form["office"]["number_prefix"] = json!("");
        let settings = Settings::from_form(&form, &before()).unwrap().settings;
        assert_eq!((settings.mail, settings.turn, settings.network.room_systems), (None, None, None));
        assert_eq!((settings.certificate, settings.ports), (Certificate::Own, Ports::default()));
        assert_eq!(settings.office.number_prefix, "");
    }
}
