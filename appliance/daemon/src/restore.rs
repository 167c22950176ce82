//! Backups on their way back into the box: by hand, and at a start of the control process.

use crate::adapters::SystemClock;
use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use std::{
    fs,
    path::{Path, PathBuf},
};
use tabellion_backup::{BackupKey, DATABASE, Incoming, Placed, count_start, tidy};
use tabellion_domain::{AuditEvent, Clock};
use tabellion_store::{RestoredNetwork, Store};
use tracing::{info, warn};

/// What restoring a backup is told. To be run as the user of the control process, whose data they become.
#[derive(Args, Clone, Debug)]
pub(crate) struct RestoreArguments {
    /// Folder of what must survive: database, certificates.
    #[arg(long, value_name = "DIR")]
    state: PathBuf,
    /// The backup.
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// A file with the backup's key, as it was shown.
    #[arg(long, value_name = "FILE")]
    key_file: PathBuf,
    /// Which network settings the box has afterwards.
    #[arg(long, value_enum, default_value_t = Network::Keep)]
    network: Network,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Network {
    /// This box's own.
    Keep,
    /// The backup's, for good: whoever is at a console can undo it.
    Take,
}

/// Checks a backup, and has it take the place of the box's data at the next start of the control process.
///
/// # Errors
/// It is not restored, and why.
pub(crate) fn run(arguments: RestoreArguments) -> Result<()> {
    let text = fs::read_to_string(&arguments.key_file)
        .with_context(|| format!("{} cannot be read", arguments.key_file.display()))?;
    let key = BackupKey::typed(&text).with_context(|| {
        format!("{} holds no key: it has seven groups of four letters", arguments.key_file.display())
    })?;
    let file = fs::File::open(&arguments.from)
        .with_context(|| format!("{} cannot be read", arguments.from.display()))?;
    fs::create_dir_all(&arguments.state)
        .with_context(|| format!("cannot make the state folder {}", arguments.state.display()))?;
    let incoming = Incoming::of(&arguments.state);
    let manifest = incoming.unpack(file, &key)?;
    let network = match arguments.network {
        Network::Take => RestoredNetwork::Taken,
        Network::Keep => RestoredNetwork::Kept(own_network(&arguments.state)?),
    };
    incoming.commit(network, SystemClock.now())?;
    info!(
        version = manifest.version,
        made_at = manifest.made_at,
        "the backup is whole, and takes the place of the data at the next start of tabellion.service"
    );
    Ok(())
}

/// A box without settings asks the network for an address.
fn own_network(state: &Path) -> Result<tabellion_domain::settings::Network> {
    let database = state.join(DATABASE);
    if !database.exists() {
        return Ok(tabellion_domain::settings::Network::default());
    }
    let found = tabellion_store::inspect(&database)?;
    Ok(found.settings.map(|settings| settings.network).unwrap_or_default())
}

/// Puts restored data in place, where some wait, before the database is opened.
///
/// # Errors
/// They cannot be moved.
pub(crate) fn start(state: &Path) -> Result<Placed> {
    tidy(state).context("what a former run has left of a backup cannot be removed")?;
    count_start(state).context("restored data cannot be put in place")
}

/// Where the former data are back, the journal says so: control has not served with the restored ones.
///
/// # Errors
/// The database cannot be written.
pub(crate) async fn note(placed: Placed, store: &Store, clock: &dyn Clock) -> Result<()> {
    if placed == Placed::TakenBack {
        warn!("the restored data were taken back: the box has its former ones");
        store.append_audit(AuditEvent::RestoreTakenBack, clock.now()).await?;
    }
    Ok(())
}
