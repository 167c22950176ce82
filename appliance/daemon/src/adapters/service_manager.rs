//! What systemd and this process say to each other (sd_notify(3), sd_listen_fds(3)).

use anyhow::{Context, Result};
use std::{net::SocketAddr, time::Duration};
use tabellion_store::Store;
use tokio::net::TcpListener;
use tracing::{error, warn};

/// `FileDescriptorName=` of the web pages' ports in tabellion.socket.
const PAGES: &str = "https";

/// The ports of the pages.
pub(crate) struct Listeners {
    /// The espace client's, and guests'.
    pub pages: TcpListener,
    /// Guests' alone, where there is one.
    pub guests: Option<TcpListener>,
}

/// The web pages' ports: systemd's, which stay open while this process restarts, or else our own. `guests`: the port of guests alone.
///
/// # Errors
/// A port is in use, or what systemd handed over is no TCP port.
pub(crate) async fn listeners(address: SocketAddr, guests: Option<u16>) -> Result<Listeners> {
    let mut handed = handed()?;
    let mut take = |port: u16| {
        let found = handed.iter().position(|(open, _)| *open == port)?;
        Some(handed.swap_remove(found).1)
    };
    let (pages, of_guests) = (take(address.port()), guests.map(|port| (port, take(port))));
    let guests = match of_guests {
        None => None,
        Some((_, Some(listener))) => Some(listener),
        // With systemd, tabellion-system.service has it opened, and this process started anew; until then guests are served where the
        // others are.
        Some((port, None)) if pages.is_some() || !handed.is_empty() => {
            warn!(port, "the port of guests is not open yet");
            None
        }
        Some((port, None)) => Some(open(SocketAddr::new(address.ip(), port), "the guests' pages").await?),
    };
    let pages = match pages
        .or_else(|| handed.pop().map(|(port, listener)| elsewhere(port, address.port(), listener)))
    {
        Some(listener) => listener,
        None => open(address, "the web pages").await?,
    };
    Ok(Listeners { pages, guests })
}

/// What systemd has opened, with the ports.
fn handed() -> Result<Vec<(u16, TcpListener)>> {
    let handed = systemd::daemon::listen_fds_with_names().context("cannot take systemd's sockets")?;
    let mut found = Vec::new();
    for descriptor in handed.iter_named(PAGES)? {
        let listener = systemd::daemon::tcp_listener(descriptor)
            .context("a socket that systemd handed over for the web pages is no TCP port")?;
        listener.set_nonblocking(true)?;
        found.push((listener.local_addr()?.port(), TcpListener::from_std(listener)?));
    }
    Ok(found)
}

/// tabellion-system.service has it moved; until then the pages are better here than nowhere.
fn elsewhere(port: u16, wanted: u16, listener: TcpListener) -> TcpListener {
    warn!(port, wanted, "the web pages are served on another port than the settings say");
    listener
}

async fn open(address: SocketAddr, what: &str) -> Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("TCP port {} of {} ({what}) cannot be opened", address.port(), address.ip()))
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
