//! `tabellion-load`: what a forwarding engine does under the load of generated browsers.
//!
//! A [`browser`] is a transport of its own with what it publishes and takes ([`media`]); a [`crowd`] drives all of them. An
//! [`engine`] runs as a process of its own, and its processor time and memory are the kernel's account of it ([`process`]), so that
//! what the browsers cost does not count. Each [`scenario`] is one measurement.

mod browser;
mod clock;
mod crowd;
mod engine;
mod floor;
mod media;
mod scenario;

use anyhow::Result;
use clap::{Parser, Subcommand};
use scenario::{forwarding, joining, latency, meeting};
use std::{io::stderr, net::IpAddr, path::PathBuf, process::ExitCode};
use tabellion_measure::{exit, print};

/// Measures a forwarding engine, in JSON on standard output.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    scenario: Scenario,
    #[command(flatten)]
    setting: Setting,
}

#[derive(Subcommand)]
enum Scenario {
    /// Processor time of a forwarded packet, and memory of a watcher.
    Forwarding(forwarding::Arguments),
    /// Time that a packet spends in the switchboard while it works hard.
    Latency(latency::Arguments),
    /// A large meeting: what of a core it takes, and whether anything is lost.
    Meeting(meeting::Arguments),
    /// From an offer to the first picture.
    Joining(joining::Arguments),
}

/// What all measurements need.
#[derive(clap::Args)]
struct Setting {
    /// The switchboard's program.
    #[arg(long, global = true, default_value = "target/release/tabellion-media", value_name = "PROGRAM")]
    switchboard: PathBuf,
    /// Address of engine and browsers.
    #[arg(long, global = true, default_value = "127.0.0.1", value_name = "IP")]
    address: IpAddr,
}

fn main() -> ExitCode {
    tracing_subscriber::fmt().with_env_filter("error,str0m=off,dimpl=off,is=off").with_writer(stderr).init();
    str0m::crypto::from_feature_flags().install_process_default();
    exit("tabellion-load", run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Result<()> {
    let setting = &arguments.setting;
    match &arguments.scenario {
        Scenario::Forwarding(arguments) => print(&forwarding::measure(setting, arguments)?),
        Scenario::Latency(arguments) => print(&latency::measure(setting, arguments)?),
        Scenario::Meeting(arguments) => print(&meeting::measure(setting, arguments)?),
        Scenario::Joining(arguments) => print(&joining::measure(setting, arguments)?),
    }
}
