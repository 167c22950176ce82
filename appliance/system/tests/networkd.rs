//! The real systemd-networkd reads what is rendered, in a network of its own.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use common::{isolated, rendered, said};
use std::{fs, os::unix::fs::PermissionsExt, path::Path};
use tabellion_system::{Rendered, apply};

/// `$1` is the rendered folder; `/sys` is read-only, as in a container, so that no udev is waited for.
const NETWORKD: &str = r#"
    mount -t sysfs -o ro sysfs /sys
    mkdir -p /run/systemd
    mount -t tmpfs -o mode=755 tmpfs /run/systemd
    install -d -o systemd-network -g systemd-network /run/systemd/netif /run/systemd/netif/links /run/systemd/netif/leases
    ln -s "$1/network" /run/systemd/network
    ip link add enp1s0 type veth peer name cable
    ip link set cable up
    networkd() {
        SYSTEMD_LOG_TARGET=console SYSTEMD_LOG_LEVEL=debug exec timeout 20 /usr/lib/systemd/systemd-networkd 2>&1
    }
    while read -r line; do
        echo "$line"
        case $line in *"$AWAITED"*) break ;; esac
    done < <(networkd)
"#;

/// Runs networkd on a rendered configuration until it says `awaited`, then `after`.
fn networkd(rendered: &Rendered, awaited: &str, after: &str) -> String {
    let temporary = tempfile::tempdir().unwrap();
    // networkd has a user of its own.
    fs::set_permissions(temporary.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let folder = temporary.path().join("tabellion-system");
    apply(rendered, &folder).unwrap();
    assert!(Path::new("/usr/lib/systemd/systemd-networkd").exists(), "install Debian's package systemd");
    said(&isolated(&format!("AWAITED='{awaited}'\n{NETWORKD}\n{after}"), &folder))
}

#[test]
fn every_file_is_understood_to_its_last_line() {
    for (name, rendered) in common::boxes() {
        let log = networkd(&rendered, "Loaded.", "");
        for (path, _) in rendered.iter().filter(|(path, _)| path.starts_with("network/")) {
            let file = path.trim_start_matches("network/");
            assert!(log.contains(&format!("{file}: Successfully loaded.")), "{name}: {file}\n{log}");
            let complaint = log.lines().find(|line| line.contains(file) && line.contains("gnoring"));
            assert_eq!(complaint, None, "{name}");
        }
    }
}

#[test]
fn a_fixed_address_is_the_one_that_the_card_gets() {
    let fixed = "network.interface = \"enp1s0\"\nnetwork.address = \"192.168.10.5/24\"\nnetwork.gateway = \"192.168.10.1\"";
    let log = networkd(
        &rendered(fixed),
        "enp1s0: State changed: configuring -> configured",
        "ip -4 -oneline address show dev enp1s0; ip -4 route show default",
    );
    assert!(log.contains("inet 192.168.10.5/24 brd 192.168.10.255 scope global"), "{log}");
    assert!(log.contains("default via 192.168.10.1 dev enp1s0"), "{log}");
}
