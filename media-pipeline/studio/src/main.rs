//! `tabellion-studio`: one room's studio. Started by systemd with the switchboard's connection as descriptor 3
//! (`Accept=yes`); ends when that connection closes. `$TABELLION_CODECS` names the file that `tabellion-studio probe` has written.

use anyhow::{Context, Result, ensure};
use nix::sys::socket::{SockType, getsockopt, sockopt};
use std::{
    fs,
    io::Write,
    os::fd::{FromRawFd, OwnedFd},
    path::Path,
    process::ExitCode,
    time::Duration,
};
use tabellion_h264::Candidate;
use tabellion_media_protocol::VideoCodecs;
use tabellion_studio::hardware;
use tracing::{error, info};

const USAGE: &str = "usage: tabellion-studio, by socket activation: serves a room\n       \
    tabellion-studio probe [FILE]: finds out which codecs this machine has\n       tabellion-studio trial ELEMENT: tries one";

/// The first descriptor that a socket-activated process is handed (sd_listen_fds(3)).
const FIRST_DESCRIPTOR: i32 = 3;
/// Time to take everything down.
const FAREWELL: Duration = Duration::from_secs(1);

/// Where it is written which codecs this machine has.
const CODECS: &str = "TABELLION_CODECS";

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .init();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        [] => return serve(),
        ["probe"] => look_for_codecs(None),
        ["probe", file] => look_for_codecs(Some(Path::new(file))),
        ["trial", element] => try_codec(element),
        _ => Err(anyhow::anyhow!(USAGE)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            // The last line is what the prober tells of a codec that failed.
            let _ = writeln!(std::io::stderr(), "{problem:#}");
            ExitCode::FAILURE
        }
    }
}

fn serve() -> ExitCode {
    let ended = connection().and_then(|socket| tabellion_studio::run(socket, &codecs(), end_soon));
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

/// What [`look_for_codecs`] has written; software where nobody has looked, or it cannot be read.
fn codecs() -> VideoCodecs {
    let Some(file) = std::env::var_os(CODECS) else { return hardware::software() };
    hardware::read(Path::new(&file)).unwrap_or_else(|problem| {
        error!("{problem:#}: software encodes and decodes");
        hardware::software()
    })
}

/// Finds out what encodes and decodes best, and writes it down, or prints it.
fn look_for_codecs(file: Option<&Path>) -> Result<()> {
    gstreamer::init().context("GStreamer does not start")?;
    let found = hardware::probe(&hardware::ThisMachine);
    info!(
        encoder = found.encoder.element,
        decoder = found.decoder.element,
        tried = found.trials.len(),
        "codecs of this machine"
    );
    let found = serde_json::to_vec_pretty(&found)?;
    let Some(file) = file else {
        return std::io::stdout().write_all(&found).context("nobody takes the answer");
    };
    // Whole or not at all: who reads it may come at any time.
    let beside = file.with_extension("new");
    fs::write(&beside, &found).with_context(|| format!("{} cannot be written", beside.display()))?;
    fs::rename(&beside, file).with_context(|| format!("{} cannot be written", file.display()))
}

/// Tries one codec, and prints the processor time of a picture.
fn try_codec(element: &str) -> Result<()> {
    gstreamer::init().context("GStreamer does not start")?;
    let candidate =
        Candidate::of_name(element).with_context(|| format!("{element} is no codec for H.264"))?;
    let cpu_us = hardware::trial(&candidate)?;
    writeln!(std::io::stdout(), "{cpu_us}").context("nobody takes the figure")
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
