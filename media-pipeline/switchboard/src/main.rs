//! `tabellion-media`: the switchboard's process.

use anyhow::{Context, Result};
use clap::Parser;
use nix::ifaddrs::getifaddrs;
use std::{
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
    process::ExitCode,
};
use tabellion_media::shell::{Settings, run};
use tracing::error;

/// Forwards the browsers' sound and pictures.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Folder of the sockets between the processes.
    #[arg(long, value_name = "DIR")]
    runtime: PathBuf,
    /// Address that browsers reach this box at; repeat for more. Default: all IPv4
    /// addresses of this machine but loopback.
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
    let addresses = if arguments.address.is_empty() { own_addresses()? } else { arguments.address };
    run(&Settings { runtime: arguments.runtime, addresses, port: arguments.port })
}

/// This machine's IPv4 addresses that others can reach; 127.0.0.1 where there are none.
fn own_addresses() -> Result<Vec<IpAddr>> {
    let interfaces = getifaddrs().context("cannot list this machine's addresses")?;
    let mut addresses: Vec<IpAddr> = interfaces
        .filter_map(|interface| Some(interface.address?.as_sockaddr_in()?.ip()))
        .filter(|ip| !ip.is_loopback() && !ip.is_link_local())
        .map(IpAddr::V4)
        .collect();
    addresses.sort_unstable();
    addresses.dedup();
    if addresses.is_empty() {
        addresses.push(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    Ok(addresses)
}
