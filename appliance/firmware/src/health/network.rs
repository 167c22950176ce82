//! «The network as before»: an update must not cost the box its network.
//!
//! Each start that passes with an address is remembered, with its version and the settings that it had. The rule, for a later
//! start:
//!
//! - Nothing to compare with: there is no record, the settings of the network are others than then, or the version is the same:
//!   then the network has changed, and not the box.
//! - As before: the office's network gives an address again, whichever; there is a default route again, if there was one; and
//!   an address on the room systems' network, if there was one. Another address, another router, another card: as before.
//! - Failed: something of it is missing, and a card that the settings allow has a carrier. A card that carried the network
//!   and is no longer known to the kernel has lost its driver: failed, too.
//! - Not applicable: no card has a carrier. An unplugged cable, or a switch without power, condemns no version.
//!
//! Nobody is asked for an answer: a router or a server that is off is no fault of this box. But DHCP without an answer is not
//! told from a broken client: an update that is started while the office's DHCP server is away, and for as long as three
//! starts take, is taken back. It can be asked for again.

use super::{Finding, finding::write};
use crate::update::running_version;
use anyhow::{Context, Result, bail};
use nix::ifaddrs::getifaddrs;
use serde::{Deserialize, Serialize};
use std::{
    fs,
    io::ErrorKind,
    net::{IpAddr, Ipv6Addr},
    path::Path,
};
use tabellion_domain::settings::{Addressing, MacAddress, Network, Settings};
use tabellion_system::{Machine, ROOMS};

const CLASS_NET: &str = "/sys/class/net";
/// The kernel's routing tables (proc_net(5)), and whether a line of one leads out. A kernel without IPv6 has no second one.
const ROUTES: [(&str, LeadsOut); 2] =
    [("/proc/net/route", leads_out_v4), ("/proc/net/ipv6_route", leads_out_v6)];

/// Whether a line of a routing table leads out.
type LeadsOut = fn(&str) -> bool;

/// How the network is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct State {
    machine: Machine,
    /// Cards that something is plugged into.
    carriers: Vec<MacAddress>,
    reached: Reached,
}

/// What the network gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
struct Reached {
    /// An address on the office's network.
    office: bool,
    /// A way out of it.
    way_out: bool,
    /// An address on the room systems' network.
    rooms: bool,
}

/// How it was when all was well.
#[derive(Serialize, Deserialize)]
struct Record {
    /// Which version had it. None: this is no firmware of ours.
    version: Option<String>,
    settings: Network,
    carriers: Vec<MacAddress>,
    reached: Reached,
}

/// Compares with what was remembered.
pub(super) fn is_as_before(record: &Path, now: &State, settings: Option<&Settings>) -> Result<Finding> {
    let settings = settings.cloned().unwrap_or_default().network;
    let text = match fs::read(record) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Ok(Finding::NotApplicable("no start has passed with a network yet".to_owned()));
        }
        Err(error) => return Err(error).with_context(|| format!("{} cannot be read", record.display())),
    };
    match serde_json::from_slice::<Record>(&text) {
        Ok(before) => compare(&before, now, &settings, running_version().ok().as_deref()),
        // Of a version that writes it otherwise, or torn: nobody's fault now, and written anew.
        Err(error) => Ok(Finding::NotApplicable(format!("what was remembered cannot be read ({error})"))),
    }
}

/// Remembers the network of a start that passes, where there is one.
pub(super) fn remember(record: &Path, settings: Option<&Settings>) -> Result<()> {
    let now = State::read()?;
    if !now.reached.office {
        return Ok(());
    }
    let settings = settings.cloned().unwrap_or_default().network;
    let version = running_version().ok();
    write(record, &Record { version, settings, carriers: now.carriers, reached: now.reached })
}

fn compare(before: &Record, now: &State, settings: &Network, version: Option<&str>) -> Result<Finding> {
    if before.settings != *settings {
        return Ok(Finding::NotApplicable("the settings of the network have changed since".to_owned()));
    }
    let missing: Vec<_> = [
        (before.reached.office, now.reached.office, "no address"),
        (before.reached.way_out, now.reached.way_out, "no default route"),
        (before.reached.rooms, now.reached.rooms, "no address on the room systems' network"),
    ]
    .into_iter()
    .filter_map(|(was, is, what)| (was && !is).then_some(what))
    .collect();
    if missing.is_empty() {
        return Ok(Finding::Passed("as before".to_owned()));
    }
    let missing = missing.join(", ");
    if before.version.as_deref() == version {
        return Ok(Finding::NotApplicable(format!("there was no update since it was otherwise ({missing})")));
    }
    let known = |mac: &MacAddress| now.machine.interfaces.iter().any(|card| card.mac == *mac);
    if let Some(lost) = before.carriers.iter().find(|mac| !known(mac)) {
        bail!("{missing}, and the card {lost}, which carried the network before, is not there");
    }
    if now.is_unplugged(settings) {
        return Ok(Finding::NotApplicable(format!("no network cable is plugged in ({missing})")));
    }
    bail!("{missing}, though a cable is plugged in: it was otherwise before")
}

