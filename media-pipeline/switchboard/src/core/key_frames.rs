use super::encodings::{Layer, Layers};
use std::time::{Duration, Instant};

/// Between two requests to one source. A request costs a whole picture, for everyone who watches.
const SPACING: Duration = Duration::from_millis(200);

/// Collects wishes for a key frame of one source's encodings and decides when it is asked.
///
/// A wish stays until a key frame of that encoding comes after it: requests get lost, and a key frame that came before the
/// wish is of no use to whoever has just begun to watch. The spacing is the source's, not the encoding's: Chromium answers a
/// request for one with a key frame of each.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct KeyFrames {
    wanted: Layers,
    asked_at: Option<Instant>,
}

impl KeyFrames {
    /// Someone cannot show this encoding without a key frame.
    pub(super) fn want(&mut self, layer: Layer) {
        self.wanted.add(layer);
    }

    /// A key frame of this encoding has begun, and everyone who watches it gets it; or it does not come any more.
    pub(super) fn arrived(&mut self, layer: Layer) {
        self.wanted.remove(layer);
    }

    /// When the source has to be asked, if a key frame is wanted.
    #[must_use]
    pub(super) fn due(&self, now: Instant) -> Option<Instant> {
        (!self.wanted.is_empty()).then(|| self.asked_at.map_or(now, |asked| asked + SPACING))
    }

    /// Whether to ask now; notes that it is asked.
    pub(super) fn ask(&mut self, now: Instant) -> bool {
        let ask = self.due(now).is_some_and(|due| due <= now);
        if ask {
            self.asked_at = Some(now);
        }
        ask
    }

    /// Whether a key frame of this encoding is waited for.
    pub(super) fn wants(&self, layer: Layer) -> bool {
        self.wanted.has(layer)
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
        frames.want(Layer::ONLY);
        let asked: Vec<_> = (0..700).filter(|ms| frames.ask(start + *ms * MS)).collect();
        assert_eq!(asked, [0, 200, 400, 600], "a lost request is repeated");
        frames.arrived(Layer::ONLY);
        assert!(!frames.ask(start + 900 * MS));
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
    fn a_second_joiner_waits_for_the_spacing_and_is_not_forgotten() {
        let start = Instant::now();
        let mut frames = KeyFrames::default();
        frames.want(Layer::ONLY);
        assert!(frames.ask(start));
        frames.arrived(Layer::ONLY);
        frames.want(Layer::ONLY);
        assert!(!frames.ask(start + 50 * MS));
        assert_eq!(frames.due(start + 50 * MS), Some(start + 200 * MS));
        assert!(frames.ask(start + 200 * MS));
    }
}
