use std::time::{Duration, Instant};

/// Between two requests to one source. A request costs a whole picture, for everyone who watches.
const SPACING: Duration = Duration::from_millis(200);

/// Collects wishes for a key frame of one source and decides when it is asked.
///
/// A wish stays until a key frame comes after it: requests get lost, and a key frame that came before the wish is
/// of no use to whoever has just begun to watch.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeyFrames {
    wanted: bool,
    asked_at: Option<Instant>,
}

impl KeyFrames {
    /// Someone cannot show the picture without a key frame.
    pub fn want(&mut self) {
        self.wanted = true;
    }

    /// A key frame has begun: everyone who watches gets it.
    pub fn arrived(&mut self) {
        self.wanted = false;
    }

    /// When the source has to be asked, if a key frame is wanted.
    #[must_use]
    pub fn due(&self, now: Instant) -> Option<Instant> {
        self.wanted.then(|| self.asked_at.map_or(now, |asked| asked + SPACING))
    }

    /// Whether to ask now; notes that it is asked.
    pub fn ask(&mut self, now: Instant) -> bool {
        let ask = self.due(now).is_some_and(|due| due <= now);
        if ask {
            self.asked_at = Some(now);
        }
        ask
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
    fn asked_at_once_then_every_200_ms_until_a_key_frame_comes() {
        let start = Instant::now();
        let mut frames = KeyFrames::default();
        assert!(!frames.ask(start), "nobody wants one");
        frames.want();
        let asked: Vec<_> = (0..700).filter(|ms| frames.ask(start + *ms * MS)).collect();
        assert_eq!(asked, [0, 200, 400, 600], "a lost request is repeated");
        frames.arrived();
        assert!(!frames.ask(start + 900 * MS));
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
    fn a_second_joiner_waits_for_the_spacing_and_is_not_forgotten() {
        let start = Instant::now();
        let mut frames = KeyFrames::default();
        frames.want();
        assert!(frames.ask(start));
        frames.arrived();
        frames.want();
        assert!(!frames.ask(start + 50 * MS));
        assert_eq!(frames.due(start + 50 * MS), Some(start + 200 * MS));
        assert!(frames.ask(start + 200 * MS));
    }
}
