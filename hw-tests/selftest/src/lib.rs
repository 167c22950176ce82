//! `tabellion-selftest`: an organizer, a guest and a room system of its own, made of GStreamer, join a meeting over the
//! box's public interface, and check that they see and hear each other. Its browsers also measure joins (`tabellion-joins`), which is
//! no part of a box.

mod arguments;
mod box_api;
mod browser;
mod cast;
mod edge;
mod effort;
mod fault;
pub mod joins;
mod media;
mod perception;
mod picture;
mod rehearsal;
mod report;
mod room_system;
mod scenario;
mod seat;
mod stay;
mod tone;

use arguments::{Access, Arguments};
use box_api::Client;
use cast::Cast;
use clap::{CommandFactory, Parser, error::ErrorKind};
use fault::{Fault, Outcome, Side};
use std::{process::ExitCode, sync::mpsc, thread, time::Duration};
use tracing_subscriber::EnvFilter;

/// The SIP library logs peers' addresses at warn.
const LOG_FILTER: &str = "warn,rsipstack=error";
/// What a thread of a driver that hangs gets to end; then the process ends without it.
const LAST_PATIENCE: Duration = Duration::from_secs(1);

/// The program `tabellion-selftest`.
#[must_use]
pub fn main() -> ExitCode {
    let mut arguments = Arguments::parse();
    log();
    if arguments.rehearsal
        && let Err(fault) = keys(&mut arguments)
    {
        tracing::error!("{fault}");
        return ExitCode::FAILURE;
    }
    let access = match arguments.access() {
        Ok(access) => access,
        Err(problem) => Arguments::command().error(ErrorKind::MissingRequiredArgument, problem).exit(),
    };
    match test(&arguments, access) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(fault) => {
            tracing::error!("{fault}");
            ExitCode::FAILURE
        }
    }
}

fn log() {
    tracing_subscriber::fmt()
        .with_env_filter(
            EnvFilter::try_from_env("TABELLION_LOG").unwrap_or_else(|_| EnvFilter::new(LOG_FILTER)),
        )
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .init();
}

/// A rehearsal's, in place of arguments.
fn keys(arguments: &mut Arguments) -> Outcome<()> {
    let keys = rehearsal::Keys::read(std::io::stdin().lock())?;
    arguments.take(keys).map_err(|problem| Fault::new(Side::Control, problem, "report it"))
}

/// Whether everything is as it should be.
fn test(arguments: &Arguments, access: Access) -> Outcome<bool> {
    gstreamer::init().map_err(|error| Fault::machine(format!("GStreamer does not start ({error})")))?;
    let _watchdog = watch_over(arguments.limit() + arguments.stay())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Fault::machine)?;
    let (url, trusted) = arguments.target().map_err(Fault::machine)?;
    let client = Client::new(url, trusted)?;
    let skipped = arguments.without_room_system(&access).map(str::to_owned);
    let cast = Cast::new(client, arguments.participants, skipped);
    let report = runtime.block_on(scenario::run(arguments, access, cast));
    runtime.shutdown_timeout(LAST_PATIENCE);
    if arguments.rehearsal {
        report.print_json();
    } else {
        report.print();
    }
    if let Some(file) = &arguments.json {
        report.save(file)?;
    }
    Ok(report.passed())
}

/// Ends the process at the limit: a driver that hangs cannot be interrupted in another way. Off when what is returned is
/// dropped.
fn watch_over(limit: Duration) -> Outcome<mpsc::Sender<()>> {
    let (alive, watched) = mpsc::channel::<()>();
    let watch = move || {
        if watched.recv_timeout(limit) == Err(mpsc::RecvTimeoutError::Timeout) {
            tracing::error!("a driver or a plug-in of this machine hangs: the run is cut off at its limit");
            std::process::exit(1);
        }
    };
    thread::Builder::new().name("watchdog".to_owned()).spawn(watch).map_err(Fault::machine)?;
    Ok(alive)
}
