use time::{Duration, OffsetDateTime};

/// Failures that cost nothing: people mistype.
const FREE: u32 = 5;
const FIRST_PAUSE: Duration = Duration::seconds(30);
const LONGEST_PAUSE: Duration = Duration::minutes(15);
/// After this long without a failure everything is forgotten.
pub const THROTTLE_MEMORY: Duration = Duration::hours(1);

/// Slows down guessing at one login, or from one address: after five failures 30 s, doubling up to 15 minutes.
/// Wrong passwords and wrong second factors count alike.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LoginThrottle {
    /// Failures in a row.
    pub failures: u32,
    /// When the last one was.
    pub last: Option<OffsetDateTime>,
}

impl LoginThrottle {
    /// How long until the next attempt is looked at; none where it may be made now.
    #[must_use]
    pub fn pause(&self, now: OffsetDateTime) -> Option<Duration> {
        let last = self.last?;
        if now - last >= THROTTLE_MEMORY || self.failures < FREE {
            return None;
        }
        let doublings = (self.failures - FREE).min(10);
        let pause = (FIRST_PAUSE * 2_i32.pow(doublings)).min(LONGEST_PAUSE);
        Some(last + pause - now).filter(|left| left.is_positive())
    }

    /// Notes a failure.
    #[must_use]
    pub fn failed(self, now: OffsetDateTime) -> Self {
        let forgotten = self.last.is_some_and(|last| now - last >= THROTTLE_MEMORY);
        let before = if forgotten { 0 } else { self.failures };
        Self { failures: before.saturating_add(1), last: Some(now) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NINE: OffsetDateTime = datetime!(2026-11-23 9:00 UTC);

    fn after(failures: u32) -> LoginThrottle {
        (0..failures).fold(LoginThrottle::default(), |throttle, _| throttle.failed(NINE))
    }

    #[test]
    fn mistyping_costs_nothing_and_guessing_more_and_more() {
        assert_eq!(after(4).pause(NINE), None);
        assert_eq!(after(5).pause(NINE), Some(Duration::seconds(30)));
        assert_eq!(after(6).pause(NINE), Some(Duration::seconds(60)));
        assert_eq!(after(60).pause(NINE), Some(Duration::minutes(15)), "and no more than that");
        assert_eq!(after(5).pause(NINE + Duration::seconds(30)), None);
    }

    #[test]
    fn an_hour_of_peace_forgets() {
        let later = NINE + THROTTLE_MEMORY;
        assert_eq!(after(60).pause(later), None);
        assert_eq!(after(60).failed(later).failures, 1);
    }
}
