//! One browser publishes, all others watch it: what a forwarded packet costs the engine, and what a watcher does. The same
//! browsers, packets and rates for each engine, in turns; [`floor`] is what nobody can do without.

use crate::{
    Setting,
    browser::Browser,
    crowd::Crowd,
    engine::{Engine, Janus, Switchboard},
    floor,
    media::Picture,
};
use anyhow::{Context, Result, ensure};
use serde::Serialize;
use std::{path::PathBuf, time::Duration};
use tabellion_measure::{cpu, median, memory};

/// Until nobody is busy with joining any more.
const QUIET: Duration = Duration::from_secs(2);

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Browsers that watch the picture.
    #[arg(long, default_value_t = 40, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=500))]
    watchers: u16,
    /// Seconds that are measured in each round.
    #[arg(long, default_value_t = 10, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(1..=3600))]
    seconds: u16,
    /// Rounds, each of which measures all engines; the median counts.
    #[arg(long, default_value_t = 1, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=99))]
    rounds: u16,
    #[command(flatten)]
    picture: Picture,
    /// Where a Janus is installed, to be measured, too (image/root/make-peer-root); several, for several of them.
    #[arg(long, value_name = "ROOT")]
    janus: Vec<PathBuf>,
}

/// What was measured.
#[derive(Serialize)]
pub(crate) struct Report {
    watchers: u16,
    switchboard: Figures,
    /// Of each Janus, in the order in which they were named.
    januses: Vec<Figures>,
    /// Of the floor's processor time, for a packet, µs.
    floor_us_a_packet: f64,
}

/// Of one engine.
#[derive(Clone, Serialize)]
struct Figures {
    name: String,
    /// Packets that should come to all watchers together, that came, and that were sent and did not come.
    expected: u64,
    received: u64,
    lost: u64,
    /// Of the engine's processor time, for a packet that came to a watcher, µs.
    cpu_us_a_packet: f64,
    /// Of the engine's memory (proportional set size), for a watcher, KiB.
    memory_kib_a_watcher: f64,
}

pub(crate) fn measure(setting: &Setting, arguments: &Arguments) -> Result<Report> {
    let (mut switchboards, mut floors) = (Vec::new(), Vec::new());
    let mut januses = vec![Vec::new(); arguments.janus.len()];
    for _ in 0..arguments.rounds {
        let mut switchboard = Switchboard::start(&setting.switchboard, setting.address)?;
        switchboards
            .push(engine(&mut switchboard, "switchboard", setting, arguments).context("the switchboard")?);
        drop(switchboard);
        for (root, rounds) in arguments.janus.iter().zip(&mut januses) {
            let mut janus = Janus::start(root, setting.address)
                .with_context(|| format!("Janus in {}", root.display()))?;
            let name = format!("Janus {}", janus.version);
            rounds.push(engine(&mut janus, &name, setting, arguments).context(name)?);
        }
        let floor = floor::measure(setting.address, arguments.watchers, arguments.picture, arguments.time())?;
        floors.push(micros(floor.cpu) / floor.packets as f64);
    }
    Ok(Report {
        watchers: arguments.watchers,
        switchboard: combine(&switchboards).context("no round")?,
        januses: januses.iter().filter_map(|rounds| combine(rounds)).collect(),
        floor_us_a_packet: median(floors).context("no round")?,
    })
}

fn engine(engine: &mut dyn Engine, name: &str, setting: &Setting, arguments: &Arguments) -> Result<Figures> {
    figures(engine, name, setting, arguments).map_err(|problem| match engine.end() {
        // What is missed then says nothing of why.
        Some(end) => problem.context(format!("it has ended: {end}")),
        None => problem,
    })
}

fn figures(engine: &mut dyn Engine, name: &str, setting: &Setting, arguments: &Arguments) -> Result<Figures> {
    let mut publisher = Browser::new(setting.address)?;
    engine.publish(&mut publisher, arguments.picture)?;
    let mut crowd = Crowd::default();
    crowd.enter(publisher)?;
    let alone = memory(engine.process())?;
    for _ in 0..arguments.watchers {
        let mut watcher = Browser::new(setting.address)?;
        engine.watch(&mut watcher)?;
        crowd.enter(watcher)?;
    }
    crowd.run(QUIET)?;
    let watched = crowd.browsers.iter().filter(|browser| browser.reception.streams() > 0).count();
    ensure!(
        watched == usize::from(arguments.watchers),
        "only {watched} browsers get the picture within {} s of the last one's coming",
        QUIET.as_secs()
    );
    let (before, used) = (crowd.counts(), cpu(engine.process())?);
    crowd.run(arguments.time())?;
    let counts = crowd.counts().since(before);
    let cpu = cpu(engine.process())?.saturating_sub(used);
    let expected = arguments.packets();
    // A watcher whose line seems narrow for a moment does without the picture: what is left of it is still the same load.
    ensure!(
        counts.received * 100 >= expected * 90,
        "{} of about {expected} packets came: the engine left some out, or the generator was too slow",
        counts.received
    );
    let memory = memory(engine.process())?.saturating_sub(alone);
    let tag = crowd.browsers.iter().find_map(|browser| browser.tag);
    Ok(Figures {
        name: format!("{name}, {}", encryption(tag)),
        expected,
        received: counts.received,
        lost: counts.lost,
        cpu_us_a_packet: micros(cpu) / counts.received as f64,
        memory_kib_a_watcher: memory as f64 / 1024.0 / f64::from(arguments.watchers),
    })
}

/// By the length of what authenticates a packet (RFC 7714 §13, RFC 3711 §8.2).
fn encryption(tag: Option<usize>) -> &'static str {
    match tag {
        Some(16) => "AES-GCM",
        Some(10) => "AES-CM-SHA1",
        _ => "unknown encryption",
    }
}

/// Of all rounds: the sums of the packets, the medians of what is compared.
fn combine(rounds: &[Figures]) -> Option<Figures> {
    Some(Figures {
        name: rounds.first()?.name.clone(),
        expected: rounds.iter().map(|round| round.expected).sum(),
        received: rounds.iter().map(|round| round.received).sum(),
        lost: rounds.iter().map(|round| round.lost).sum(),
        cpu_us_a_packet: median(rounds.iter().map(|round| round.cpu_us_a_packet))?,
        memory_kib_a_watcher: median(rounds.iter().map(|round| round.memory_kib_a_watcher))?,
    })
}

impl Arguments {
    fn time(&self) -> Duration {
        Duration::from_secs(self.seconds.into())
    }

    /// That all watchers should get together in a round.
    fn packets(&self) -> u64 {
        let numbers = [self.watchers, self.seconds, self.picture.rate, self.picture.packets];
        numbers.map(u64::from).iter().product()
    }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
