use std::time::{Duration, Instant};

/// Between two requests to one peer: each costs it a large picture.
const SPACING: Duration = Duration::from_millis(500);
/// A request without a key frame after this was lost, or overlooked.
const PATIENCE: Duration = Duration::from_secs(1);
/// A peer that did not answer this many requests will not.
const TRIES: u32 = 5;

/// When to ask a peer for a key frame.
#[derive(Default, Debug)]
pub struct KeyFrameAsk {
    pending: bool,
    tries: u32,
    asked_at: Option<Instant>,
}

impl KeyFrameAsk {
    /// Somebody needs one. Whether to ask now; if not, [`Self::due`] will say when.
    pub fn want(&mut self, now: Instant) -> bool {
        if !self.pending {
            (self.pending, self.tries) = (true, 0);
        }
        self.tries == 0 && self.ask_after(SPACING, now)
    }

    /// Whether to ask now, first or again.
    pub fn due(&mut self, now: Instant) -> bool {
        let wait = if self.tries == 0 { SPACING } else { PATIENCE };
        self.pending && self.ask_after(wait, now)
    }

    /// One has come.
    pub fn arrived(&mut self) {
        self.pending = false;
    }

    fn ask_after(&mut self, wait: Duration, now: Instant) -> bool {
        if self.asked_at.is_some_and(|at| now.saturating_duration_since(at) < wait) {
            return false;
        }
        self.tries += 1;
        self.pending = self.tries < TRIES;
        self.asked_at = Some(now);
        true
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
mod tests {
    use super::*;

    #[test]
    fn many_who_need_one_are_one_request() {
        let (mut ask, now) = (KeyFrameAsk::default(), Instant::now());
        let asked = (0..100).filter(|ms| ask.want(now + Duration::from_millis(*ms))).count();
        assert_eq!(asked, 1);
        ask.arrived();
        assert!(!ask.want(now + Duration::from_millis(100)), "too soon after the last");
        assert!(ask.due(now + SPACING), "and not forgotten");
    }

    #[test]
    fn an_unanswered_request_is_repeated_and_given_up() {
        let (mut ask, now) = (KeyFrameAsk::default(), Instant::now());
        assert!(ask.want(now));
        let repeated = (1..600).filter(|i| ask.due(now + Duration::from_millis(100) * *i)).count();
        assert_eq!(repeated, 4);
    }

    #[test]
    fn an_answered_request_is_not_repeated() {
        let (mut ask, now) = (KeyFrameAsk::default(), Instant::now());
        assert!(ask.want(now));
        ask.arrived();
        assert!(!ask.due(now + PATIENCE * 3));
    }
}
