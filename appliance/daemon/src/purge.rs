//! What its retention period is over for goes, without anybody asking.

use std::{sync::Arc, time::Duration};
use tabellion_domain::Clock;
use tabellion_store::Store;
use tracing::{error, info};

/// Between two purges. At the start, too: a box may be off each night.
const EVERY: Duration = Duration::from_secs(6 * 3600);
/// After one that failed.
const AGAIN: Duration = Duration::from_secs(600);

/// Purges for ever, by the settings of each time.
pub(crate) async fn keep(store: Store, clock: Arc<dyn Clock>) {
    loop {
        let wait = match purge(&store, clock.as_ref()).await {
            Ok(()) => EVERY,
            Err(problem) => {
                error!("what is older than its retention period cannot be deleted: {problem:#}");
                AGAIN
            }
        };
        tokio::time::sleep(wait).await;
    }
}

async fn purge(store: &Store, clock: &dyn Clock) -> anyhow::Result<()> {
    let now = clock.now();
    let settings = store.settings_state(now).await?.effective().cloned().unwrap_or_default();
    let purged = store.purge(settings.retention.cutoffs(now), now).await?;
    if !purged.is_nothing() {
        let tabellion_store::Purged { calls, meetings, seats, messages, names, journal } = purged;
        info!(
            calls,
            meetings, seats, messages, names, journal, "what was older than its retention period is deleted"
        );
    }
    Ok(())
}
