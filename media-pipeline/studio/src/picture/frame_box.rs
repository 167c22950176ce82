use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

/// A picture older than this is not shown any more: its source is silent.
const FRESH: Duration = Duration::from_secs(2);

/// Holds a source's latest frame for whoever composes. Neither side waits for the other.
#[derive(Debug)]
pub struct FrameBox<T> {
    latest: Mutex<Option<(T, Instant)>>,
}

impl<T> Default for FrameBox<T> {
    fn default() -> Self {
        Self { latest: Mutex::new(None) }
    }
}

impl<T: Clone> FrameBox<T> {
    /// Puts a frame in the place of the former.
    pub fn put(&self, frame: T, now: Instant) {
        *self.lock() = Some((frame, now));
    }

    /// The latest frame, while it is fresh.
    #[must_use]
    pub fn get(&self, now: Instant) -> Option<T> {
        self.get_within(FRESH, now)
    }

    /// The latest frame, where it came within this time.
    #[must_use]
    pub fn get_within(&self, time: Duration, now: Instant) -> Option<T> {
        let latest = self.lock();
        let (frame, at) = latest.as_ref()?;
        (now.saturating_duration_since(*at) < time).then(|| frame.clone())
    }

    /// Whether a frame came within this time.
    #[must_use]
    pub fn has_within(&self, time: Duration, now: Instant) -> bool {
        self.lock().as_ref().is_some_and(|(_, at)| now.saturating_duration_since(*at) < time)
    }

    /// Empties it.
    pub fn clear(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<(T, Instant)>> {
        self.latest.lock().expect("nothing that can panic is done under this lock")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test's origin of time")]
    fn the_latest_frame_is_shown_while_it_is_fresh() {
        let (frames, start) = (FrameBox::default(), Instant::now());
        assert_eq!(frames.get(start), None);
        frames.put(1, start);
        frames.put(2, start);
        assert_eq!(frames.get(start + FRESH / 2), Some(2));
        assert_eq!(frames.get(start + FRESH), None);
        assert!(frames.has_within(FRESH * 2, start + FRESH));
        frames.clear();
        assert_eq!(frames.get(start), None);
    }
}
