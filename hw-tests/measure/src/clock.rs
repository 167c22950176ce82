use std::{
    thread,
    time::{Duration, Instant},
};

/// The present moment.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "a measurement in real time: this is where it comes in")]
pub fn now() -> Instant {
    Instant::now()
}

/// Waits.
#[expect(clippy::disallowed_methods, reason = "a measurement in real time")]
pub fn pause(time: Duration) {
    thread::sleep(time);
}
