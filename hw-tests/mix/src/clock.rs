//! Where real time comes in.

use std::{
    thread,
    time::{Duration, Instant},
};

#[expect(clippy::disallowed_methods, reason = "a measurement in real time: this is where it comes in")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "a measurement in real time")]
pub(crate) fn pause(time: Duration) {
    thread::sleep(time);
}

pub(crate) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// From one moment to another, which may be the earlier one.
pub(crate) fn between(from: Instant, to: Instant) -> f64 {
    milliseconds(to.saturating_duration_since(from)) - milliseconds(from.saturating_duration_since(to))
}
