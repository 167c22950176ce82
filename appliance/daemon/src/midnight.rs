//! At 00:00 the meetings of the day are over (SCHED-14): their links, numbers and codes open nothing any more, and whoever is
//! inside is out.

use std::{sync::Arc, time::Duration};
use tabellion_conference::Conference;
use tabellion_domain::{Clock, paris};
use tabellion_store::{Store, StoreError};
use time::OffsetDateTime;
use tracing::{error, info};

/// Between two looks at the clock, which may jump, and may be put right.
const LOOK: Duration = Duration::from_secs(60);

/// Looks at the clock for ever.
pub(crate) async fn keep(store: Store, conference: Conference, clock: Arc<dyn Clock>) {
    loop {
        if let Err(problem) = look(&store, &conference, clock.now()).await {
            error!(%problem, "meetings whose day is over cannot be closed now; nobody gets into them");
        }
        tokio::time::sleep(until_next(clock.now())).await;
    }
}

async fn look(store: &Store, conference: &Conference, now: OffsetDateTime) -> Result<(), StoreError> {
    let ended = store.expire_scheduled_meetings(now).await?;
    if !ended.is_empty() {
        info!(meetings = ended.len(), "the day of scheduled meetings is over");
    }
    for meeting in ended {
        conference.meeting_changed(meeting).await;
    }
    Ok(())
}

/// To midnight, where that is nearer than the next look.
fn until_next(now: OffsetDateTime) -> Duration {
    let today = paris::in_paris(now).date();
    let midnight = paris::midnight(today.next_day().unwrap_or(today));
    let left = Duration::try_from(midnight - now).unwrap_or(LOOK);
    left.clamp(Duration::from_millis(1), LOOK)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn midnight_is_not_slept_through_also_where_clocks_are_changed() {
        for (now, seconds) in [
            (datetime!(2026-11-27 12:00 UTC), 60),
            (datetime!(2026-11-27 22:59:30 UTC), 30),
            (datetime!(2026-03-29 21:59:50 UTC), 10),
            (datetime!(2026-10-25 21:59:50 UTC), 60),
            (datetime!(2026-10-25 22:59:50 UTC), 10),
        ] {
            assert_eq!(until_next(now), Duration::from_secs(seconds), "{now}");
        }
    }
}
