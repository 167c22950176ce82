use crate::{Entry, Machine, Rendered, firewall, network, ports, rendered::Unit};
use std::fmt::Display;
use tabellion_domain::settings::{HostLabel, Names, Network, Settings, Timekeeping, ZoneName};

/// Where the time zones are.
pub(crate) const ZONES: &str = "/usr/share/zoneinfo";

/// The operating system's configuration for these settings.
#[must_use]
pub fn render(settings: &Settings, machine: &Machine) -> Rendered {
    let mut rendered = Rendered::default();
    network::render(&mut rendered, settings, machine);
    resolver(&mut rendered, &settings.network);
    time_servers(&mut rendered, &settings.time);
    identity(&mut rendered, &settings.names.host, &settings.time.zone);
    filter(&mut rendered, &firewall::ruleset(settings));
    ports::render(&mut rendered, settings.ports);
    rendered
}

/// The operating system's configuration for a box without settings: DHCP on every wired interface, and only the set-up
/// page open.
#[must_use]
pub fn render_default() -> Rendered {
    let mut rendered = Rendered::default();
    network::every_card(&mut rendered, &Network::default(), false);
    resolver(&mut rendered, &Network::default());
    time_servers(&mut rendered, &Timekeeping::default());
    identity(&mut rendered, &Names::default().host, &Timekeeping::default().zone);
    filter(&mut rendered, &firewall::pages_only());
    rendered
}

/// resolved.conf(5).
fn resolver(rendered: &mut Rendered, network: &Network) {
    let mut unit = Unit::default();
    unit.section("Resolve");
    if !network.dns.is_empty() {
        unit.set("DNS", spaced(&network.dns));
        // These before any that a link names.
        unit.set("Domains", "~.");
    }
    // Nobody is asked but the office's servers.
    unit.set("FallbackDNS", "");
    unit.yes("LLMNR", false);
    unit.yes("MulticastDNS", false);
    rendered.file("resolved.conf.d/50-tabellion.conf", &unit.into_text());
}

/// timesyncd.conf(5). Without servers of its own the box asks those that DHCP names, or the operating system's: without
/// the time, no certificate is valid.
fn time_servers(rendered: &mut Rendered, time: &Timekeeping) {
    let mut unit = Unit::default();
    unit.section("Time");
    if !time.ntp.is_empty() {
        unit.set("NTP", spaced(&time.ntp));
        unit.set("FallbackNTP", "");
    }
    rendered.file("timesyncd.conf.d/50-tabellion.conf", &unit.into_text());
}

fn identity(rendered: &mut Rendered, host: &HostLabel, zone: &ZoneName) {
    // No notice: the file's readers expect a name alone.
    rendered.entry("hostname", Entry::File { content: format!("{host}\n"), mode: 0o644 });
    rendered.entry("localtime", Entry::Link { target: format!("{ZONES}/{zone}") });
}

fn filter(rendered: &mut Rendered, ruleset: &str) {
    rendered.file("nftables.conf", ruleset);
}

fn spaced(items: &[impl Display]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}
