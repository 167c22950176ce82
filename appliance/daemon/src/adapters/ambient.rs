use rand::RngCore;
use tabellion_domain::{Clock, Entropy};
use time::OffsetDateTime;

/// The system's clock.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the rules' time comes from")]
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }
}

/// The kernel's randomness, through a generator that is seeded from it.
pub(crate) struct KernelEntropy;

impl Entropy for KernelEntropy {
    #[expect(clippy::disallowed_methods, reason = "the one place where the rules' randomness comes from")]
    fn fill(&self, bytes: &mut [u8]) {
        rand::rng().fill_bytes(bytes);
    }
}