impl State {
    /// The network as it is now.
    ///
    /// # Errors
    /// The kernel does not say.
    pub(super) fn read() -> Result<Self> {
        let class_net = Path::new(CLASS_NET);
        let machine = Machine::read(class_net).context("the network cards cannot be listed")?;
        let carriers = carriers(&machine, class_net);
        let way_out = ROUTES.iter().any(|(table, leads_out)| {
            fs::read_to_string(table).is_ok_and(|table| table.lines().any(leads_out))
        });
        let mut reached = Reached { way_out, ..Reached::default() };
        for interface in getifaddrs().context("the network's addresses cannot be listed")? {
            let address = interface.address.and_then(|address| {
                let v4 = address.as_sockaddr_in().map(|found| IpAddr::V4(found.ip()));
                v4.or_else(|| address.as_sockaddr_in6().map(|found| IpAddr::V6(found.ip())))
            });
            if address.is_some_and(is_usable) {
                let place =
                    if interface.interface_name == ROOMS { &mut reached.rooms } else { &mut reached.office };
                *place = true;
            }
        }
        Ok(Self { machine, carriers, reached })
    }

    /// Whether nothing is plugged into any card that the settings allow.
    pub(super) fn is_unplugged(&self, settings: &Network) -> bool {
        let any = settings.addressing == Addressing::Dhcp && settings.interface.is_none();
        let office = self.machine.office_interface(settings).map(|card| &card.mac);
        !self.carriers.iter().any(|mac| any || Some(mac) == office)
    }
}

/// Cards with a carrier. One that is switched off says nothing, and has none.
fn carriers(machine: &Machine, class_net: &Path) -> Vec<MacAddress> {
    let carrier = |name: &str| fs::read_to_string(class_net.join(name).join("carrier"));
    let plugged = machine
        .interfaces
        .iter()
        .filter(|card| carrier(card.name.as_str()).is_ok_and(|said| said.trim() == "1"));
    plugged.map(|card| card.mac.clone()).collect()
}

/// Others reach the box at it: neither the machine's own, nor what a machine takes for itself where nobody gives it one.
fn is_usable(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            !(address.is_loopback() || address.is_link_local() || address.is_unspecified())
        }
        IpAddr::V6(address) => {
            !(address.is_loopback() || address.is_unicast_link_local() || address == Ipv6Addr::UNSPECIFIED)
        }
    }
}

/// A line of `/proc/net/route`: interface, destination, gateway, flags, …, mask at the seventh; numbers in hexadecimal.
fn leads_out_v4(line: &str) -> bool {
    let words: Vec<_> = line.split_ascii_whitespace().collect();
    matches!(words[..], [_, "00000000", gateway, _, _, _, _, "00000000", ..] if gateway != "00000000")
}

/// A line of `/proc/net/ipv6_route`: destination, its length, source, its length, next hop, …, interface last.
fn leads_out_v6(line: &str) -> bool {
    let words: Vec<_> = line.split_ascii_whitespace().collect();
    let nowhere = |word: &str| word.bytes().all(|digit| digit == b'0');
    matches!(words[..], [to, "00", _, _, hop, .., card] if nowhere(to) && !nowhere(hop) && card != "lo")
}

#[cfg(test)]
mod tests {
    use super::*;
    use tabellion_domain::settings::{Interface, InterfaceName};

    fn mac(last: u8) -> MacAddress {
        MacAddress::new(&format!("52:54:00:00:00:{last:02x}")).unwrap()
    }

    /// `/sys/class/net` with cards: name, and what `carrier` says.
    fn cards(list: &[(&str, &str)]) -> (Machine, Vec<MacAddress>) {
        let folder = tempfile::tempdir().unwrap();
        for (at, (name, carrier)) in (1..).zip(list) {
            let card = folder.path().join(name);
            fs::create_dir_all(card.join("device")).unwrap();
            fs::write(card.join("type"), "1\n").unwrap();
            fs::write(card.join("address"), format!("{}\n", mac(at))).unwrap();
            fs::write(card.join("carrier"), carrier).unwrap();
        }
        let machine = Machine::read(folder.path()).unwrap();
        let carriers = carriers(&machine, folder.path());
        (machine, carriers)
    }

    fn state(list: &[(&str, &str)], [office, way_out, rooms]: [bool; 3]) -> State {
        let (machine, carriers) = cards(list);
        State { machine, carriers, reached: Reached { office, way_out, rooms } }
    }

    /// What is said of a state, after one card with a cable that gave an address, a way out, and the rooms' network.
    fn verdict(now: &State) -> Result<Finding> {
        verdict_of("0.2.0", now)
    }

    fn verdict_of(version: &str, now: &State) -> Result<Finding> {
        let before = state(&[("eth0", "1\n"), ("eth1", "0\n")], [true; 3]);
        let settings = Network::default();
        let version_before = Some("0.1.0".to_owned());
        let (carriers, reached) = (before.carriers, before.reached);
        let record = Record { version: version_before, settings, carriers, reached };
        compare(&record, now, &Network::default(), Some(version))
    }

