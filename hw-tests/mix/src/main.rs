//! `tabellion-mix-load`: what a studio does with the pictures and the sound of generated browsers.
//!
//! A [`load`] tells a [`studio`]'s process what the switchboard would tell it, and sends it what browsers would send: a [`clip`] and a
//! [`voice`] that were encoded beforehand, so that sending them costs nothing. A [`room_system`] keeps what comes out, with the time at which
//! it came; only afterwards is it decoded and looked at ([`sight`]). Processor time is the kernel's account of the [`process`]. Each
//! [`scenario`] is one measurement.

mod bare;
mod clip;
mod clock;
mod load;
mod picture;
mod process;
mod room_system;
mod scenario;
mod scene;
mod sight;
mod stamp;
mod studio;
mod through;
mod voice;
mod watched;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use scenario::{cost, disturbances, path, shared};
use std::{path::PathBuf, process::ExitCode};
use tabellion_measure::{exit, print};

/// Measures a studio's mix, in JSON on standard output.
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
    /// Processor time of a mix, beside a bare pipeline that makes the same picture.
    Cost(cost::Arguments),
    /// How late pictures and sound are, how far apart, and how alike.
    Path(path::Arguments),
    /// What the others notice when a source stops, comes late, or changes its pictures' size.
    Disturbances(disturbances::Arguments),
    /// What one more room system costs that watches the same picture.
    Shared(shared::Arguments),
}

/// What all measurements need.
#[derive(clap::Args)]
struct Setting {
    /// The studio's program.
    #[arg(long, global = true, default_value = "target/release/tabellion-studio", value_name = "PROGRAM")]
    studio: PathBuf,
}

fn main() -> ExitCode {
    exit("tabellion-mix-load", run(&Arguments::parse()))
}

fn run(arguments: &Arguments) -> Result<()> {
    gstreamer::init().context("GStreamer does not start")?;
    tabellion_studio::codecs::check()?;
    let setting = &arguments.setting;
    match &arguments.scenario {
        Scenario::Cost(arguments) => print(&cost::measure(setting, arguments)?),
        Scenario::Path(arguments) => print(&path::measure(setting, arguments)?),
        Scenario::Disturbances(arguments) => print(&disturbances::measure(setting, arguments)?),
        Scenario::Shared(arguments) => print(&shared::measure(setting, arguments)?),
    }
}
