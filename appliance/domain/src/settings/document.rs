use super::{
    Access, Administrator, BackupSchedule, BillingSettings, Brand, Certificate, DirectoryServer, DnsProvider,
    LicenceSettings, MailRelay, Names, Network, OfficeSettings, Ports, Retention, SmsRelay, Support,
    Timekeeping, TurnServer, UpdateSettings,
};
use serde::{Deserialize, Serialize};
use time::Duration;

/// How long a change that may cut its author off stands unconfirmed.
pub const CONFIRM_WITHIN: Duration = Duration::seconds(60);

/// The document's form. One that only gains fields with a default keeps its number.
const VERSION: u32 = 1;

/// All that the box is told. Nothing here was checked again when it came out of the store, but the types.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Whom the box belongs to.
    pub office: OfficeSettings,
    /// Whom its users turn to.
    pub support: Support,
    /// In whose name the service is given.
    pub brand: Brand,
    /// How it is connected.
    pub network: Network,
    /// What it is called.
    pub names: Names,
    /// Its time.
    pub time: Timekeeping,
    /// Its way to send mails, where there is one.
    pub mail: Option<MailRelay>,
    /// Its way to send SMS, where there is one.
    pub sms: Option<SmsRelay>,
    /// What relays for browsers that do not reach it, where there is such a server.
    pub turn: Option<TurnServer>,
    /// What the directory of notaries is copied from, where there is such a server.
    pub directory: Option<DirectoryServer>,
    /// What it proves its name with.
    pub certificate: Certificate,
    /// The ports that it answers on.
    pub ports: Ports,
    /// Whom its espace client answers.
    pub access: Access,
    /// How it comes by its updates.
    pub updates: UpdateSettings,
    /// How long it keeps what tells of people.
    pub retention: Retention,
    /// The licences that came with it.
    pub licences: LicenceSettings,
    /// Who bills what is ordered.
    pub billing: BillingSettings,
    /// The account that was set up first, where one was.
    pub administrator: Option<Administrator>,
    /// Backups that nobody has to think of, where there are some.
    pub backup: Option<BackupSchedule>,
}

/// Why a stored document cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// It was written by a newer release.
    #[error(
        "the settings have version {found}, this release knows {VERSION}: install the newer release again"
    )]
    Newer {
        /// Its version.
        found: u32,
    },
    /// It is no such document. The text says where, never what.
    #[error("the settings cannot be read: {0}")]
    Unreadable(String),
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

#[derive(Serialize, Deserialize)]
struct Document {
    version: u32,
    #[serde(flatten)]
    settings: Settings,
}

impl Settings {
    /// As one JSON document, secrets included: for the store.
    #[must_use]
    pub fn to_json(&self) -> String {
        let document = Document { version: VERSION, settings: self.clone() };
        serde_json::to_string(&document).expect("settings have string keys only")
    }

    /// From [`Settings::to_json`], of this or an earlier release.
    ///
    /// # Errors
    /// [`DocumentError`].
    pub fn from_json(text: &str) -> Result<Self, DocumentError> {
        // A parser's message may quote a value: only its place is told.
        let place = |error: serde_json::Error| {
            DocumentError::Unreadable(format!("line {}, column {}", error.line(), error.column()))
        };
        let Version { version } = serde_json::from_str(text).map_err(place)?;
        if version > VERSION {
            return Err(DocumentError::Newer { found: version });
        }
        let document: Document = serde_json::from_str(text).map_err(place)?;
        Ok(document.settings)
    }

    /// The same with every secret emptied: for whoever shows them.
    #[must_use]
    pub fn without_secrets(&self) -> Self {
        let mut shown = self.clone();
        if let Some(login) = shown.mail.as_mut().and_then(|mail| mail.login.as_mut()) {
            login.password.clear();
        }
        if let Some(SmsRelay::Http(request)) = &mut shown.sms
            && let Some(secret) = &mut request.secret
        {
            secret.clear();
        }
        if let Some(server) = &mut shown.turn {
            server.secret.clear();
        }
        if let Some(login) = shown.directory.as_mut().and_then(|server| server.login.as_mut()) {
            login.password.clear();
        }
        if let Some(administrator) = &mut shown.administrator {
            administrator.password_hash.clear();
        }
        match &mut shown.certificate {
            Certificate::Own => {}
            Certificate::Uploaded { key_pem, .. } => key_pem.clear(),
            Certificate::Acme { dns: DnsProvider::Rfc2136 { key_secret, .. }, .. } => key_secret.clear(),
            Certificate::Acme { dns: DnsProvider::Gandi { token }, .. } => token.clear(),
            Certificate::Acme {
                dns: DnsProvider::Ovh { application_key, application_secret, consumer_key },
                ..
            } => {
                [application_key, application_secret, consumer_key].into_iter().for_each(super::Secret::clear)
            }
        }
        shown
    }

