//! Where time and chance come into the process; everything else takes them as parameters.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Seconds from 1900, where NTP's time begins, to 1970 (RFC 868).
const NTP_TO_UNIX: u64 = 2_208_988_800;

/// The monotonic time.
#[expect(clippy::disallowed_methods, reason = "the adapter that hands the time in")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// The wall clock as a 64-bit NTP timestamp (RFC 3550 §4).
#[expect(clippy::disallowed_methods, reason = "the adapter that hands the time in")]
pub(crate) fn ntp() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let fraction = (u64::from(since.subsec_nanos()) << 32) / 1_000_000_000;
    ((since.as_secs() + NTP_TO_UNIX) << 32) | fraction
}

/// A random number, for SSRCs and first sequence numbers (RFC 3550 §5.1).
#[expect(clippy::disallowed_methods, reason = "the adapter that hands chance in")]
pub(crate) fn random() -> u32 {
    rand::random()
}
