//! The restart into an installed update, when control says so: it knows who is in a meeting, and what hours the settings
//! allow.

use super::{FOLDER, state::State};
use crate::run::run;
use anyhow::{Context, Result, ensure};
use std::{fs, path::Path};
use tracing::info;

/// Control's request.
const REQUEST: &str = "/run/tabellion-requests/restart";

/// Restarts the box (tabellion-restart.service). Only into an update: control has no other reason to.
///
/// # Errors
/// None waits, or the request cannot be taken away.
pub(crate) fn restart() -> Result<()> {
    fs::remove_file(REQUEST).with_context(|| format!("{REQUEST} cannot be taken"))?;
    let state = State::load(Path::new(FOLDER))?;
    let trial = state.trial.filter(|trial| trial.written && trial.starts == 0);
    ensure!(trial.is_some(), "a restart was asked for, and no update waits for one");
    info!("restarting into the update");
    run("systemctl", &["reboot"]).map(drop)
}
