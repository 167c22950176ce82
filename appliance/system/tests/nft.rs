//! The real nft loads what is rendered, and the real kernel lets through what is meant to come through.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use common::{isolated, rendered, said};
use std::process::Command;
use tabellion_system::{Rendered, apply, render_default};

fn nft_is_there() {
    let found = Command::new("nft").arg("--version").output();
    assert!(found.is_ok(), "nft is missing: install Debian's package nftables");
}

/// A box with a card and a VLAN, each with somebody at its other end: `$1` is the rendered folder.
const PROBE: &str = r#"
    mount -t tmpfs tmpfs /run
    connect() { # the box's interface, its address, the other's
        ip netns add "far-$1"
        ip link add "$1" type veth peer name far netns "far-$1"
        ip address add "$2/24" dev "$1"; ip link set "$1" up
        ip -n "far-$1" address add "$3/24" dev far; ip -n "far-$1" link set far up
    }
    ip link set lo up
    # All are asked at once, and each is to be refused.
    echo 0 >/proc/sys/net/ipv4/icmp_ratelimit
    connect enp1s0 192.168.10.5 192.168.10.9
    connect rooms 192.168.20.5 192.168.20.9
    # What is let in meets nobody who listens, and is refused; what is not, gets no answer.
    try() { # from where, protocol, address, port
        asked="exec 3<>/dev/$2/$3/$4 && echo x >&3 && read -t 3 -u 3"
        if ip netns exec "far-$1" timeout 3 bash -c "$asked" 2>&1 | grep -q refused; then echo "$1 $2 $4 in"; fi
    }
    # Twice: the second load replaces the first.
    nft -f "$1/nftables.conf"
    nft -f "$1/nftables.conf"
    for port in 22 80 443 8444 5060 5061 7000 20000 20799 20800; do
        for protocol in tcp udp; do
            try enp1s0 $protocol 192.168.10.5 $port &
            try rooms $protocol 192.168.20.5 $port &
        done
    done
    wait
    # The box itself reaches whom it wants.
    timeout 2 bash -c 'exec 3<>/dev/tcp/192.168.10.9/25' 2>&1 | grep -q refused && echo "out"
"#;

fn let_in(rendered: &Rendered) -> Vec<String> {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("tabellion-system");
    apply(rendered, &folder).unwrap();
    let output = isolated(PROBE, &folder);
    assert!(output.status.success(), "{}", said(&output));
    let mut lines: Vec<_> = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

#[test]
fn every_ruleset_is_one_that_nft_takes() {
    nft_is_there();
    for (name, rendered) in common::boxes() {
        let temporary = tempfile::tempdir().unwrap();
        apply(&rendered, &temporary.path().join("system")).unwrap();
        let output = isolated("nft -c -f \"$1/system/nftables.conf\"", temporary.path());
        assert!(output.status.success(), "{name}: {}", said(&output));
    }
}

#[test]
fn only_the_ports_in_use_answer() {
    nft_is_there();
    assert_eq!(let_in(&render_default()), ["enp1s0 tcp 443 in", "out", "rooms tcp 443 in"]);
    let rooms = rendered(
        "network.room_systems.vlan = 20\nnetwork.room_systems.address = \"192.168.20.5/24\"\n\
                  ports.guests = 8444",
    );
    assert_eq!(
        let_in(&rooms),
        [
            "enp1s0 tcp 443 in",
            "enp1s0 tcp 7000 in",
            "enp1s0 tcp 8444 in",
            "enp1s0 udp 7000 in",
            "out",
            "rooms tcp 5060 in",
            "rooms tcp 5061 in",
            "rooms udp 20000 in",
            "rooms udp 20799 in",
            "rooms udp 5060 in",
        ]
    );
}
