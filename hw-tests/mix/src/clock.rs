//! Where real time comes in.

use std::time::{Duration, Instant};
pub(crate) use tabellion_measure::{now, pause};

pub(crate) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// From one moment to another, which may be the earlier one.
pub(crate) fn between(from: Instant, to: Instant) -> f64 {
    milliseconds(to.saturating_duration_since(from)) - milliseconds(from.saturating_duration_since(to))
}
