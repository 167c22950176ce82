//! What systemd and this process say to each other (sd_notify(3), sd_listen_fds(3)).

use anyhow::{Context, Result};
use std::{net::SocketAddr, time::Duration};
use tabellion_store::Store;
use tokio::net::TcpListener;
use tracing::{error, warn};

/// `FileDescriptorName=` of the web pages' port in tabellion.socket.
const PAGES: &str = "https";

/// The web pages' port: systemd's, which stays open while this process restarts, or else our own.
///
/// # Errors
/// The port is in use, or what systemd handed over is no TCP port.
pub(crate) async fn pages_listener(address: SocketAddr) -> Result<TcpListener> {
    let handed = systemd::daemon::listen_fds_with_names().context("cannot take systemd's sockets")?;
    match handed.iter_named(PAGES)?.next() {
        Some(descriptor) => {
            let listener = systemd::daemon::tcp_listener(descriptor)
                .context("the socket that systemd handed over for the web pages is no TCP port")?;
            let port = listener.local_addr()?.port();
            if port != address.port() {
                // tabellion-system.service has it moved; until then the pages are better here than nowhere.
                warn!(
                    port,
                    wanted = address.port(),
                    "the web pages are served on another port than the settings say"
                );
            }
            listener.set_nonblocking(true)?;
            Ok(TcpListener::from_std(listener)?)
        }
        None => TcpListener::bind(address).await.with_context(|| {
            format!("TCP port {} of {} (the web pages) cannot be opened", address.port(), address.ip())
        }),
    }
}

/// Everything is open.
pub(crate) fn ready() -> Result<()> {
    systemd::daemon::notify([(systemd::daemon::STATE_READY, "1")].iter())
        .context("cannot tell the service manager that this process is ready")?;
    Ok(())
}

/// Signs of life for as long as this process can do its work: its tasks run, and its database answers.
pub(crate) async fn give_signs_of_life(store: Store) {
    // Zero, or an error where there is no service manager: nobody watches.
    let patience = Duration::from_micros(systemd::daemon::watchdog_enabled().unwrap_or_default());
    if patience.is_zero() {
        return;
    }
    let mut ticks = tokio::time::interval(patience / 3);
    loop {
        ticks.tick().await;
        if let Err(problem) = sign(&store).await {
            error!("no sign of life for the service manager: {problem:#}");
        }
    }
}

async fn sign(store: &Store) -> Result<()> {
    store.office().await.context("the database does not answer")?;
    systemd::daemon::notify([(systemd::daemon::STATE_WATCHDOG, "1")].iter())?;
    Ok(())
}
