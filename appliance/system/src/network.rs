//! systemd-networkd's units (systemd.network(5), systemd.netdev(5)).

use crate::{Machine, Rendered, rendered::Unit};
use tabellion_domain::settings::{Addressing, Interface, Network, RoomNetwork, Settings};
pub use tabellion_media_protocol::addresses::ROOMS;

/// The image has a file of this name for a box without settings: this one takes its place.
const EVERY_CARD: &str = "network/89-tabellion-default.network";

pub(crate) fn render(rendered: &mut Rendered, settings: &Settings, machine: &Machine) {
    let network = &settings.network;
    let own_ntp = !settings.time.ntp.is_empty();
    // One card has to be chosen where an address or a VLAN is tied to it.
    let one_card = network.interface.is_some()
        || network.addressing != Addressing::Dhcp
        || network.room_systems.is_some();
    if !one_card {
        every_card(rendered, network, own_ntp);
        return;
    }
    let mut unit = Unit::default();
    unit.section("Match");
    match_office(&mut unit, network, machine);
    office(&mut unit, network, own_ntp);
    rendered.file("network/10-tabellion-office.network", &unit.into_text());
    if let Some(rooms) = &network.room_systems {
        render_rooms(rendered, rooms);
    }
    let mut unit = Unit::default();
    unit.section("Match");
    match_cards(&mut unit);
    unit.section("Link");
    unit.yes("Unmanaged", true);
    rendered.file(EVERY_CARD, &unit.into_text());
}

/// DHCP on every wired interface: whichever the cable is in.
pub(crate) fn every_card(rendered: &mut Rendered, network: &Network, own_ntp: bool) {
    let mut unit = Unit::default();
    unit.section("Match");
    match_cards(&mut unit);
    office(&mut unit, network, own_ntp);
    rendered.file(EVERY_CARD, &unit.into_text());
}

/// Ethernet without a kind is hardware: a VLAN's interface has a kind, and its card's hardware address.
fn match_cards(unit: &mut Unit) {
    unit.set("Type", "ether");
    unit.set("Kind", "!*");
}

fn match_office(unit: &mut Unit, network: &Network, machine: &Machine) {
    match (&network.interface, machine.office_interface(network)) {
        (Some(Interface::Name(name)), _) => unit.set("Name", name),
        (Some(Interface::Mac(mac)), _) => {
            unit.set("MACAddress", mac);
            match_cards(unit);
        }
        (None, Some(first)) => unit.set("Name", &first.name),
        // A card that is found later is better than none.
        (None, None) => match_cards(unit),
    }
}

fn office(unit: &mut Unit, network: &Network, own_ntp: bool) {
    unit.section("Network");
    unit.set("LinkLocalAddressing", "ipv6");
    // Both would say the office's names aloud, and answer to whoever asks.
    unit.yes("LLMNR", false);
    unit.yes("MulticastDNS", false);
    if network.room_systems.is_some() {
        unit.set("VLAN", ROOMS);
    }
    match &network.addressing {
        Addressing::Dhcp => {
            unit.yes("DHCP", true);
            unit.yes("IPv6AcceptRA", true);
            let own_dns = !network.dns.is_empty();
            for section in ["DHCPv4", "DHCPv6"] {
                unit.section(section);
                unit.yes("UseDNS", !own_dns);
                unit.yes("UseNTP", !own_ntp);
                unit.yes("UseHostname", false);
            }
            unit.section("IPv6AcceptRA");
            unit.yes("UseDNS", !own_dns);
        }
        Addressing::Fixed { address, gateway } => {
            unit.yes("DHCP", false);
            // The box has the address that was given to it, and no other.
            unit.yes("IPv6AcceptRA", false);
            unit.set("Address", address);
            if let Some(gateway) = gateway {
                unit.set("Gateway", gateway);
            }
        }
    }
}

fn render_rooms(rendered: &mut Rendered, rooms: &RoomNetwork) {
    let mut device = Unit::default();
    device.section("NetDev");
    device.set("Name", ROOMS);
    device.set("Kind", "vlan");
    device.section("VLAN");
    device.set("Id", rooms.vlan);
    rendered.file("network/10-tabellion-rooms.netdev", &device.into_text());

    let mut unit = Unit::default();
    unit.section("Match");
    unit.set("Name", ROOMS);
    unit.section("Link");
    // The web pages do not wait for the room systems' network.
    unit.yes("RequiredForOnline", false);
    unit.section("Network");
    unit.yes("LinkLocalAddressing", false);
    unit.yes("IPv6AcceptRA", false);
    unit.yes("LLMNR", false);
    unit.yes("MulticastDNS", false);
    match &rooms.addressing {
        Addressing::Dhcp => {
            unit.set("DHCP", "ipv4");
            unit.section("DHCPv4");
            // The way out, the names and the time are the office network's.
            for key in ["UseGateway", "UseDNS", "UseNTP", "UseDomains", "UseHostname"] {
                unit.yes(key, false);
            }
        }
        Addressing::Fixed { address, .. } => {
            unit.yes("DHCP", false);
            unit.set("Address", address);
        }
    }
    rendered.file("network/10-tabellion-rooms.network", &unit.into_text());
}
