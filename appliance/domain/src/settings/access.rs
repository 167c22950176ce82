use super::{IpNetwork, Refusal, setup::Answers};
use crate::SessionLimits;
use serde::{Deserialize, Serialize};
use std::{net::IpAddr, sync::LazyLock};
use time::Duration;

/// Entries of a list: each is looked at with each request.
const MOST: usize = 64;

/// Whom the espace client answers without being told: private networks (RFC 1918, RFC 4193), this machine, and the wire that it is at
/// (RFC 3927, RFC 4291 §2.5.6).
static PRIVATE: LazyLock<Vec<IpNetwork>> = LazyLock::new(|| {
    let known = [
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "fc00::/7",
        "127.0.0.0/8",
        "::1",
        "169.254.0.0/16",
        "fe80::/10",
    ];
    known.map(|text| IpNetwork::new(text).expect("these are networks")).to_vec()
});

/// Whom the espace client answers (AUTH-04), and how long a session lasts (AUTH-07). Guests come from anywhere.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Access {
    /// The office's networks and its VPN's. None: every private network.
    pub networks: Vec<IpNetwork>,
    /// Reverse proxies, whose word on who asks is taken.
    pub proxies: Vec<IpNetwork>,
    /// A session ends after so many minutes without anybody at the page: 5 to 480.
    pub idle_minutes: u16,
    /// And after so many hours in any case: 1 to 24.
    pub session_hours: u16,
}

impl Default for Access {
    fn default() -> Self {
        Self { networks: Vec::new(), proxies: Vec::new(), idle_minutes: 30, session_hours: 12 }
    }
}

impl Access {
    pub(super) fn read(answers: &mut Answers) -> Self {
        let usual = Self::default();
        let access = Self {
            networks: answers.list("access.networks", IpNetwork::new),
            proxies: answers.list("access.proxies", proxy),
            idle_minutes: answers.number("access.idle_minutes", 5, 480).unwrap_or(usual.idle_minutes),
            session_hours: answers.number("access.session_hours", 1, 24).unwrap_or(usual.session_hours),
        };
        for (key, list) in [("access.networks", &access.networks), ("access.proxies", &access.proxies)] {
            if list.len() > MOST {
                let what = format!("{}, c’est trop", list.len());
                answers.refuse(key, Refusal::new(what, format!("Gardez-en {MOST} au plus")));
            }
        }
        if let Some(all) = access.networks.iter().find(|network| network.is_everybody()) {
            let todo = "Gardez les seuls réseaux de l’office et de son VPN, à moins d’y tenir";
            answers.remark(
                "access.networks",
                Refusal::new(format!("avec {all}, l’espace client répond au monde entier"), todo),
            );
        }
        access
    }

    /// Whether the espace client answers somebody at this address.
    #[must_use]
    pub fn admits(&self, address: IpAddr) -> bool {
        let networks = if self.networks.is_empty() { &*PRIVATE } else { &self.networks };
        // This machine's own programs, whatever the list says: the box tests itself.
        address.to_canonical().is_loopback() || networks.iter().any(|network| network.contains(address))
    }

    /// Whether this is one of the reverse proxies.
    #[must_use]
    pub fn is_proxy(&self, address: IpAddr) -> bool {
        self.proxies.iter().any(|proxy| proxy.contains(address))
    }

    /// How long sessions last.
    #[must_use]
    pub fn sessions(&self) -> SessionLimits {
        SessionLimits {
            idle: Duration::minutes(self.idle_minutes.into()),
            longest: Duration::hours(self.session_hours.into()),
        }
    }
}

/// Whoever is believed can say to be anybody.
fn proxy(text: &str) -> Result<IpNetwork, Refusal> {
    let network = IpNetwork::new(text)?;
    if network.is_everybody() {
        let todo = "Écrivez l’adresse du serveur mandataire seul, comme 192.168.10.2";
        return Err(Refusal::new(format!("avec {network}, n’importe qui se dirait n’importe où"), todo));
    }
    Ok(network)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(access: &Access, address: &str) -> bool {
        access.admits(address.parse().unwrap())
    }

    #[test]
    fn without_networks_every_private_one_is_the_offices() {
        let usual = Access::default();
        for inside in [
            "10.77.0.2",
            "172.16.0.1",
            "192.168.1.20",
            "::ffff:192.168.1.20",
            "127.0.0.1",
            "::1",
            "169.254.7.7",
            "fd12:3456::1",
            "fe80::1",
        ] {
            assert!(admits(&usual, inside), "{inside}");
        }
        for outside in
            ["203.0.113.7", "172.32.0.1", "100.64.0.1", "2001:db8::1", "::ffff:8.8.8.8", "0.0.0.0", "::"]
        {
            assert!(!admits(&usual, outside), "{outside}");
        }
    }

    #[test]
    fn networks_that_are_named_are_the_only_ones_but_for_the_box_itself() {
        let networks =
            ["192.168.10.0/24", "2001:db8:1::/48"].map(|text| IpNetwork::new(text).unwrap()).to_vec();
        let named = Access { networks, ..Access::default() };
        for inside in ["192.168.10.9", "2001:db8:1::5", "127.0.0.1", "::1"] {
            assert!(admits(&named, inside), "{inside}");
        }
        for outside in ["192.168.11.9", "10.0.0.1", "2001:db8:2::5", "fe80::1"] {
            assert!(!admits(&named, outside), "{outside}");
        }
    }

    #[test]
    fn not_everybody_is_a_proxy() {
        assert!(proxy("192.168.10.2").is_ok() && proxy("fd00::/64").is_ok());
        for all in ["0.0.0.0/0", "::/0"] {
            assert!(proxy(all).unwrap_err().to_string().contains("n’importe qui"));
        }
    }
}
