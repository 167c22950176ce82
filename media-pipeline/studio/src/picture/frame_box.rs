use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard},
    time::{Duration, Instant},
};

/// A picture older than this is not shown any more: its source is silent.
const FRESH: Duration = Duration::from_secs(2);
/// Arrivals that are remembered.
const ARRIVALS: usize = 8;

/// Holds a source's latest frame for whoever composes. Neither side waits for the other.
#[derive(Debug)]
pub struct FrameBox<T> {
    state: Mutex<State<T>>,
}

#[derive(Debug)]
struct State<T> {
    latest: Option<(T, Instant)>,
    arrivals: VecDeque<Instant>,
}

impl<T> Default for FrameBox<T> {
    fn default() -> Self {
        Self { state: Mutex::new(State { latest: None, arrivals: VecDeque::with_capacity(ARRIVALS) }) }
    }
}

impl<T: Clone> FrameBox<T> {
    /// Puts a frame in the place of the former.
    pub fn put(&self, frame: T, now: Instant) {
        let mut state = self.lock();
        if state.arrivals.len() == ARRIVALS {
            state.arrivals.pop_front();
        }
        state.arrivals.push_back(now);
        state.latest = Some((frame, now));
    }

    /// The latest frame, while it is fresh.
    #[must_use]
    pub fn get(&self, now: Instant) -> Option<T> {
        self.get_within(FRESH, now)
    }

    /// The latest frame, where it came within this time.
    #[must_use]
    pub fn get_within(&self, time: Duration, now: Instant) -> Option<T> {
        let state = self.lock();
        let (frame, at) = state.latest.as_ref()?;
        (now.saturating_duration_since(*at) < time).then(|| frame.clone())
    }

    /// Whether a frame came within this time.
    #[must_use]
    pub fn has_within(&self, time: Duration, now: Instant) -> bool {
        self.lock().latest.as_ref().is_some_and(|(_, at)| now.saturating_duration_since(*at) < time)
    }

    /// Empties it.
    pub fn clear(&self) {
        let mut state = self.lock();
        state.latest = None;
        state.arrivals.clear();
    }

    /// When the latest frames came, the oldest first.
    #[must_use]
    pub fn arrivals(&self) -> Vec<Instant> {
        self.lock().arrivals.iter().copied().collect()
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().expect("nothing that can panic is done under this lock")
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
        assert_eq!(frames.arrivals(), [start, start]);
        frames.clear();
        assert_eq!(frames.get(start), None);
        assert!(frames.arrivals().is_empty());
    }
}
