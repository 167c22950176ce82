//! Whether this box and this release can work with settings: looked at before they are applied, because afterwards there may
//! be no page left to mend them on.

use crate::{config::Places, mail, uploaded};
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use std::{io, net::IpAddr, path::PathBuf};
use tabellion_acme::{Endpoints, Publisher};
use tabellion_domain::settings::{
    Certificate, DnsProvider, InterfaceAddress, MailRelay, Refusal, Settings, SetupError,
};
use tabellion_post::SmtpConfigError;
use tabellion_system::{Machine, check};
use time::OffsetDateTime;

/// What the settings are tried against.
pub(crate) struct Trial {
    pub machine: Machine,
    /// `/usr/share/zoneinfo`.
    pub zoneinfo: PathBuf,
    pub now: OffsetDateTime,
}

impl Trial {
    /// Of this machine, as it is now.
    ///
    /// # Errors
    /// Its network cards cannot be listed.
    pub(crate) fn of(places: &Places, now: OffsetDateTime) -> io::Result<Self> {
        Ok(Self { machine: Machine::read(&places.cards)?, zoneinfo: places.zoneinfo.clone(), now })
    }

    /// What cannot be worked with; empty where all can. Does not connect to anything.
    pub(crate) fn faults(&self, settings: &Settings) -> Vec<SetupError> {
        let mut faults = check(settings, &self.machine, &self.zoneinfo);
        faults.extend(addresses(settings));
        faults.extend(mail(settings));
        faults.extend(self.certificate(settings));
        faults
    }

    fn certificate(&self, settings: &Settings) -> Option<SetupError> {
        match &settings.certificate {
            Certificate::Own => None,
            Certificate::Uploaded { chain_pem, key_pem } => {
                uploaded::load(chain_pem, key_pem, settings.certified_name(), self.now).err()
            }
            Certificate::Acme { dns, authority_pem, .. } => {
                acme(settings.certified_name(), dns, authority_pem.as_deref())
            }
        }
    }
}

/// Room systems and browsers are given one address, and all of them know IPv4.
fn addresses(settings: &Settings) -> Vec<SetupError> {
    let rooms = settings.network.room_systems.as_ref().and_then(|rooms| rooms.addressing.fixed());
    let given =
        [("network.address", settings.network.addressing.fixed()), ("network.room_systems.address", rooms)];
    let refused = |(key, address): (&str, Option<InterfaceAddress>)| {
        let what = match address?.address() {
            IpAddr::V6(v6) => {
                format!("{v6} est une adresse IPv6, et cette version a besoin d’une adresse IPv4")
            }
            // Nobody is told of it: `tabellion_media_protocol::addresses`.
            IpAddr::V4(v4) if v4.is_link_local() => format!("{v4} est une adresse provisoire (RFC 3927)"),
            IpAddr::V4(_) => return None,
        };
        let todo = "Écrivez une adresse IPv4 du réseau, par exemple 192.168.10.5/24";
        Some(SetupError::new(key, Refusal::new(what, todo)))
    };
    given.into_iter().filter_map(refused).collect()
}

/// Whether an authority can be asked at all. Does not connect.
fn acme(host: &str, dns: &DnsProvider, authority_pem: Option<&str>) -> Option<SetupError> {
    if host.parse::<IpAddr>().is_ok() || !host.contains('.') {
        let what = format!("« {host} » n’est pas un nom que les autorités ACME certifient");
        let todo = "Donnez à la boîte un nom public d’un domaine de l’office, comme visio.office.fr";
        return Some(SetupError::new("names.public", Refusal::new(what, todo)));
    }
    if let Some(pem) = authority_pem
        && !is_authority(pem)
    {
        let todo =
            "Fournissez celui de l’autorité du serveur ACME, ou videz ce champ pour une autorité publique";
        let what = "ce certificat d’autorité ne peut pas être lu";
        return Some(SetupError::new("certificate.authority", Refusal::new(what, todo)));
    }
    let fault = Publisher::new(dns, None, Endpoints::default()).err()?;
    let key = match dns {
        DnsProvider::Rfc2136 { .. } => "certificate.rfc2136.key_secret",
        DnsProvider::Gandi { .. } | DnsProvider::Ovh { .. } => "certificate.dns_provider",
    };
    Some(SetupError::new(key, fault.refusal))
}

fn is_authority(pem: &str) -> bool {
    let mut roots = RootCertStore::empty();
    let mut certificates = CertificateDer::pem_slice_iter(pem.as_bytes());
    let usable =
        certificates.all(|certificate| certificate.is_ok_and(|certificate| roots.add(certificate).is_ok()));
    usable && !roots.is_empty()
}

fn mail(settings: &Settings) -> Option<SetupError> {
    let relay = settings.mail.as_ref()?;
    let error = mail::smtp(relay, settings).err()?;
    let (key, what, todo) = match error {
        SmtpConfigError::Sender(_) => (
            "mail.sender",
            "cet expéditeur ne peut pas servir",
            "Écrivez l’adresse seule, comme visio@office.fr",
        ),
        SmtpConfigError::Tls(_) => tls(relay),
    };
    Some(SetupError::new(key, Refusal::new(what, todo)))
}

