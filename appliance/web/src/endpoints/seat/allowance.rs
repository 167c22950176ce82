use tokio::time::Instant;

/// Messages that a page may send at once, and how many a second after that.
const BURST: f64 = 100.0;
const PER_SECOND: f64 = 50.0;

/// A token bucket.
pub(super) struct Allowance {
    left: f64,
    at: Instant,
}

impl Allowance {
    /// Nothing was sent yet.
    pub(super) fn full(now: Instant) -> Self {
        Self { left: BURST, at: now }
    }

    /// One message. Whether it is within what is allowed.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        self.left = (self.left + now.duration_since(self.at).as_secs_f64() * PER_SECOND).min(BURST);
        self.at = now;
        self.left -= 1.0;
        self.left >= 0.0
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_flood_is_told_from_a_busy_page() {
        let start = Instant::now();
        let mut flood = Allowance::full(start);
        assert!((0..100).all(|_| flood.take(start)));
        assert!(!flood.take(start));
        let mut busy = Allowance::full(start);
        assert!((0..1_000).all(|i| busy.take(start + Duration::from_millis(25 * i))));
    }
}
