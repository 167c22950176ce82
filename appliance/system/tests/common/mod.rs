//! Boxes whose configuration the tests render.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]
#![allow(dead_code, reason = "each test uses its part")]

use std::{
    path::Path,
    process::{Command, Output},
};
use tabellion_domain::settings::{InterfaceName, MacAddress, SetupFile};
use tabellion_system::{Machine, NetworkInterface, Rendered, render, render_default};

const PEOPLE: &str = r#"
[office]
name = "Office Notarial de la Place"
crpcen = "01234"
domain = "visio.office.fr"
[administrator]
first_name = "Claire"
last_name = "Moreau"
login = "claire.moreau"
email = "claire@office.fr"
mobile = "06 12 34 56 78"
password = "Bien-trop-secret-2026"
"#;

/// A box by the network part of its set-up file.
const BOXES: &[(&str, &str)] = &[
    ("dhcp", ""),
    (
        "dhcp-card-servers",
        "network.interface = \"52:54:00:12:34:56\"\nnetwork.dns = [\"192.168.10.1\", \"2001:db8::1\"]\n\
         time.ntp = [\"ntp.office.fr\"]\nnames.host = \"visio\"\ntime.zone = \"Indian/Reunion\"\nports.https = 8443\n\
         ports.guests = 8444",
    ),
    (
        "fixed",
        "network.interface = \"enp1s0\"\nnetwork.address = \"192.168.10.5/24\"\nnetwork.gateway = \"192.168.10.1\"\n\
         network.dns = [\"192.168.10.1\"]",
    ),
    (
        "fixed-rooms",
        "network.address = \"192.168.10.5/24\"\nnetwork.gateway = \"192.168.10.1\"\nnetwork.dns = [\"192.168.10.1\"]\n\
         network.room_systems.vlan = 20\nnetwork.room_systems.address = \"192.168.20.5/24\"\n\
         ports = { sip = 5070, media = 7100, rtp_from = 30000, rtp_to = 30099 }",
    ),
    ("dhcp-rooms-dhcp", "network.room_systems.vlan = 4094"),
];

/// Two cards.
pub(crate) fn machine() -> Machine {
    let card = |name, mac| NetworkInterface {
        name: InterfaceName::new(name).unwrap(),
        mac: MacAddress::new(mac).unwrap(),
    };
    Machine { interfaces: vec![card("enp1s0", "52:54:00:12:34:55"), card("enp2s0", "52:54:00:12:34:56")] }
}

/// A box with these settings.
pub(crate) fn rendered(network: &str) -> Rendered {
    let file = SetupFile::parse(&format!("{network}\n{PEOPLE}")).unwrap();
    render(file.settings(), &machine())
}

/// Each box with its name.
pub(crate) fn boxes() -> Vec<(&'static str, Rendered)> {
    let boxes = BOXES.iter().map(|(name, network)| (*name, rendered(network)));
    boxes.chain([("default", render_default())]).collect()
}

/// Runs a script in a network and a file system view of its own: everything that it starts ends with it.
pub(crate) fn isolated(script: &str, argument: &Path) -> Output {
    Command::new("unshare")
        .args([
            "--net",
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            "--mount-proc",
            "bash",
            "-euc",
            script,
            "bash",
        ])
        .arg(argument)
        .output()
        .expect("unshare runs: it is in Debian's package util-linux")
}

/// What a run said, all of it.
pub(crate) fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
