//! `tabellion-media`: the switchboard's process.

use anyhow::{Result, ensure};
use clap::Parser;
use std::{net::IpAddr, path::PathBuf, process::ExitCode};
use tabellion_media::shell::{Settings, run};
use tabellion_media_protocol::addresses;
use tracing::error;

/// Forwards the browsers' sound and pictures.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Folder of the sockets between the processes.
    #[arg(long, value_name = "DIR")]
    runtime: PathBuf,
    /// Address that browsers reach this box at; repeat for more. Default: all IPv4
    /// addresses of this machine but loopback, and an end when they change.
    #[arg(long, value_name = "IP")]
    address: Vec<IpAddr>,
    /// UDP port of all browsers.
    #[arg(long, default_value_t = 7000, value_name = "PORT")]
    port: u16,
}

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("TABELLION_LOG").unwrap_or_else(|_| {
                tracing_subscriber::EnvFilter::new("info,str0m=error,dimpl=warn,is=warn")
            }),
        )
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .init();
    match start(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            error!("{problem:#}");
            ExitCode::FAILURE
        }
    }
}

fn start(arguments: Arguments) -> Result<()> {
    str0m::crypto::from_feature_flags().install_process_default();
    let follow = arguments.address.is_empty();
    let addresses = if follow { addresses::own()? } else { arguments.address };
    ensure!(!addresses.is_empty(), "this machine has no network address yet");
    run(&Settings { runtime: arguments.runtime, addresses, follow, port: arguments.port })
}
