//! `tabellion-load`: what a forwarding engine costs under the load of generated browsers.
//!
//! One [`browser`] publishes a picture of so many packets, all others watch ([`crowd`]). The engine runs as a process of its own
//! ([`engine`]), and its processor time and memory are the kernel's account of it ([`process`]), so that what the browsers cost
//! does not count. [`floor`] is what nobody can do without: the same packets encrypted and sent, and nothing else.

mod browser;
mod crowd;
mod engine;
mod floor;
mod process;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use crowd::Crowd;
use engine::Engine;
use serde::Serialize;
use std::{
    io::{Write, stderr, stdout},
    net::IpAddr,
    path::PathBuf,
    process::ExitCode,
    time::{Duration, Instant},
};

/// Measures what a forwarding engine costs, in JSON on standard output.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The switchboard's program.
    #[arg(long, value_name = "PROGRAM")]
    switchboard: PathBuf,
    /// Browsers that watch the picture.
    #[arg(long, default_value_t = 40, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=500))]
    watchers: u16,
    /// Seconds that are measured.
    #[arg(long, default_value_t = 10, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(1..=3600))]
    seconds: u16,
    #[command(flatten)]
    picture: Picture,
    /// Address of engine and browsers.
    #[arg(long, default_value = "127.0.0.1", value_name = "IP")]
    address: IpAddr,
}

/// What is published.
#[derive(Clone, Copy, clap::Args)]
struct Picture {
    /// Pictures a second.
    #[arg(long, default_value_t = 30, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=120))]
    rate: u16,
    /// Packets a picture.
    #[arg(long, default_value_t = 5, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=50))]
    packets: u16,
    /// Bytes of a packet's payload.
    #[arg(long, default_value_t = 1_150, value_name = "BYTES", value_parser = clap::value_parser!(u16).range(4..=1_200))]
    bytes: u16,
}

impl Picture {
    fn period(self) -> Duration {
        Duration::from_secs(1) / u32::from(self.rate)
    }
}

/// What was measured.
#[derive(Serialize)]
struct Report {
    watchers: u16,
    /// Packets that came to all watchers together, and those that did not.
    received: u64,
    lost: u64,
    /// Of the engine's processor time, for a packet that came to a watcher, µs.
    cpu_us_a_packet: f64,
    /// Of the engine's memory (proportional set size), for a watcher, KiB.
    memory_kib_a_watcher: f64,
    /// Of the floor's processor time, for a packet, µs.
    floor_us_a_packet: f64,
}

fn main() -> ExitCode {
    tracing_subscriber::fmt().with_env_filter("error,str0m=off,dimpl=off,is=off").with_writer(stderr).init();
    str0m::crypto::from_feature_flags().install_process_default();
    match measure(&Arguments::parse()) {
        Ok(report) => {
            let written = serde_json::to_writer_pretty(stdout(), &report).map_err(anyhow::Error::from);
            match written.and_then(|()| Ok(writeln!(stdout())?)) {
                Ok(()) => ExitCode::SUCCESS,
                Err(_) => ExitCode::FAILURE,
            }
        }
        Err(problem) => {
            // Where standard error is closed, the exit status still tells.
            let _ = writeln!(stderr(), "tabellion-load: {problem:#}");
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: &Arguments) -> Result<Report> {
    let seconds = Duration::from_secs(arguments.seconds.into());
    let mut engine = Engine::start(&arguments.switchboard, arguments.address)?;
    let mut crowd = Crowd::new(arguments.address, arguments.picture);
    crowd.publish(&mut engine)?;
    let alone = process::memory(engine.id())?;
    for _ in 0..arguments.watchers {
        crowd.watch(&mut engine)?;
    }
    // Until each has got its key frame, and nobody is busy with joining any more.
    crowd.run(Duration::from_secs(2))?;
    ensure!(crowd.all_watch(), "not every browser gets the picture within 2 s of the last one's coming");
    let (before, cpu) = (crowd.counts(), process::cpu(engine.id())?);
    crowd.run(seconds)?;
    let (after, cpu) = (crowd.counts(), process::cpu(engine.id())? - cpu);
    let received = after.received - before.received;
    ensure!(received > 0, "no packet came to anybody");
    let memory = process::memory(engine.id())?.saturating_sub(alone);
    engine.end().context("the switchboard does not end")?;
    let floor = floor::measure(arguments.address, arguments.watchers, arguments.picture, seconds)?;
    Ok(Report {
        watchers: arguments.watchers,
        received,
        // What was lost before may have been sent again since.
        lost: after.lost.saturating_sub(before.lost),
        cpu_us_a_packet: micros(cpu) / received as f64,
        memory_kib_a_watcher: memory as f64 / 1024.0 / f64::from(arguments.watchers),
        floor_us_a_packet: micros(floor.cpu) / floor.packets as f64,
    })
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

#[expect(clippy::disallowed_methods, reason = "a measurement in real time: this is where it comes in")]
fn now() -> Instant {
    Instant::now()
}
