use std::time::{Duration, Instant};

/// Between two reports of one silence.
const STEP: u64 = 10;

/// Notices that a peer sends nothing any more. Reports at 10, 20, 30 … s.
#[derive(Debug)]
pub struct SilenceWatch {
    since: Instant,
    reported: u64,
}

impl SilenceWatch {
    /// Begins to watch.
    #[must_use]
    pub fn new(now: Instant) -> Self {
        Self { since: now, reported: 0 }
    }

    /// The peer's latest packet came at this time.
    pub fn heard(&mut self, at: Instant) {
        if at > self.since {
            (self.since, self.reported) = (at, 0);
        }
    }

    /// Whole seconds of silence, where it is time for a report.
    pub fn report(&mut self, now: Instant) -> Option<u32> {
        let silent: Duration = now.saturating_duration_since(self.since);
        let step = silent.as_secs() / STEP;
        if step <= self.reported {
            return None;
        }
        self.reported = step;
        u32::try_from(silent.as_secs()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
    fn a_silence_is_reported_every_ten_seconds_until_it_ends() {
        let start = Instant::now();
        let at = |s| start + Duration::from_secs(s);
        let mut watch = SilenceWatch::new(start);
        let mut reports: Vec<_> = (0..35).filter_map(|s| watch.report(at(s))).collect();
        watch.heard(at(35));
        reports.extend((35..50).filter_map(|s| watch.report(at(s))));
        assert_eq!(reports, [10, 20, 30, 10]);
    }
}
