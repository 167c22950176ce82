//! The box's settings in the operating system: rendered at each start and at each change.

mod take_up;

use anyhow::{Context, Result};
use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};
use tabellion_domain::settings::Settings;
use tabellion_system::{FOLDER, Machine, apply, check, render, render_default, workable};
use tracing::{error, info, warn};

/// Where control publishes the settings, without secrets.
pub(crate) const PUBLISHED: &str = "/run/tabellion-settings/settings.json";

/// What applying the settings is told.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The settings as control publishes them, without secrets.
    #[arg(long, value_name = "FILE", default_value = PUBLISHED)]
    from: PathBuf,
}

/// Renders the settings and has the operating system take up what has changed.
///
/// # Errors
/// The settings cannot be read, or the operating system refuses what they say.
pub(crate) fn apply_settings(arguments: &Arguments) -> Result<()> {
    loop {
        let text = read(&arguments.from)?;
        applied(text.as_deref())?;
        // tabellion-system.path tells nothing of a change while its service runs.
        if read(&arguments.from)? == text {
            return Ok(());
        }
    }
}

fn applied(text: Option<&str>) -> Result<()> {
    let machine = Machine::read(Path::new("/sys/class/net")).context("the network cards cannot be listed")?;
    let rendered = match text.map(Settings::from_json).transpose()? {
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
    take_up::take_up(changed, &rendered)
}

/// The settings that control has published last. None: the box was not set up yet.
///
/// # Errors
/// They cannot be read.
pub(crate) fn published(path: &Path) -> Result<Option<Settings>> {
    Ok(read(path)?.as_deref().map(Settings::from_json).transpose()?)
}

fn read(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_without_settings_is_no_fault_and_unreadable_ones_are() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.json");
        assert_eq!(published(&path).unwrap(), None);
        fs::write(&path, Settings::default().to_json()).unwrap();
        assert_eq!(published(&path).unwrap(), Some(Settings::default()));
        fs::write(&path, "{").unwrap();
        assert!(published(&path).is_err());
    }
}
