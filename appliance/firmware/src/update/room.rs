//! A data partition that fills up: what can be had again gives way, so that what cannot keeps its room.

use super::{forget_brought, free_mib};
use crate::run::run;
use anyhow::Result;
use std::path::Path;
use tracing::{info, warn};

/// From here on room is made, in MiB: below what the journal leaves (journald.conf) and what an update that is brought may
/// leave (`domain::updates::may_upload`).
const LOW_MIB: u64 = 192;
/// The journal is cut down to this then; otherwise it may have more (journald.conf).
const JOURNAL: &str = "--vacuum-size=32M";

/// Makes room where little is left: what was brought of an update goes first, the journal's older lines next. The data are
/// not touched (tabellion-room.service).
///
/// # Errors
/// The partition cannot be looked at, or what is to go does not.
pub(crate) fn make_room() -> Result<()> {
    let data = Path::new("/var/lib");
    let free = free_mib(data)?;
    if free >= LOW_MIB {
        return Ok(());
    }
    warn!(free_mib = free, "the data partition fills up: making room");
    // What the updater works at, it gives back by itself.
    if !Path::new("/run/tabellion-updating").exists() {
        forget_brought()?;
    }
    if free_mib(data)? < LOW_MIB {
        run("journalctl", &["--rotate"])?;
        run("journalctl", &[JOURNAL])?;
    }
    info!(free_mib = free_mib(data)?, "room was made");
    Ok(())
}
