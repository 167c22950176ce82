//! A run that stays: everybody remains in the meeting, and is perceived again and again.

use crate::{
    cast::Cast,
    edge,
    fault::{Fault, Outcome, Side},
    scenario::{fault_of, perceive},
};
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};

/// Between two looks at who perceives whom, and the longest time that a login goes without a request.
const BETWEEN: Duration = Duration::from_secs(60);
/// How soon something that fails in between is noticed.
const GLANCE: Duration = Duration::from_secs(1);
/// What a look may take: everybody needs a second of moving pictures and of sound. A machine that is busy gets time.
const PATIENCE: Duration = Duration::from_secs(30);

/// Stays for so long. The login, where the meeting is the test's own, is kept alive.
///
/// # Errors
/// Somebody is not perceived any more, or something has failed.
pub(crate) async fn stay(cast: &mut Cast, time: Duration) -> Outcome<()> {
    let end = edge::now() + time;
    while edge::now() < end {
        wait(cast, end.min(edge::now() + BETWEEN)).await?;
        cast.waiting_for = (Side::Caller, "everybody to be perceived once more");
        cast.forget();
        timeout(PATIENCE, perceive(cast)).await.map_err(|_| gone())??;
        cast.keep_logged_in().await?;
    }
    Ok(())
}

async fn wait(cast: &Cast, end: Instant) -> Outcome<()> {
    while edge::now() < end {
        if let Some(fault) = fault_of(cast) {
            return Err(fault);
        }
        sleep(end.saturating_duration_since(edge::now()).min(GLANCE)).await;
    }
    Ok(())
}

fn gone() -> Fault {
    let what = format!("somebody who had been perceived was not, within {} s", PATIENCE.as_secs());
    Fault::new(Side::Caller, what, "the rows say who: look at the box's log of that moment")
}
