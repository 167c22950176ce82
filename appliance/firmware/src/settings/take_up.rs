//! Telling the operating system what has changed in its rendered configuration.

use crate::run::run;
use anyhow::{Context, Result, bail};
use std::{collections::BTreeSet, fs, path::Path};
use tabellion_system::{Entry, FOLDER, Rendered};
use tracing::error;

/// What a run that failed, or was cut off, has not told yet: the next one finds nothing changed in it.
const OWED: &str = "/run/tabellion-system.owed";

/// The VLAN's interface, while there is one.
const ROOMS: &str = "/sys/class/net/rooms";

/// A command that tells a change.
#[derive(Debug, PartialEq, Eq)]
struct Step {
    /// Only while this unit runs: one that does not reads the files when it starts.
    while_active: Option<&'static str>,
    /// Only where this is there.
    where_exists: Option<&'static str>,
    command: &'static [&'static str],
}

/// Each part of the configuration, and what tells of a change in it. In this order: a socket is opened at a port that the
/// packet filter, which comes before all of this, lets in.
const STEPS: &[(&str, Step)] = &[
    // networkd makes what is missing, and neither changes a VLAN's number nor takes a device away.
    (
        "network/10-tabellion-rooms.netdev",
        Step {
            while_active: Some("systemd-networkd.service"),
            where_exists: Some(ROOMS),
            command: &["networkctl", "delete", "rooms"],
        },
    ),
    ("network/", active("systemd-networkd.service", &["networkctl", "reload"])),
    // Not waited for: at a start the network waits for this unit. One that does not come back is a failed unit.
    (
        "resolved.conf.d/",
        active(
            "systemd-resolved.service",
            &["systemctl", "--no-block", "try-restart", "systemd-resolved.service"],
        ),
    ),
    (
        "timesyncd.conf.d/",
        active(
            "systemd-timesyncd.service",
            &["systemctl", "--no-block", "try-restart", "systemd-timesyncd.service"],
        ),
    ),
    // Also before the socket is opened for the first time: systemd has read its unit long ago.
    (
        "tabellion.socket.d/",
        Step { while_active: None, where_exists: None, command: &["systemctl", "daemon-reload"] },
    ),
    // Not waited for: these two are ordered after the unit that this runs in. Control goes and comes with its socket.
    (
        "tabellion.socket.d/",
        active("tabellion.socket", &["systemctl", "--no-block", "try-restart", "tabellion.socket"]),
    ),
    (
        "media.env",
        active(
            "tabellion-media.service",
            &["systemctl", "--no-block", "try-restart", "tabellion-media.service"],
        ),
    ),
];

const fn active(unit: &'static str, command: &'static [&'static str]) -> Step {
    Step { while_active: Some(unit), where_exists: None, command }
}

/// Everything is tried, whatever fails: a box that is half reached is better than one that is not.
///
/// # Errors
/// What the operating system refuses.
pub(super) fn take_up(mut changed: BTreeSet<String>, rendered: &Rendered) -> Result<()> {
    changed.extend(fs::read_to_string(OWED).unwrap_or_default().lines().map(ToOwned::to_owned));
    let all: Vec<_> = changed.iter().map(String::as_str).collect();
    fs::write(OWED, all.join("\n")).with_context(|| format!("{OWED} cannot be written"))?;
    let mut failures = Vec::new();
    let mut attempt = |outcome: Result<()>| {
        if let Err(problem) = outcome {
            error!("{problem:#}");
            failures.push(format!("{problem:#}"));
        }
    };
    // First, and always: the filter of before the start stands until then, and it replaces itself in one step.
    attempt(run("nft", &["--file", &format!("{FOLDER}/nftables.conf")]).map(drop));
    if changed.contains("hostname") {
        attempt(host_name(rendered));
    }
    for step in steps(&changed).filter(|step| applies(step)) {
        attempt(run(step.command[0], &step.command[1..]).map(drop));
    }
    if !failures.is_empty() {
        bail!("the operating system has not taken up all settings: {}", failures.join("; "));
    }
    fs::remove_file(OWED).with_context(|| format!("{OWED} cannot be removed"))
}

fn steps(changed: &BTreeSet<String>) -> impl Iterator<Item = &'static Step> {
    let touched = |part: &str| changed.iter().any(|path| path.starts_with(part));
    STEPS.iter().filter(move |(part, _)| touched(part)).map(|(_, step)| step)
}

fn applies(step: &Step) -> bool {
    step.where_exists.is_none_or(|path| Path::new(path).exists())
        && step.while_active.is_none_or(|unit| run("systemctl", &["is-active", "--quiet", unit]).is_ok())
}

fn host_name(rendered: &Rendered) -> Result<()> {
    let Some(Entry::File { content, .. }) = rendered.get("hostname") else { return Ok(()) };
    nix::unistd::sethostname(content.trim()).context("the host name cannot be set")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands(changed: &[&str]) -> Vec<String> {
        let changed = changed.iter().map(|path| (*path).to_owned()).collect();
        steps(&changed).map(|step| step.command.join(" ")).collect()
    }

    #[test]
    fn a_vlan_that_changes_or_goes_is_deleted_before_the_network_is_read_again() {
        let rooms = commands(&["network/10-tabellion-rooms.netdev", "network/10-tabellion-office.network"]);
        assert_eq!(rooms, ["networkctl delete rooms", "networkctl reload"]);
        assert_eq!(commands(&["network/10-tabellion-office.network"]), ["networkctl reload"]);
    }

    #[test]
    fn ports_are_moved_without_waiting_for_the_units_that_wait_for_this_one() {
        assert_eq!(
            commands(&["media.env", "tabellion.socket.d/50-settings.conf"]),
            [
                "systemctl daemon-reload",
                "systemctl --no-block try-restart tabellion.socket",
                "systemctl --no-block try-restart tabellion-media.service",
            ]
        );
    }

    #[test]
    fn what_nobody_has_to_be_told_is_told_to_nobody() {
        assert_eq!(commands(&["hostname", "localtime", "nftables.conf"]), Vec::<String>::new());
    }
}
