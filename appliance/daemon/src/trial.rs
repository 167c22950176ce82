//! Whether this box and this release can work with settings: looked at before they are applied, because afterwards there may
//! be no page left to mend them on.

use crate::{config::Places, mail, uploaded};
use std::{io, net::IpAddr, path::PathBuf};
use tabellion_domain::settings::{Certificate, InterfaceAddress, MailRelay, Refusal, Settings, SetupError};
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
            Certificate::Acme { .. } => {
                let todo = "Choisissez « own » (autorité du boîtier) ou « uploaded » (certificat fourni)";
                let what = "cette version n’obtient pas encore de certificats par ACME";
                Some(SetupError::new("certificate.kind", Refusal::new(what, todo)))
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
            dns: tabellion_domain::settings::DnsProvider::Gandi { token: Secret::new("x") },
        };
        let told = told(&settings);
        for (fault, expected) in told.iter().zip([
            "(network.interface) : cette interface n’existe pas sur ce boîtier",
            "(network.address) : 2001:db8::5 est une adresse IPv6",
            "(network.room_systems.address) : 169.254.1.5 est une adresse provisoire",
            "(mail.authority) : ce certificat d’autorité ne peut pas être lu",
            "(certificate.kind) : cette version n’obtient pas encore de certificats par ACME",
        ]) {
            assert!(fault.contains(expected), "{fault}");
        }
        assert_eq!(told.len(), 5, "{told:#?}");
    }
}
