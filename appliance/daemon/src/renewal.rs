//! When the box's own certificate has to be made anew.
//!
//! Control ends itself in order then, as it does when the machine's address changes: the next run, which the service manager
//! starts at once, makes a new one for the web pages and for SIP alike, and takes the running meetings up. Handing a new
//! certificate to servers that run would be a second way to do the same, which nothing else uses and nobody would notice
//! failing.

use std::{sync::Arc, time::Duration as Pause};
use tabellion_domain::Clock;
use tabellion_store::Store;
use time::{Duration, OffsetDateTime};

/// How often the clock is looked at: it may jump at any time.
const LOOK: Pause = Pause::from_secs(60);
/// Before its end a certificate is renewed as soon as nobody is in a meeting,
const EARLY: Duration = Duration::days(30);
/// and then whoever is in one.
const LATE: Duration = Duration::days(2);

/// From when to when a certificate can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lasts {
    pub from: OffsetDateTime,
    pub until: OffsetDateTime,
}

/// Whether it has to be renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    No,
    WhenNobodyMeets,
    Now,
}

impl Lasts {
    pub(crate) fn holds(&self, now: OffsetDateTime) -> bool {
        (self.from..self.until).contains(&now)
    }

    /// Outside of its time, it was made by a clock that was wrong: nobody gets in with it.
    fn due(&self, now: OffsetDateTime) -> Due {
        if now < self.from || now >= self.until - LATE {
            Due::Now
        } else if now >= self.until - EARLY {
            Due::WhenNobodyMeets
        } else {
            Due::No
        }
    }
}

/// Ends when the certificate has to be made anew. None: it was given by the office, and no new start changes it.
pub(crate) async fn due(lasts: Option<Lasts>, store: &Store, clock: &Arc<dyn Clock>) {
    let Some(lasts) = lasts else { return std::future::pending().await };
    let mut looks = tokio::time::interval(LOOK);
    loop {
        looks.tick().await;
        match lasts.due(clock.now()) {
            Due::Now => return,
            // A database that does not answer says nothing: the end comes nearer, and with it `Due::Now`.
            Due::WhenNobodyMeets if store.open_seats().await.is_ok_and(|seats| seats.is_empty()) => return,
            Due::WhenNobodyMeets | Due::No => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;
    use time::macros::datetime;

    const FROM: OffsetDateTime = datetime!(2026-11-01 00:00 UTC);
    const LASTS: Lasts = Lasts { from: FROM, until: datetime!(2027-12-01 00:00 UTC) };

    struct SetClock(Mutex<OffsetDateTime>);

    impl Clock for SetClock {
        fn now(&self) -> OffsetDateTime {
            *self.0.lock().unwrap()
        }
    }

    #[test]
    fn it_is_renewed_in_time_and_at_once_where_the_clock_has_jumped_out_of_it() {
        for (now, due) in [
            (FROM - Duration::SECOND, Due::Now),
            (FROM, Due::No),
            (datetime!(2027-10-31 23:59 UTC), Due::No),
            (datetime!(2027-11-01 00:00 UTC), Due::WhenNobodyMeets),
            (datetime!(2027-11-29 00:00 UTC), Due::Now),
            (datetime!(2099-01-01 00:00 UTC), Due::Now),
        ] {
            assert_eq!(LASTS.due(now), due, "{now}");
        }
    }

    #[tokio::test]
    async fn a_clock_that_is_set_ends_the_run() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("tabellion.db")).unwrap();
        let set = Arc::new(SetClock(Mutex::new(FROM)));
        let clock: Arc<dyn Clock> = set.clone();
        tokio::time::pause();
        let mut waiting = std::pin::pin!(due(Some(LASTS), &store, &clock));
        let year = tokio::time::timeout(Pause::from_secs(365 * 86_400), &mut waiting);
        assert!(year.await.is_err(), "time that passes for tokio alone ends nothing");
        *set.0.lock().unwrap() = datetime!(2020-01-01 00:00 UTC);
        tokio::time::timeout(2 * LOOK, waiting).await.expect("the next look sees it");
    }

    #[tokio::test]
    async fn near_its_end_it_waits_for_an_empty_house() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("tabellion.db")).unwrap();
        let clock: Arc<dyn Clock> = Arc::new(SetClock(Mutex::new(LASTS.until - EARLY)));
        let first_look = tokio::time::timeout(LOOK / 2, due(Some(LASTS), &store, &clock)).await;
        first_look.expect("nobody meets");
    }
}
