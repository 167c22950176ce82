//! Where the monotonic time comes into this crate; what measures spans takes it as a parameter. It is tokio's, which a test
//! can hold and move on.

use tokio::time::Instant;

/// Now.
pub(crate) fn now() -> Instant {
    Instant::now()
}
