//! A look at what a server has: nothing but its signed list is fetched.

use super::{
    DOWNLOADS, download::have_downloaded, helper::DOWNLOAD, incoming::Incoming, is_newer, request::publish,
    running_version,
};
use anyhow::Result;
use std::path::Path;
use tabellion_system::updater::{Goal, Look};

/// What was found, for control.
const AVAILABLE: &str = "/run/tabellion-updates/available.json";

/// Looks, and publishes what there is, or why that is not known.
///
/// # Errors
/// The server is away, or what it has is not ours or not for this machine; French, and published as well.
pub(super) fn look(url: &str) -> Result<()> {
    let found = find(url);
    let (version, bytes) = found.as_ref().ok().cloned().unwrap_or_default();
    let failure = found.as_ref().err().map(ToString::to_string);
    publish(&Look { url: url.to_owned(), version, bytes, failure }, Path::new(AVAILABLE))?;
    found.map(drop)
}

/// A newer version, and how large it is.
fn find(url: &str) -> Result<(Option<String>, Option<u64>)> {
    have_downloaded(url, Goal::Look, false, &|_, _| Ok(()))?;
    // Whoever fetched it has no rights, and no say either.
    let Incoming { version, .. } = Incoming::announced(Path::new(DOWNLOADS))?;
    Ok(match is_newer(&version, &running_version()?)? {
        true => (Some(version), DOWNLOAD.total()),
        false => (None, None),
    })
}
