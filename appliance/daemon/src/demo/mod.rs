//! A whole box on this machine: what `make run` and the end-to-end tests start.

mod announcement;
mod checks;
mod notify;
mod process;
mod supervisor;

use crate::config::Ports;
use anyhow::{Context, Result};
use clap::Args;
use std::{net::IpAddr, path::PathBuf};

/// What the demonstration is told.
#[derive(Args, Clone, Debug)]
pub(crate) struct DemoArguments {
    /// Folder of the demonstration's data; kept between runs.
    #[arg(long, value_name = "DIR")]
    state: PathBuf,
    /// Folder of the web pages, as built.
    #[arg(long, value_name = "DIR")]
    pages: PathBuf,
    /// Address to answer on. Default: the one that this machine's default route leaves from, or else 127.0.0.1.
    #[arg(long, value_name = "IP")]
    address: Option<IpAddr>,
    #[command(flatten)]
    ports: Ports,
    /// Folder below which the updater's files are, for tests: a demonstration has none.
    #[arg(long, value_name = "DIR")]
    updater: Option<PathBuf>,
    /// Prints one line of JSON when ready, instead of the text for people.
    #[arg(long)]
    json: bool,
}

/// Runs until interrupted.
pub(crate) fn run(arguments: DemoArguments) -> Result<()> {
    // One thread: children are bound to the thread that starts them (PR_SET_PDEATHSIG), and this one stays.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let address = match arguments.address {
            Some(address) => address,
            None => checks::own_address().context("cannot list this machine's addresses")?,
        };
        checks::ports_are_free(address, &arguments.ports)?;
        supervisor::run(arguments, address).await
    })
}
