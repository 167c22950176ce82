use super::Settings;
use anyhow::{Context, Result, ensure};
use std::{
    net::IpAddr,
    time::{Duration, Instant},
};
use tabellion_media_protocol::addresses;

/// How often the machine's addresses are looked at.
const LOOK: Duration = Duration::from_secs(5);

/// What the loop does besides media: the service manager's watchdog, and whether this machine still has the addresses
/// that browsers were told.
pub(super) struct Housekeeping {
    addresses: Option<Vec<IpAddr>>,
    next_look: Instant,
    watchdog: Option<Duration>,
    next_sign: Instant,
}

impl Housekeeping {
    pub(super) fn new(settings: &Settings, now: Instant) -> Self {
        // Zero, or an error where there is no service manager: nobody watches.
        let patience = Duration::from_micros(systemd::daemon::watchdog_enabled().unwrap_or_default());
        Self {
            addresses: settings.follow.then(|| settings.addresses.clone()),
            next_look: now + LOOK,
            watchdog: (!patience.is_zero()).then_some(patience / 2),
            next_sign: now,
        }
    }

    /// When [`Self::advance`] has something to do.
    pub(super) fn deadline(&self) -> Instant {
        match self.watchdog {
            Some(_) => self.next_look.min(self.next_sign),
            None => self.next_look,
        }
    }

    /// # Errors
    /// The addresses have changed: this run is to end.
    pub(super) fn advance(&mut self, now: Instant) -> Result<()> {
        if let Some(period) = self.watchdog.filter(|_| now >= self.next_sign) {
            self.next_sign = now + period;
            systemd::daemon::notify([(systemd::daemon::STATE_WATCHDOG, "1")].iter())
                .context("cannot give the service manager a sign of life")?;
        }
        if now >= self.next_look {
            self.next_look = now + LOOK;
            if let Some(addresses) = &self.addresses {
                let own = addresses::own().context("cannot list this machine's addresses")?;
                ensure!(own == *addresses, "this machine's addresses have changed");
            }
        }
        Ok(())
    }
}
