//! Where the monotonic time comes into this crate; what measures spans takes it as a parameter. It is tokio's, which a test
//! can hold and move on.

use tokio::time::Instant;

/// Now.
#[expect(clippy::disallowed_methods, reason = "the one place where this crate's monotonic time comes from")]
pub(crate) fn now() -> Instant {
    Instant::now()
}