    /// Which parts differ, by the names that `setup.toml` has for them: for the audit journal, which holds no values.
    #[must_use]
    pub fn changed_parts(&self, other: &Self) -> Vec<&'static str> {
        let parts = [
            ("office", self.office != other.office),
            ("support", self.support != other.support),
            ("brand", self.brand != other.brand),
            ("network", self.network != other.network),
            ("names", self.names != other.names),
            ("time", self.time != other.time),
            ("mail", self.mail != other.mail),
            ("sms", self.sms != other.sms),
            ("turn", self.turn != other.turn),
            ("directory", self.directory != other.directory),
            ("certificate", self.certificate != other.certificate),
            ("ports", self.ports != other.ports),
            ("access", self.access != other.access),
            ("updates", self.updates != other.updates),
            ("retention", self.retention != other.retention),
            ("licences", self.licences != other.licences),
            ("billing", self.billing != other.billing),
            ("administrator", self.administrator != other.administrator),
            ("backup", self.backup != other.backup),
        ];
        parts.into_iter().filter(|(_, changed)| *changed).map(|(part, _)| part).collect()
    }

    /// Whether going from `before` to these may cut off whoever asks for it: such a change has to be confirmed.
    ///
    /// The network and the pages' port move the box. Another certificate, or other names in it, may be one that browsers do
    /// not take; and having been told of strict transport security (RFC 6797 §8.4), they offer no way around it. All else
    /// leaves its pages where they are: office, support, time, mail, TURN, directory, the ports of guests, room systems
    /// and media. Whom the espace client answers is tried against the request that asks for it instead: an author whom it would leave
    /// out is refused.
    #[must_use]
    pub fn may_cut_off(&self, before: &Self) -> bool {
        self.network != before.network
            || self.ports.https != before.ports.https
            || self.certificate != before.certificate
            || self.certified_name() != before.certified_name()
    }

    /// The name that certificates are for: the public one, or else the office's domain.
    #[must_use]
    pub fn certified_name(&self) -> &str {
        self.names.public.as_ref().map_or(&self.office.domain, |name| name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_of_a_newer_release_is_not_guessed_at() {
        let newer = Settings::default().to_json().replace("\"version\":1", "\"version\":2");
        assert!(matches!(Settings::from_json(&newer), Err(DocumentError::Newer { found: 2 })));
    }

    #[test]
    fn only_what_leaves_the_pages_where_they_are_needs_no_confirmation() {
        let mut before = Settings::default();
        before.office.domain = "visio.office.fr".to_owned();
        let public = |name| Some(super::super::Server::new(name).unwrap());
        let cuts_off = |change: &dyn Fn(&mut Settings)| {
            let mut after = before.clone();
            change(&mut after);
            after.may_cut_off(&before)
        };
        assert!(cuts_off(&|settings| settings.network.dns = vec!["192.168.10.1".parse().unwrap()]));
        assert!(cuts_off(&|settings| settings.ports.https = 8443));
        assert!(cuts_off(&|settings| settings.names.public = public("visio2.office.fr")));
        assert!(cuts_off(&|settings| settings.office.domain = "visio2.office.fr".to_owned()));
        assert!(cuts_off(&|settings| {
            let (chain_pem, key_pem) = (String::new(), super::super::Secret::default());
            settings.certificate = Certificate::Uploaded { chain_pem, key_pem };
        }));
        assert!(!cuts_off(&|settings| settings.names.public = public("visio.office.fr")), "its name already");
        assert!(!cuts_off(&|settings| settings.ports.sip = 5070));
        assert!(!cuts_off(&|settings| {
            let uris = vec![super::super::TurnUri::new("turn:turn.office.fr").unwrap()];
            settings.turn = Some(TurnServer { uris, secret: super::super::Secret::default() });
        }));
        assert!(!cuts_off(&|settings| settings.support.phone = "04".to_owned()));
        assert!(!cuts_off(&|settings| settings.office.name = "Office".to_owned()));
    }

    #[test]
    fn an_earlier_document_may_lack_what_came_later() {
        let settings =
            Settings::from_json("{\"version\":1,\"office\":{\"name\":\"Office\",\"crpcen\":\"01234\"}}")
                .unwrap();
        assert_eq!((settings.office.crpcen.as_str(), settings.ports), ("01234", Ports::default()));
    }

    #[test]
    fn what_cannot_be_read_is_not_quoted() {
        let error = Settings::from_json("{\"version\":1,\"names\":{\"host\":\"s3cret value\"}}").unwrap_err();
        assert!(
            !error.to_string().contains("s3cret") && !format!("{error:?}").contains("s3cret"),
            "{error:?}"
        );
    }
}
