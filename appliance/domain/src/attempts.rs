use std::collections::VecDeque;
use time::{Duration, OffsetDateTime};

/// Wrong codes that are looked at within [`WINDOW`].
const ALLOWED: u32 = 5;
/// The time in which they are counted, and the pause after the last.
const WINDOW: Duration = Duration::minutes(10);

/// Wrong codes that one source gave for one meeting (SCHED-10), by link or by calls: after five within ten minutes it pauses, until ten
/// minutes have passed since the last one.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Attempts {
    wrong: VecDeque<OffsetDateTime>,
}

impl Attempts {
    /// How long until the next code is looked at; `None`: at once. Never zero or less.
    #[must_use]
    pub fn pause(&self, now: OffsetDateTime) -> Option<Duration> {
        if self.recent(self.wrong.back().copied().unwrap_or(now)) < ALLOWED {
            return None;
        }
        let until = *self.wrong.back()? + WINDOW;
        Some(until - now).filter(|wait| wait.is_positive())
    }

    /// A wrong code was given. How many are left before the pause.
    pub fn failed(&mut self, now: OffsetDateTime) -> u32 {
        if self.is_forgotten(now) {
            self.wrong.clear();
        }
        self.wrong.push_back(now);
        while self.wrong.len() > ALLOWED as usize {
            self.wrong.pop_front();
        }
        ALLOWED - self.recent(now)
    }

    /// When the last wrong code was given.
    #[must_use]
    pub fn last(&self) -> Option<OffsetDateTime> {
        self.wrong.back().copied()
    }

    /// Whether nothing of it matters any more.
    #[must_use]
    pub fn is_forgotten(&self, now: OffsetDateTime) -> bool {
        self.wrong.back().is_none_or(|last| *last + WINDOW <= now)
    }

    /// Wrong codes in the window that ends at `at`; at most [`ALLOWED`].
    fn recent(&self, at: OffsetDateTime) -> u32 {
        self.wrong.iter().filter(|wrong| at - **wrong < WINDOW).map(|_| 1).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOON: OffsetDateTime = datetime!(2026-11-23 12:00 UTC);

    #[test]
    fn five_wrong_codes_pause_for_ten_minutes_after_the_last() {
        let mut attempts = Attempts::default();
        let left: Vec<_> = (0..5).map(|second| attempts.failed(NOON + Duration::seconds(second))).collect();
        assert_eq!(left, [4, 3, 2, 1, 0]);
        let last = NOON + Duration::seconds(4);
        assert_eq!(attempts.pause(last), Some(WINDOW));
        assert_eq!(attempts.pause(last + WINDOW - Duration::SECOND), Some(Duration::SECOND));
        assert_eq!(attempts.pause(last + WINDOW), None);
        assert!(attempts.is_forgotten(last + WINDOW));
        assert_eq!(attempts.failed(last + WINDOW), 4, "counted from the start again");
    }

    #[test]
    fn slow_mistakes_never_pause() {
        let mut attempts = Attempts::default();
        for i in 0..50 {
            let at = NOON + Duration::minutes(3) * i;
            assert_eq!(attempts.pause(at), None);
            assert!(attempts.failed(at) >= 1);
        }
    }

    #[test]
    fn whoever_tries_on_and_on_gets_five_codes_in_ten_minutes() {
        for gap in 1..120 {
            let mut attempts = Attempts::default();
            let mut looked_at = Vec::new();
            for i in 0..2_000 {
                let at = NOON + Duration::seconds(gap) * i;
                if attempts.pause(at).is_none() {
                    attempts.failed(at);
                    looked_at.push(at);
                }
            }
            let crowded = looked_at.windows(6).any(|six| six[5] - six[0] < WINDOW);
            assert!(!crowded, "six codes in ten minutes with a gap of {gap} s");
        }
    }
}
