//! `tabellion-soak`: a box with demonstration data that is busy for as long as is wanted, and what it costs the machine over time.
//!
//! A meeting goes on all the time ([`people::Resident`]), and others come, meet, and go, one meeting after the other
//! ([`people::visit`]): all of them are `tabellion-selftest`, which proves by what is seen and heard that they have met. Whenever
//! visitors have gone, the box carries the same as every time before: then its processes are looked at ([`process`]), so that
//! what grows from one look to the next is kept by nobody ([`judge`], [`trend`]).

mod appliance;
mod judge;
mod people;
mod process;
mod report;
mod run;
mod trend;

use anyhow::{Context, Result};
use clap::Parser;
use std::{
    io::{Write, stderr},
    net::IpAddr,
    path::PathBuf,
    process::ExitCode,
    time::{Duration, Instant},
};

/// Keeps a box busy, and judges what its processes keep. Exit status: 0 nothing grows, as far as the time tells; 1 something does,
/// or somebody could not meet; 2 wrong usage.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// How long, in minutes: up to 72 hours.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(2..=4_320))]
    minutes: u64,
    /// Address of the box: one of this machine's. Its standard ports have to be free there.
    #[arg(long, default_value = "127.0.0.1", value_name = "IP")]
    address: IpAddr,
    /// The folder of the programs. Default: this one's.
    #[arg(long, value_name = "DIR")]
    programs: Option<PathBuf>,
    /// The built pages.
    #[arg(long, default_value = "webui/dist", value_name = "DIR")]
    pages: PathBuf,
    /// Where the logs lie afterwards: the box's, and those of who could not meet.
    #[arg(long, default_value = "target/soak", value_name = "DIR")]
    logs: PathBuf,
    /// Where the report is written as JSON.
    #[arg(long, default_value = "target/soak.json", value_name = "FILE")]
    json: PathBuf,
}

impl Arguments {
    fn time(&self) -> Duration {
        Duration::from_secs(self.minutes * 60)
    }

    fn program(&self, name: &str) -> Result<PathBuf> {
        let own = std::env::current_exe().context("this program's own file is not known")?;
        let path = match &self.programs {
            Some(folder) => folder.join(name),
            None => own.with_file_name(name),
        };
        anyhow::ensure!(path.exists(), "{} is missing: build it with `make build`", path.display());
        Ok(path)
    }
}

fn main() -> ExitCode {
    match soak(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => {
            // Where standard error is closed, the exit status still tells.
            let _ = writeln!(stderr(), "tabellion-soak: {problem:#}");
            ExitCode::FAILURE
        }
    }
}

fn soak(arguments: &Arguments) -> Result<bool> {
    let observed = run::run(arguments)?;
    let report = report::Report::of(observed, arguments.time());
    report.print().context("the report cannot be printed")?;
    report
        .save(&arguments.json)
        .with_context(|| format!("{} cannot be written", arguments.json.display()))?;
    Ok(report.passed())
}

#[expect(clippy::disallowed_methods, reason = "a measurement in real time: this is where it comes in")]
fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "a measurement in real time: what it waits for has no event")]
fn pause(time: Duration) {
    std::thread::sleep(time);
}
