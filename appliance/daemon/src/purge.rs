//! What its retention period is over for goes, without anybody asking.

use std::{sync::Arc, time::Duration};
use tabellion_domain::Clock;
use tabellion_store::Store;
use tracing::{error, info, warn};

/// Between two purges. At the start, too: a box may be off each night.
const EVERY: Duration = Duration::from_secs(6 * 3600);
/// After one that failed.
const AGAIN: Duration = Duration::from_secs(600);

/// Between what the box has last written down and now: more is rather a clock that is wrong than a box that was off.
const LEAP: time::Duration = time::Duration::days(60);

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
    // Those that somebody has confirmed: what is deleted is not undone with a change that is.
    let Some(settings) = store.settings_state(now).await?.in_force.map(|change| change.settings) else {
        return Ok(());
    };
    let last = store.last_sign(now).await?;
    if last.is_some_and(|last| now - last > LEAP) {
        // A machine whose battery is empty may wake up in another year; one that was off for that long is looked at after its first day.
        warn!(
            "the clock has leapt by more than {} days: nothing is deleted by its age yet",
            LEAP.whole_days()
        );
        return Ok(());
    }
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
