//! Where time and chance come into the program; everything else takes them as parameters.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The monotonic time.
#[expect(clippy::disallowed_methods, reason = "the adapter that hands the time in")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Time since 1970, for one-time codes (RFC 6238). The box's clock must agree within 30 s.
#[expect(clippy::disallowed_methods, reason = "the adapter that hands the time in")]
pub(crate) fn since_1970() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// A random number, for SSRCs, tags and branches (RFC 3261 §19.3, RFC 3550 §5.1).
#[expect(clippy::disallowed_methods, reason = "the adapter that hands chance in")]
pub(crate) fn random() -> u32 {
    rand::random()
}
