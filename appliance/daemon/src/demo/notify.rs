//! The receiving end of sd_notify(3): how the supervisor knows that a process is ready, as systemd would.

use anyhow::{Context, Result};
use std::path::Path;
use tokio::net::UnixDatagram;

/// The socket that one child announces itself on. Each has its own, so that a message needs no sender.
pub(super) struct NotifySocket(UnixDatagram);

impl NotifySocket {
    pub(super) fn bind(path: &Path) -> Result<Self> {
        Ok(Self(UnixDatagram::bind(path).with_context(|| format!("cannot make {}", path.display()))?))
    }

    /// Waits until the child says that it is ready.
    pub(super) async fn ready(&self) -> Result<()> {
        let mut bytes = [0; 4096];
        loop {
            let length = self.0.recv(&mut bytes).await?;
            if String::from_utf8_lossy(&bytes[..length]).lines().any(|line| line == "READY=1") {
                return Ok(());
            }
        }
    }
}
