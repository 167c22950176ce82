use time::{Duration, OffsetDateTime};

/// After this long without a failure everything is forgotten.
pub const THROTTLE_MEMORY: Duration = Duration::hours(1);

/// Passwords that are looked at at once, and how long each further one takes.
const PASSWORDS: u32 = 3;
const A_PASSWORD: Duration = Duration::seconds(20);

/// Codes that cost nothing: people mistype. Then the first pause, which doubles with each further one.
const CODES: u32 = 5;
const FIRST_PAUSE: Duration = Duration::seconds(30);
const LONGEST_PAUSE: Duration = Duration::minutes(15);

/// How failures are paid for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pace {
    /// Of passwords: three at once, and then one every 20 s. Whoever knows the login alone can hold up nobody for longer.
    Passwords,
    /// Of codes, which are short: after five wrong ones 30 s, doubling up to 15 minutes. Only who has the password gets so far.
    Codes,
}

/// Slows down guessing: what one account, one address or one device has failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LoginThrottle {
    /// Failures that are not paid for yet.
    pub failures: u32,
    /// Since when the oldest of them is being paid for ([`Pace::Passwords`]), or when the last one was ([`Pace::Codes`]).
    pub last: Option<OffsetDateTime>,
}

impl LoginThrottle {
    /// How long until the next attempt is looked at; none where it may be made now.
    #[must_use]
    pub fn pause(&self, pace: Pace, now: OffsetDateTime) -> Option<Duration> {
        // A clock that was set back has nobody wait for what it has not reached yet.
        let last = self.last.filter(|last| now >= *last)?;
        let pause = match pace {
            Pace::Passwords => A_PASSWORD * (self.failures + 1).checked_sub(PASSWORDS)?,
            Pace::Codes => {
                let doublings = self.failures.checked_sub(CODES)?.min(10);
                (FIRST_PAUSE * 2_i32.pow(doublings)).min(LONGEST_PAUSE)
            }
        };
        Some(last + pause - now).filter(|left| left.is_positive() && now - last < THROTTLE_MEMORY)
    }

    /// Notes a failure.
    #[must_use]
    pub fn failed(self, pace: Pace, now: OffsetDateTime) -> Self {
        let Some(last) = self.last.filter(|last| now - *last < THROTTLE_MEMORY && now >= *last) else {
            return Self { failures: 1, last: Some(now) };
        };
        match pace {
            Pace::Codes => Self { failures: self.failures.saturating_add(1), last: Some(now) },
            Pace::Passwords => {
                let paid =
                    u32::try_from((now - last).whole_seconds() / A_PASSWORD.whole_seconds()).unwrap_or(0);
                match self.failures.checked_sub(paid).filter(|left| *left > 0) {
                    // What was paid of the next one is not lost.
                    Some(left) => {
                        Self { failures: left.saturating_add(1), last: Some(last + A_PASSWORD * paid) }
                    }
                    None => Self { failures: 1, last: Some(now) },
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NINE: OffsetDateTime = datetime!(2026-11-23 9:00 UTC);

    fn after(pace: Pace, failures: u32) -> LoginThrottle {
        (0..failures).fold(LoginThrottle::default(), |throttle, _| throttle.failed(pace, NINE))
    }

    #[test]
    fn three_passwords_are_looked_at_and_then_one_every_twenty_seconds() {
        for failures in 0..3 {
            assert_eq!(after(Pace::Passwords, failures).pause(Pace::Passwords, NINE), None);
        }
        assert_eq!(after(Pace::Passwords, 3).pause(Pace::Passwords, NINE), Some(Duration::seconds(20)));
        let mut throttle = LoginThrottle::default();
        let mut looked_at = Vec::new();
        for second in 0..600 {
            let now = NINE + Duration::seconds(second);
            if throttle.pause(Pace::Passwords, now).is_none() {
                looked_at.push(second);
                throttle = throttle.failed(Pace::Passwords, now);
            }
        }
        assert_eq!(looked_at[..6], [0, 1, 2, 20, 40, 60]);
        assert_eq!(looked_at.len(), 3 + 29);
    }

    #[test]
    fn whoever_guesses_on_and_on_keeps_the_owner_from_it_for_twenty_seconds_at_most() {
        let mut throttle = LoginThrottle::default();
        for tick in 0..100_000 {
            let now = NINE + Duration::milliseconds(100) * tick;
            match throttle.pause(Pace::Passwords, now) {
                None => throttle = throttle.failed(Pace::Passwords, now),
                Some(pause) => assert!(pause <= Duration::seconds(20), "{pause} at {now}"),
            }
        }
    }

    #[test]
    fn passwords_that_were_paid_for_are_given_back() {
        let later = |seconds| NINE + Duration::seconds(seconds);
        let throttle = after(Pace::Passwords, 3);
        assert_eq!(throttle.pause(Pace::Passwords, later(19)), Some(Duration::SECOND));
        let fourth = throttle.failed(Pace::Passwords, later(30));
        assert_eq!(
            fourth.pause(Pace::Passwords, later(30)),
            Some(Duration::seconds(10)),
            "ten were paid already"
        );
        let rested = after(Pace::Passwords, 3).failed(Pace::Passwords, later(60));
        assert_eq!(rested.failures, 1);
    }

    #[test]
    fn mistyping_a_code_costs_nothing_and_guessing_more_and_more() {
        let pause = |failures, at| after(Pace::Codes, failures).pause(Pace::Codes, at);
        assert_eq!(pause(4, NINE), None);
        assert_eq!(pause(5, NINE), Some(Duration::seconds(30)));
        assert_eq!(pause(6, NINE), Some(Duration::seconds(60)));
        assert_eq!(pause(60, NINE), Some(Duration::minutes(15)), "and no more than that");
        assert_eq!(pause(5, NINE + Duration::seconds(30)), None);
    }

    #[test]
    fn an_hour_of_peace_forgets_and_so_does_a_clock_that_was_set_back() {
        for pace in [Pace::Passwords, Pace::Codes] {
            let later = NINE + THROTTLE_MEMORY;
            assert_eq!(after(pace, 60).pause(pace, later), None);
            assert_eq!(after(pace, 60).pause(pace, NINE - Duration::HOUR), None);
            assert_eq!(after(pace, 60).failed(pace, later).failures, 1);
            assert_eq!(after(pace, 60).failed(pace, NINE - Duration::HOUR).failures, 1);
        }
    }
}
