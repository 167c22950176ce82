//! A clock and a source of randomness that tests hold in their hands.

use crate::{Clock, Entropy};
use sha2::{Digest, Sha256};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};
use time::{Duration, OffsetDateTime, macros::datetime};

/// Stands still until it is moved. Clones show the same time.
#[derive(Clone, Debug)]
pub struct FakeClock(Arc<Mutex<OffsetDateTime>>);

impl FakeClock {
    /// Shows `now`.
    #[must_use]
    pub fn at(now: OffsetDateTime) -> Self {
        Self(Arc::new(Mutex::new(now)))
    }

    /// Lets time pass.
    pub fn advance(&self, by: Duration) {
        *self.0.lock().expect("no panic while locked") += by;
    }

    /// Sets the time.
    pub fn set(&self, now: OffsetDateTime) {
        *self.0.lock().expect("no panic while locked") = now;
    }
}

impl Default for FakeClock {
    fn default() -> Self {
        Self::at(datetime!(2026-11-23 12:00 UTC))
    }
}

impl Clock for FakeClock {
    fn now(&self) -> OffsetDateTime {
        *self.0.lock().expect("no panic while locked")
    }
}

/// The same bytes each time for the same seed. Clones go on with the same stream.
#[derive(Clone, Debug, Default)]
pub struct FakeEntropy {
    seed: u64,
    blocks: Arc<AtomicU64>,
}

impl FakeEntropy {
    /// A stream of its own for each seed.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self { seed, blocks: Arc::default() }
    }
}

impl Entropy for FakeEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let block = self.blocks.fetch_add(1, Ordering::Relaxed);
            let hash = Sha256::new().chain_update(self.seed.to_be_bytes()).chain_update(block.to_be_bytes());
            chunk.copy_from_slice(&hash.finalize()[..chunk.len()]);
        }
    }
}
