use super::{InterfaceAddress, InterfaceName, MacAddress, Refusal, address, setup::Answers};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// How the box is connected.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Network {
    /// Which interface leads to the office's network. None: every wired one with DHCP, the first one otherwise.
    pub interface: Option<Interface>,
    /// The address on the office's network.
    pub addressing: Addressing,
    /// DNS servers in order. With DHCP they replace the ones that it names; none: those.
    pub dns: Vec<IpAddr>,
    /// The network of the room systems, where they have one of their own.
    pub room_systems: Option<RoomNetwork>,
}

/// What an interface is recognised by.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interface {
    /// The kernel's name.
    Name(InterfaceName),
    /// Its hardware address: stays with the card, wherever that is plugged in.
    Mac(MacAddress),
}

/// Where an address comes from.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "snake_case")]
pub enum Addressing {
    /// From the network.
    #[default]
    Dhcp,
    /// From these settings.
    Fixed {
        /// The box's address.
        address: InterfaceAddress,
        /// The way out, where there is one.
        gateway: Option<IpAddr>,
    },
}

/// A VLAN (IEEE 802.1Q) on the office's interface. It has no gateway: the way out is the office's network.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RoomNetwork {
    /// 1 to 4094.
    pub vlan: u16,
    /// The box's address there.
    pub addressing: Addressing,
}

impl Interface {
    fn new(text: &str) -> Result<Self, Refusal> {
        // A kernel's name cannot hold a colon, and is too short for a hardware address.
        if text.contains(':') || MacAddress::new(text).is_ok() {
            return MacAddress::new(text).map(Self::Mac);
        }
        InterfaceName::new(text).map(Self::Name)
    }
}

impl Addressing {
    /// The fixed address, where it is one.
    #[must_use]
    pub fn fixed(&self) -> Option<InterfaceAddress> {
        match self {
            Self::Dhcp => None,
            Self::Fixed { address, .. } => Some(*address),
        }
    }
}

/// The two modes, as they are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Dhcp,
    Fixed,
}

impl Mode {
    fn new(text: &str) -> Result<Self, Refusal> {
        match text.trim() {
            "dhcp" => Ok(Self::Dhcp),
            "fixed" => Ok(Self::Fixed),
            other => {
                let todo = "Écrivez « dhcp » (adresse donnée par le réseau) ou « fixed » (adresse fixe)";
                Err(Refusal::new(format!("« {other} » n’est pas un mode d’adressage"), todo))
            }
        }
    }
}

impl Network {
    pub(super) fn read(answers: &mut Answers) -> Option<Self> {
        let interface = answers.optional("network.interface", Interface::new);
        let dns = answers.list("network.dns", address::ip);
        let addressing = fixed_or_dhcp(answers, "network.mode", "network.address", Some("network.gateway"));
        let room_systems = RoomNetwork::read(answers);
        let network = Self { interface, addressing: addressing?, dns, room_systems };
        network.check(answers);
        Some(network)
    }

    fn check(&self, answers: &mut Answers) {
        if let Addressing::Fixed { address, gateway } = &self.addressing {
            match gateway {
                Some(gateway) => check_gateway(answers, address, *gateway),
                None => answers.remark(
                    "network.gateway",
                    Refusal::new(
                        "il n’y a pas de passerelle",
                        "La boîte ne joindra que le réseau de l’office",
                    ),
                ),
            }
            if self.dns.is_empty() && !answers.has("network.dns") {
                let todo = "Sans serveur DNS, les serveurs ne peuvent être désignés que par leur adresse";
                answers.remark("network.dns", Refusal::new("il n’y a pas de serveur DNS", todo));
            }
        }
        let rooms = self.room_systems.as_ref().and_then(|rooms| rooms.addressing.fixed());
        if let (Some(office), Some(rooms)) = (self.addressing.fixed(), rooms)
            && office.overlaps(&rooms)
        {
            let what = format!("{rooms} est aussi dans le réseau de l’office, {}", office.network());
            let todo = "Donnez aux systèmes de salle un réseau à part";
            answers.refuse("network.room_systems.address", Refusal::new(what, todo));
        }
    }
}

impl RoomNetwork {
    fn read(answers: &mut Answers) -> Option<Self> {
        const SECTION: &str = "network.room_systems";
        if !answers.has_section(SECTION) {
            return None;
        }
        let vlan = answers.number("network.room_systems.vlan", 1, 4094);
        answers.needs("network.room_systems.vlan");
        let addressing =
            fixed_or_dhcp(answers, "network.room_systems.mode", "network.room_systems.address", None);
        Some(Self { vlan: vlan?, addressing: addressing? })
    }
}

/// An address given without a mode is meant to be fixed.
fn fixed_or_dhcp(
    answers: &mut Answers,
    mode_key: &'static str,
    address_key: &'static str,
    gateway_key: Option<&'static str>,
) -> Option<Addressing> {
    let mode = answers.optional(mode_key, Mode::new);
    if answers.has(mode_key) && mode.is_none() {
        return None;
    }
    let implied = if answers.has(address_key) { Mode::Fixed } else { Mode::Dhcp };
    match mode.unwrap_or(implied) {
        Mode::Dhcp => {
            for key in [Some(address_key), gateway_key].into_iter().flatten() {
                if answers.has(key) {
                    let todo = "Retirez cette ligne, ou choisissez le mode « fixed »";
                    answers.refuse(key, Refusal::new("en mode « dhcp », le réseau donne ce réglage", todo));
                }
            }
            Some(Addressing::Dhcp)
        }
        Mode::Fixed => {
            let address = answers.required(address_key, InterfaceAddress::new);
            let gateway = gateway_key.and_then(|key| answers.optional(key, address::ip));
            Some(Addressing::Fixed { address: address?, gateway })
        }
    }
}

fn check_gateway(answers: &mut Answers, address: &InterfaceAddress, gateway: IpAddr) {
    let link_local = matches!(gateway, IpAddr::V6(gateway) if gateway.is_unicast_link_local());
    let reached = address.contains(gateway) || (link_local && address.address().is_ipv6());
    let what = if gateway == address.address() {
        format!("{gateway} est l’adresse de la boîte elle-même")
    } else if !reached {
        format!("{gateway} n’est pas dans le réseau {}", address.network())
    } else {
        return;
    };
    let todo = format!("Indiquez l’adresse du routeur dans le réseau {}", address.network());
    answers.refuse("network.gateway", Refusal::new(what, todo));
}