    #[test]
    fn the_same_network_is_as_before_whatever_card_and_address_it_comes_by() {
        for cards in [[("eth0", "1\n"), ("eth1", "0\n")], [("eth0", "0\n"), ("eth1", "1\n")]] {
            assert!(matches!(verdict(&state(&cards, [true; 3])), Ok(Finding::Passed(_))));
        }
        assert!(
            matches!(verdict(&state(&[("eth9", "1\n")], [true; 3])), Ok(Finding::Passed(_))),
            "another card"
        );
    }

    #[test]
    fn what_is_missing_with_a_cable_plugged_in_fails() {
        let plugged = [("eth0", "1\n"), ("eth1", "0\n")];
        for (reached, said) in [
            (
                [false, false, false],
                "no address, no default route, no address on the room systems' network, though",
            ),
            ([true, false, true], "no default route, though a cable is plugged in"),
            ([true, true, false], "no address on the room systems' network, though"),
        ] {
            let error = verdict(&state(&plugged, reached)).unwrap_err().to_string();
            assert!(error.starts_with(said), "{error}");
        }
    }

    #[test]
    fn a_network_that_has_changed_under_the_same_version_is_no_fault_of_it() {
        let now = state(&[("eth0", "1\n")], [true, false, true]);
        let Ok(Finding::NotApplicable(why)) = verdict_of("0.1.0", &now) else { panic!("it is not judged") };
        assert!(why.contains("no update since") && why.contains("no default route"), "{why}");
    }

    #[test]
    fn an_unplugged_cable_condemns_no_version_and_a_lost_driver_does() {
        let unplugged = verdict(&state(&[("eth0", "0\n"), ("eth1", "0\n")], [false; 3])).unwrap();
        assert!(matches!(unplugged, Finding::NotApplicable(why) if why.contains("no network cable")));
        // The card is eth1's now: the one of before, …:01, is gone.
        let (mut machine, _) = cards(&[("eth0", "0\n"), ("eth1", "0\n")]);
        machine.interfaces.remove(0);
        let lost = State { machine, carriers: Vec::new(), reached: Reached::default() };
        let error = verdict(&lost).unwrap_err().to_string();
        assert!(error.contains("52:54:00:00:00:01") && error.contains("is not there"), "{error}");
    }

    #[test]
    fn settings_that_name_a_card_allow_no_other() {
        let now = state(&[("eth0", "0\n"), ("eth1", "1\n")], [false; 3]);
        assert!(!now.is_unplugged(&Network::default()));
        let first = Some(Interface::Name(InterfaceName::new("eth0").unwrap()));
        assert!(now.is_unplugged(&Network { interface: first, ..Network::default() }));
    }

    #[test]
    fn there_is_nothing_to_compare_with_without_a_record_or_under_other_settings() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("health/network.json");
        let now = state(&[("eth0", "1\n")], [false; 3]);
        let why = || match is_as_before(&path, &now, None).unwrap() {
            Finding::NotApplicable(why) => why,
            Finding::Passed(what) => panic!("{what}"),
        };
        assert!(why().contains("no start has passed"));
        let mut settings = Network { dns: vec!["9.9.9.9".parse().unwrap()], ..Network::default() };
        let version = Some("0.1.0".to_owned());
        let mut record =
            Record { version, settings: settings.clone(), carriers: vec![mac(1)], reached: now.reached };
        record.reached.office = true;
        write(&path, &record).unwrap();
        assert!(why().contains("have changed since"));
        settings.dns.clear();
        write(&path, &Record { settings, ..record }).unwrap();
        assert!(is_as_before(&path, &now, None).unwrap_err().to_string().contains("no address"));
        fs::write(&path, "{").unwrap();
        assert!(why().contains("cannot be read"));
    }

    #[test]
    fn a_route_that_leads_out_is_told_from_the_others() {
        let v4 = |line| leads_out_v4(line);
        assert!(v4("eth0\t00000000\t0101A8C0\t0003\t0\t0\t1024\t00000000\t0\t0\t0"));
        assert!(!v4("eth0\t0001A8C0\t00000000\t0001\t0\t0\t1024\t00FFFFFF\t0\t0\t0"));
        assert!(!v4("Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT"));
        let zeros = "0".repeat(32);
        let hop = "fe800000000000000000000000000001";
        let line = |hop: &str, card: &str| {
            format!("{zeros} 00 {zeros} 00 {hop} 00000400 00000001 00000000 00450003 {card}")
        };
        assert!(leads_out_v6(&line(hop, "eth0")));
        assert!(!leads_out_v6(&line(&zeros, "lo")) && !leads_out_v6(""));
    }

    #[test]
    fn only_addresses_that_others_reach_count() {
        let usable = |text: &str| is_usable(text.parse().unwrap());
        assert!(usable("192.168.1.9") && usable("fd00::9") && usable("2001:db8::9"));
        for no in ["127.0.0.1", "169.254.3.4", "fe80::1", "::1"] {
            assert!(!usable(no), "{no}");
        }
        State::read().unwrap();
    }
}
