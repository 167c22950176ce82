//! What the service manager hears of a studio (sd_notify(3)): that it serves, and that it still does.

use std::time::{Duration, Instant};
use tracing::warn;

/// Signs of life, for as long as the room's thread does its work.
pub(crate) struct SignsOfLife {
    /// None: nobody watches.
    period: Option<Duration>,
    next: Instant,
}

impl SignsOfLife {
    /// Says that the studio serves.
    pub(crate) fn begin(now: Instant) -> Self {
        // Zero, or an error where there is no service manager.
        let patience = Duration::from_micros(systemd::daemon::watchdog_enabled().unwrap_or_default());
        say(systemd::daemon::STATE_READY);
        Self { period: (!patience.is_zero()).then_some(patience / 3), next: now }
    }

    /// One, where it is time.
    pub(crate) fn give(&mut self, now: Instant) {
        if let Some(period) = self.period.filter(|_| now >= self.next) {
            self.next = now + period;
            say(systemd::daemon::STATE_WATCHDOG);
        }
    }
}

fn say(what: &str) {
    if let Err(error) = systemd::daemon::notify([(what, "1")].iter()) {
        warn!(what, %error, "the service manager cannot be told");
    }
}
