use std::sync::Arc;
use tokio::sync::{Mutex, OwnedMutexGuard};

/// Guesses are looked at one at a time: made all at once, all would be looked at before the first is counted. Also, an
/// argon2 takes 19 MiB and 20 ms of CPU, which nobody gets many of by asking often.
#[derive(Clone, Default)]
pub(crate) struct LoginTurns(Arc<Mutex<()>>);

impl LoginTurns {
    /// Waits for this turn, in order of arrival. To be asked for once the request was read: whoever sends slowly holds
    /// up nobody.
    pub(crate) async fn take(&self) -> OwnedMutexGuard<()> {
        self.0.clone().lock_owned().await
    }
}
