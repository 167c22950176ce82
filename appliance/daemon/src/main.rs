//! `tabellion`: the appliance's control process, and the supervisor of the demonstration.

mod acme;
mod adapters;
mod certificates;
mod config;
mod demo;
mod demo_calls;
mod demo_data;
mod demo_directory;
mod demo_scheduled;
mod device_key;
mod directory;
mod directory_server;
mod journal;
mod machinery;
mod mail;
mod media;
mod midnight;
mod plan;
mod publication;
mod purge;
mod rehearsal;
mod renewal;
mod restore;
mod scheduled;
mod serve;
mod setup;
mod setup_page;
mod sms;
mod trial;
mod updates;
mod uploaded;

use clap::{Parser, Subcommand};
use std::process::ExitCode;
use tracing::error;

/// The SIP library logs whole messages at info level, and peers’ addresses at warn.
const LOG_FILTER: &str = "info,rsipstack=error";

#[derive(Parser)]
#[command(version, about = "Video conferences of a notaries' office")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the control process: web pages, SIP, meetings. Expects the switchboard's socket in the runtime folder.
    Serve(config::ServeArguments),
    /// Gives a new box its first settings, from the set-up file of its installation.
    Setup(setup::SetupArguments),
    /// Has a backup take the place of this box's data at the next start of the control process.
    Restore(restore::RestoreArguments),
    /// Manages the directory of notaries.
    Directory(directory::DirectoryArguments),
    /// Checks the audit journal.
    Journal(journal::JournalArguments),
    /// Answers questions about pictures and sound on this machine.
    Media(media::MediaArguments),
    /// Runs a whole box with demonstration data: control, switchboard and studios, watched over and restarted.
    Demo(demo::DemoArguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("TABELLION_LOG")
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(LOG_FILTER)),
        )
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .init();
    let outcome = match arguments.command {
        Command::Serve(arguments) => serve::run(arguments),
        Command::Setup(arguments) => setup::run(arguments),
        Command::Restore(arguments) => restore::run(arguments),
        Command::Directory(arguments) => directory::run(arguments),
        Command::Journal(arguments) => journal::run(arguments),
        Command::Media(arguments) => media::run(arguments),
        Command::Demo(arguments) => demo::run(arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            error!("{problem:#}");
            ExitCode::FAILURE
        }
    }
}
