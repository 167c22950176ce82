//! The box's settings in the operating system: rendered at each start and at each change.

use crate::run::run;
use anyhow::{Context, Result};
use std::{
    collections::BTreeSet,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};
use tabellion_domain::settings::Settings;
use tabellion_system::{FOLDER, Machine, Rendered, apply, check, render, render_default, workable};
use tracing::{error, info, warn};

/// What applying the settings is told.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The settings as control publishes them, without secrets.
    #[arg(long, value_name = "FILE", default_value = "/run/tabellion-settings/settings.json")]
    from: PathBuf,
}

/// Renders the settings and has the operating system take up what has changed.
///
/// # Errors
/// The settings cannot be read, or the operating system refuses what they say.
pub(crate) fn apply_settings(arguments: &Arguments) -> Result<()> {
    let machine = Machine::read(Path::new("/sys/class/net")).context("the network cards cannot be listed")?;
    let rendered = match load(&arguments.from)? {
        Some(settings) => {
            for fault in check(&settings, &machine, Path::new("/usr/share/zoneinfo")) {
                error!("{fault}");
            }
            render(&workable(settings, &machine), &machine)
        }
        None => {
            warn!(
                "this box has no settings yet: it asks the network for an address, and opens its pages only"
            );
            render_default()
        }
    };
    let changed = apply(&rendered, Path::new(FOLDER))?;
    info!(changed = changed.len(), "the settings are rendered");
    take_up(&changed, &rendered)
}

fn load(path: &Path) -> Result<Option<Settings>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(Settings::from_json(&text)?)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
    }
}

/// In this order: the packet filter stands before an address that it is for.
fn take_up(changed: &BTreeSet<String>, rendered: &Rendered) -> Result<()> {
    let any = |part: &str| changed.iter().any(|path| path.starts_with(part));
    if any("nftables.conf") {
        run("nft", &["--file", &format!("{FOLDER}/nftables.conf")])?;
    }
    if any("hostname")
        && let Some(tabellion_system::Entry::File { content, .. }) = rendered.get("hostname")
    {
        nix::unistd::sethostname(content.trim()).context("the host name cannot be set")?;
    }
    // What does not run yet reads the files when it starts.
    for (part, unit, verb) in [
        ("network/", "systemd-networkd.service", &["networkctl", "reload"][..]),
        ("resolved.conf.d/", "systemd-resolved.service", &["systemctl", "try-restart", "systemd-resolved"]),
        (
            "timesyncd.conf.d/",
            "systemd-timesyncd.service",
            &["systemctl", "try-restart", "systemd-timesyncd"],
        ),
    ] {
        if any(part) && run("systemctl", &["is-active", "--quiet", unit]).is_ok() {
            run(verb[0], &verb[1..])?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_without_settings_is_no_fault_and_unreadable_ones_are() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.json");
        assert_eq!(load(&path).unwrap(), None);
        fs::write(&path, Settings::default().to_json()).unwrap();
        assert_eq!(load(&path).unwrap(), Some(Settings::default()));
        fs::write(&path, "{").unwrap();
        assert!(load(&path).is_err());
    }
}
