use std::time::{Duration, Instant};

/// Room systems that miss a key frame show nothing: each that something begins with is sent once more after this.
const AGAIN: Duration = Duration::from_secs(1);
/// Between key frames, whoever wants them: each is large, and a peer may ask without end.
const SPACING: Duration = Duration::from_millis(300);

/// When a screen's next frame must be a key frame.
#[derive(Default, Debug)]
pub struct KeyFrames {
    wanted: bool,
    again_at: Option<Instant>,
    forced_at: Option<Instant>,
}

impl KeyFrames {
    /// Something begins that the peer must see from its first frame: another scene, a call that was changed.
    pub fn begin(&mut self, now: Instant) {
        (self.wanted, self.again_at) = (true, Some(now + AGAIN));
    }

    /// The peer's decoder needs one. It may need this one although another was sent a moment ago, which was lost.
    pub fn ask(&mut self) {
        self.wanted = true;
    }

    /// Whether the frame of now must be one.
    pub fn due(&mut self, now: Instant) -> bool {
        self.wanted |= self.again_at.take_if(|at| now >= *at).is_some();
        if !self.wanted || self.forced_at.is_some_and(|at| now.saturating_duration_since(at) < SPACING) {
            return false;
        }
        (self.wanted, self.forced_at) = (false, Some(now));
        true
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
mod tests {
    use super::*;

    /// The milliseconds, of three seconds at 25 frames each, whose frames are key frames; `ask` may ask at each.
    fn forced(frames: &mut KeyFrames, start: Instant, mut ask: impl FnMut(&mut KeyFrames, u64)) -> Vec<u64> {
        let due = |ms: &u64| {
            ask(frames, *ms);
            frames.due(start + Duration::from_millis(*ms))
        };
        (0..3_000).step_by(40).filter(due).collect()
    }

    #[test]
    fn what_begins_is_a_key_frame_at_once_and_a_second_later() {
        let (mut frames, start) = (KeyFrames::default(), Instant::now());
        frames.begin(start);
        assert_eq!(forced(&mut frames, start, |_, _| ()), [0, 1_000]);
    }

    #[test]
    fn a_peer_that_asks_too_soon_waits_and_is_not_forgotten() {
        let (mut frames, start) = (KeyFrames::default(), Instant::now());
        let asked = |frames: &mut KeyFrames, ms| {
            if ms == 400 || ms == 440 {
                frames.ask();
            }
        };
        assert_eq!(forced(&mut frames, start, asked), [400, 720]);
    }

    #[test]
    fn a_peer_that_always_asks_in_any_way_costs_no_more_than_three_a_second() {
        let start = Instant::now();
        let by_feedback = |frames: &mut KeyFrames, _| frames.ask();
        assert_eq!(forced(&mut KeyFrames::default(), start, by_feedback).len(), 10);
        let by_signalling = |frames: &mut KeyFrames, ms| frames.begin(start + Duration::from_millis(ms));
        assert_eq!(forced(&mut KeyFrames::default(), start, by_signalling).len(), 10);
    }
}
