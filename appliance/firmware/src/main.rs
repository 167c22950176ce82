//! `tabellion-firmware`: what a box does with its own disk, its own start and its own updates. Each subcommand is one
//! unit's work; all of them run as root, under their unit's sandbox.

mod health;
mod run;
mod storage;

use clap::{Parser, Subcommand};
use std::process::ExitCode;
use tracing::error;

#[derive(Parser)]
#[command(version, about = "The box's disk, start and updates")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Opens the data partition, and makes it at the first start (tabellion-storage.service).
    OpenStorage,
    /// Whether this version of the firmware does its work here (tabellion-health.service).
    CheckHealth(health::Arguments),
}

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        // The journal has the time already.
        .without_time()
        .init();
    let outcome = match Arguments::parse().command {
        Command::OpenStorage => storage::open(),
        Command::CheckHealth(arguments) => health::check(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            error!("{problem:#}");
            ExitCode::FAILURE
        }
    }
}
