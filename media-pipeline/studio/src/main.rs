//! `tabellion-studio`: one room's studio. Started by systemd with the switchboard's connection as descriptor 3
//! (`Accept=yes`); ends when that connection closes.

use anyhow::{Context, Result, ensure};
use nix::sys::socket::{SockType, getsockopt, sockopt};
use std::{
    os::fd::{FromRawFd, OwnedFd},
    process::ExitCode,
    time::Duration,
};
use tracing::{error, info};

/// The first descriptor that a socket-activated process is handed (sd_listen_fds(3)).
const FIRST_DESCRIPTOR: i32 = 3;
/// Time to take everything down.
const FAREWELL: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .init();
    let ended = connection().and_then(|socket| tabellion_studio::run(socket, end_soon));
    let code = match &ended {
        Ok(()) => 0,
        Err(problem) => {
            error!("{problem:#}");
            1
        }
    };
    info!("the studio ends");
    std::process::exit(code)
}

/// Gives the room's pipelines a moment to stop and the legs' peers their farewell; a codec that hangs must not
/// keep the process, as nobody listens to it any more.
fn end_soon() {
    let (_keep, never) = std::sync::mpsc::channel::<()>();
    let _ = never.recv_timeout(FAREWELL);
    std::process::exit(0)
}

/// The connected socket that the process was started for.
fn connection() -> Result<OwnedFd> {
    let handed = std::env::var("LISTEN_FDS").ok();
    ensure!(handed.as_deref() == Some("1"), "no connection was handed over: start this by socket activation");
    #[expect(
        unsafe_code,
        reason = "descriptor 3 is ours alone: systemd passed it, and nothing has opened it yet"
    )]
    // SAFETY: `LISTEN_FDS=1` says that descriptor 3 is open, and nobody else owns it.
    let socket = unsafe { OwnedFd::from_raw_fd(FIRST_DESCRIPTOR) };
    let kind = getsockopt(&socket, sockopt::SockType).context("descriptor 3 is not a socket")?;
    ensure!(kind == SockType::SeqPacket, "the connection is not SEQPACKET: the socket unit is wrong");
    Ok(socket)
}