fn tls(relay: &MailRelay) -> (&'static str, &'static str, &'static str) {
    match relay.authority_pem {
        Some(_) => (
            "mail.authority",
            "ce certificat d’autorité ne peut pas être lu",
            "Fournissez celui de l’autorité qui a signé le certificat du relais, ou retirez cette ligne",
        ),
        None => (
            "mail.host",
            "la connexion protégée à ce serveur ne peut pas être préparée",
            "Écrivez le nom du serveur tel qu’il est dans son certificat",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::uploaded::tests::given;
    use tabellion_domain::settings::{
        Addressing, InterfaceName, MacAddress, MailAddress, MailSecurity, RoomNetwork, Secret, Sender, Server,
    };
    use tabellion_system::NetworkInterface;
    use time::{Duration, macros::datetime};

    const NOW: OffsetDateTime = datetime!(2026-11-23 12:00 UTC);

    fn told(settings: &Settings) -> Vec<String> {
        let card = NetworkInterface {
            name: InterfaceName::new("enp1s0").unwrap(),
            mac: MacAddress::new("52:54:00:12:34:56").unwrap(),
        };
        let zoneinfo = PathBuf::from("/usr/share/zoneinfo");
        let trial = Trial { machine: Machine { interfaces: vec![card] }, zoneinfo, now: NOW };
        trial.faults(settings).iter().map(|fault| fault.to_string().replace('\u{a0}', " ")).collect()
    }

    fn relay(authority: Option<&str>) -> MailRelay {
        MailRelay {
            host: Server::new("smtp.office.fr").unwrap(),
            port: 587,
            security: MailSecurity::StartTls,
            login: None,
            sender: Sender {
                name: "Office".to_owned(),
                address: MailAddress::new("visio@office.fr").unwrap(),
            },
            authority_pem: authority.map(ToOwned::to_owned),
        }
    }

    #[test]
    fn settings_that_the_box_can_work_with_have_no_faults() {
        let (leaf, authority, key) = given("visio.office.fr", NOW + Duration::days(60));
        let mut settings = Settings { mail: Some(relay(Some(&authority))), ..Settings::default() };
        settings.names.public = Some(Server::new("visio.office.fr").unwrap());
        settings.certificate = Certificate::Uploaded { chain_pem: leaf, key_pem: Secret::new(key) };
        assert_eq!(told(&settings), Vec::<String>::new());
    }

    #[test]
    fn every_reason_why_the_box_could_not_work_is_told_at_once() {
        let mut settings = Settings::default();
        let fixed =
            |address| Addressing::Fixed { address: InterfaceAddress::new(address).unwrap(), gateway: None };
        settings.network.interface =
            Some(tabellion_domain::settings::Interface::Name(InterfaceName::new("eth9").unwrap()));
        settings.network.addressing = fixed("2001:db8::5/64");
        settings.network.room_systems = Some(RoomNetwork { vlan: 20, addressing: fixed("169.254.1.5/16") });
        // PEM and a sequence, as the set-up file's reader asks for; and no certificate.
        settings.mail =
            Some(relay(Some("-----BEGIN CERTIFICATE-----\nMAUCAQECAQI=\n-----END CERTIFICATE-----\n")));
        settings.certificate = Certificate::Acme {
            directory: "https://acme.test/".to_owned(),
            contact: MailAddress::new("a@office.fr").unwrap(),
            dns: DnsProvider::Gandi { token: Secret::new("x") },
            authority_pem: settings.mail.as_ref().and_then(|relay| relay.authority_pem.clone()),
        };
        let told = told(&settings);
        for (fault, expected) in told.iter().zip([
            "(network.interface) : cette interface n’existe pas sur cette boîte",
            "(network.address) : 2001:db8::5 est une adresse IPv6",
            "(network.room_systems.address) : 169.254.1.5 est une adresse provisoire",
            "(mail.authority) : ce certificat d’autorité ne peut pas être lu",
            "(names.public) : «  » n’est pas un nom que les autorités ACME certifient",
        ]) {
            assert!(fault.contains(expected), "{fault}");
        }
        assert_eq!(told.len(), 5, "{told:#?}");
    }

    #[test]
    fn what_keeps_an_authority_from_being_asked_is_told() {
        let mut settings = Settings::default();
        settings.office.domain = "visio.office.fr".to_owned();
        let mut told_of = |dns: DnsProvider, authority: Option<&str>| {
            settings.certificate = Certificate::Acme {
                directory: "https://acme.test/".to_owned(),
                contact: MailAddress::new("a@office.fr").unwrap(),
                dns,
                authority_pem: authority.map(ToOwned::to_owned),
            };
            told(&settings).join("\n")
        };
        let gandi = || DnsProvider::Gandi { token: Secret::new("x") };
        let key = |secret: &str| DnsProvider::Rfc2136 {
            server: Server::new("192.168.10.1").unwrap(),
            key_name: tabellion_domain::settings::DomainName::new("visio-acme").unwrap(),
            key_secret: Secret::new(secret),
        };
        let (_, authority, _) = given("visio.office.fr", NOW + Duration::days(60));
        assert_eq!(told_of(gandi(), Some(&authority)), "");
        assert_eq!(told_of(key("MDEyMzQ1Njc4OQ=="), None), "");
        assert!(
            told_of(key("pas du base64"), None).contains("(certificate.rfc2136.key_secret) : la clé TSIG")
        );
        let nonsense = "-----BEGIN CERTIFICATE-----\nMAUCAQECAQI=\n-----END CERTIFICATE-----\n";
        assert!(
            told_of(gandi(), Some(nonsense)).contains("(certificate.authority) : ce certificat d’autorité")
        );
    }
}
