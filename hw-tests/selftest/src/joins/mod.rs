//! Many who join over a line: who is connected to the switchboard, and how soon after the offer. Each has one connection and
//! no second attempt, so that a handshake that hangs is seen; OpenSSL, of which webrtcbin's DTLS is, repeats what was lost after 1 s, 3 s
//! and 7 s.

mod switchboard;

use crate::{
    browser::Connection,
    edge,
    effort::Effort,
    fault::{Fault, Outcome},
    media::Codecs,
    perception::Perception,
};
use clap::Parser;
use serde::Serialize;
use std::{io::stdout, net::IpAddr, path::PathBuf, process::ExitCode, sync::Arc, time::Duration};
use switchboard::Switchboard;
use tokio::{sync::Semaphore, task::JoinSet};

/// For a connection: OpenSSL repeats four times in it.
const PATIENCE: Duration = Duration::from_secs(18);

/// Joins a switchboard, and says in JSON on standard output how many were connected, and when.
#[derive(Parser)]
#[command(name = "tabellion-joins", version)]
struct Arguments {
    /// The switchboard's program.
    #[arg(long, default_value = "target/release/tabellion-media", value_name = "PROGRAM")]
    switchboard: PathBuf,
    /// The network namespace that it runs in.
    #[arg(long, default_value = "/run/netns/box", value_name = "FILE")]
    network: PathBuf,
    /// Its address there.
    #[arg(long, default_value = "10.77.0.1", value_name = "IP")]
    address: IpAddr,
    /// Joins that are measured.
    #[arg(long, default_value_t = 100, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=10_000))]
    joins: u16,
    /// Those under way at the same time.
    #[arg(long, default_value_t = 5, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=100))]
    at_once: u16,
}

/// What was measured.
#[derive(Serialize)]
struct Report {
    joins: u16,
    connected: usize,
    /// From the offer until the transport was there, of those that were connected, least first.
    times_ms: Vec<f64>,
}

/// The program `tabellion-joins`. It ends with an error where nothing could be measured, not where nobody was connected.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    crate::log();
    match measure(&arguments) {
        Ok(report) => match serde_json::to_writer(stdout(), &report) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        Err(fault) => {
            tracing::error!("{fault}");
            ExitCode::FAILURE
        }
    }
}

fn measure(arguments: &Arguments) -> Outcome<Report> {
    gstreamer::init().map_err(|error| Fault::machine(format!("GStreamer does not start ({error})")))?;
    let codecs = Codecs::choose(Effort::Small)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Fault::machine)?;
    let mut times_ms = runtime.block_on(all(arguments, codecs))?;
    runtime.shutdown_timeout(crate::LAST_PATIENCE);
    times_ms.sort_by(f64::total_cmp);
    Ok(Report { joins: arguments.joins, connected: times_ms.len(), times_ms })
}

/// Of those that were connected.
async fn all(arguments: &Arguments, codecs: Codecs) -> Outcome<Vec<f64>> {
    let switchboard =
        Switchboard::start(&arguments.switchboard, &arguments.network, arguments.address).await?;
    let (switchboard, turns) = (Arc::new(switchboard), Arc::new(Semaphore::new(arguments.at_once.into())));
    let mut joins = JoinSet::new();
    for number in 1..=arguments.joins {
        let (switchboard, turns, address) = (switchboard.clone(), turns.clone(), arguments.address);
        joins.spawn(async move {
            let _turn = turns.acquire().await;
            join(&switchboard, number.into(), address, codecs).await
        });
    }
    let mut times = Vec::new();
    while let Some(joined) = joins.join_next().await {
        times.extend(joined.map_err(Fault::machine)??.map(|time| time.as_secs_f64() * 1e3));
    }
    Ok(times)
}

/// In a room of its own, so that nothing but this is on the line. None: not connected.
async fn join(
    switchboard: &Switchboard,
    number: u64,
    address: IpAddr,
    codecs: Codecs,
) -> Outcome<Option<Duration>> {
    let perception = Perception::default();
    let (mut connection, offer) = Connection::offer((1, false), address, codecs, &perception).await?;
    let began = edge::now();
    let answer = switchboard.join(number, offer).await?;
    let outcome = connection.answer(&answer, PATIENCE).await;
    let time = edge::now() - began;
    switchboard.leave(number).await?;
    if let Err(fault) = &outcome {
        tracing::warn!(number, %fault, "not connected");
    }
    Ok(outcome.is_ok().then_some(time))
}
