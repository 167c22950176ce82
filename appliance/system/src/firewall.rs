//! The packet filter (nft(8)): what is not named is dropped. How often strangers may knock is for the SIP gate to decide,
//! which knows who is registered.

use crate::network::ROOMS;
use std::fmt::Write;
use tabellion_domain::settings::{Addressing, Network, Ports, Settings};

/// Loading it replaces the former one in one step: the first two lines make sure that there is one to delete.
const HEAD: &str = "
table inet tabellion
delete table inet tabellion

table inet tabellion {
    chain input {
        type filter hook input priority filter; policy drop;

        iifname \"lo\" accept

        # Neighbours and routers on the wire (RFC 4890 section 4.4.1): never forwarded, hence 255.
        ip6 hoplimit 255 icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert } accept
        ip6 saddr fe80::/10 icmpv6 type mld-listener-query accept

        ct state established,related accept
        ct state invalid drop

        # What a path needs to work, and whether the box is there.
        icmp type { destination-unreachable, time-exceeded, parameter-problem } accept
        icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem } accept
        icmp type echo-request limit rate 20/second burst 50 packets accept
        icmpv6 type echo-request limit rate 20/second burst 50 packets accept
";

const FOOT: &str = "    }

    chain forward {
        type filter hook forward priority filter; policy drop;
    }
}
";

/// The ruleset for a box with these settings.
pub(crate) fn ruleset(settings: &Settings) -> String {
    let Settings { network, ports, .. } = settings;
    let mut rules = String::new();
    dhcp(&mut rules, network);
    let with_rooms = network.room_systems.is_some();
    pages(&mut rules, *ports, with_rooms);
    room_systems(&mut rules, *ports, with_rooms);
    format!("{HEAD}{rules}{FOOT}")
}

/// The ruleset for a box without settings: the set-up page, and nothing else.
pub(crate) fn pages_only() -> String {
    let mut rules = String::new();
    dhcp(&mut rules, &Network::default());
    rule(&mut rules, "The set-up page.", &[format!("tcp dport {} accept", Ports::default().https)]);
    format!("{HEAD}{rules}{FOOT}")
}

/// A server answers from another address than was asked: its answer is not «established».
fn dhcp(rules: &mut String, network: &Network) {
    let rooms = network.room_systems.as_ref();
    let mut lines = Vec::new();
    match (
        network.addressing == Addressing::Dhcp,
        rooms.is_some_and(|rooms| rooms.addressing == Addressing::Dhcp),
    ) {
        (true, true) => lines.push("udp sport 67 udp dport 68 accept".to_owned()),
        (true, false) if rooms.is_some() => {
            lines.push(format!("iifname != \"{ROOMS}\" udp sport 67 udp dport 68 accept"));
        }
        (true, false) => lines.push("udp sport 67 udp dport 68 accept".to_owned()),
        (false, true) => lines.push(format!("iifname \"{ROOMS}\" udp sport 67 udp dport 68 accept")),
        (false, false) => {}
    }
    if network.addressing == Addressing::Dhcp {
        lines.push("ip6 saddr fe80::/10 udp sport 547 udp dport 546 accept".to_owned());
    }
    if !lines.is_empty() {
        rule(rules, "Answers of DHCP servers.", &lines);
    }
}

/// The browsers are on the office's network: the room systems' has no business here.
fn pages(rules: &mut String, ports: Ports, with_rooms: bool) {
    let from = if with_rooms { format!("iifname != \"{ROOMS}\" ") } else { String::new() };
    let open = [Some(ports.https), ports.guests].into_iter().flatten();
    let open: Vec<_> = open.map(|port| format!("{from}tcp dport {port} accept")).collect();
    rule(rules, "Web pages.", &open);
    let media = ["udp", "tcp"].map(|protocol| format!("{from}{protocol} dport {} accept", ports.media));
    rule(rules, "Pictures and sound of browsers.", &media);
}

fn room_systems(rules: &mut String, ports: Ports, with_rooms: bool) {
    let from = if with_rooms { format!("iifname \"{ROOMS}\" ") } else { String::new() };
    let Ports { sip, sips, rtp_from, rtp_to, .. } = ports;
    let sip =
        [format!("{from}udp dport {sip} accept"), format!("{from}tcp dport {{ {sip}, {sips} }} accept")];
    rule(rules, "SIP of room systems.", &sip);
    rule(
        rules,
        "Pictures and sound of room systems.",
        &[format!("{from}udp dport {rtp_from}-{rtp_to} accept")],
    );
}

fn rule(rules: &mut String, comment: &str, lines: &[String]) {
    let indent = "        ";
    // Writing to a String cannot fail.
    let _ = write!(rules, "\n{indent}# {comment}\n");
    for line in lines {
        let _ = writeln!(rules, "{indent}{line}");
    }
}
