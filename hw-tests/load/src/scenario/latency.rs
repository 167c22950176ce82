//! How long a packet is in the switchboard while that uses 80 % of a core.
//!
//! The load is meetings of ten, each of whom publishes a picture and a voice and takes those of the nine others (three voices): one
//! meeting after the other comes in, until the process uses that much. Then each packet is timed from just before its publisher
//! gives it to the kernel to the kernel's own stamp on what came to a watcher's socket (SO_TIMESTAMPNS, socket(7)): both times of
//! one clock, and neither waits for the generator's turn. The kernel's two ways over the loopback device are in it.
//!
//! These browsers tell the engine nothing of what arrives: to decrypt all of it would take the generator more than a core. Each has
//! what any line is taken for then, 2.5 Mb/s, and pictures small enough for it. In each meeting one browser takes its packets whole.

use super::cores;
use crate::{
    Setting,
    browser::{Attention, Browser},
    clock::thread_cpu,
    crowd::Crowd,
    engine::Switchboard,
    media::{Lines, Picture, Voice},
};
use anyhow::{Context, Result, ensure};
use serde::Serialize;
use std::{collections::HashMap, time::Duration};
use tabellion_measure::percentile;
use tabellion_media_protocol::RoomId;

const LOAD: f64 = 0.8;
const PARTICIPANTS: usize = 10;
/// 220 kb/s: nine of them and three voices fit into 2.5 Mb/s.
const PICTURE: Picture = Picture { rate: 25, packets: 1, bytes: 1_100 };
/// More than any machine needs.
const MEETINGS: u64 = 100;
const LOOK: Duration = Duration::from_secs(1);
/// Until what was asked for by the last ones is over.
const QUIET: Duration = Duration::from_secs(2);

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Seconds that are measured.
    #[arg(long, default_value_t = 10, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(1..=60))]
    seconds: u16,
}

/// What was measured.
#[derive(Serialize)]
pub(crate) struct Report {
    meetings: u64,
    /// Of the engine's processor time in a second, s.
    cores: f64,
    /// The generator's, s: near 1, it is the generator that is slow.
    generator_cores: f64,
    packets: usize,
    p50_ms: f64,
    p99_ms: f64,
}

pub(crate) fn measure(setting: &Setting, arguments: &Arguments) -> Result<Report> {
    let mut switchboard = Switchboard::start(&setting.switchboard, setting.address)?;
    let mut crowd = Crowd::default();
    let meetings = raise(&mut crowd, &mut switchboard, setting)?;
    crowd.run(QUIET)?;
    crowd.browsers.iter_mut().for_each(Browser::trace);
    let own = thread_cpu()?;
    let time = Duration::from_secs(arguments.seconds.into());
    let cores = cores(&mut crowd, &switchboard, time)?;
    let generator_cores = (thread_cpu()? - own).as_secs_f64() / time.as_secs_f64();
    let mut times = times(&mut crowd);
    ensure!(!times.is_empty(), "no packet could be followed");
    Ok(Report {
        meetings,
        cores,
        generator_cores,
        packets: times.len(),
        p50_ms: percentile(&mut times, 50).context("no packet")?,
        p99_ms: percentile(&mut times, 99).context("no packet")?,
    })
}

/// Meetings come in until the engine uses so much of a core. How many.
fn raise(crowd: &mut Crowd, switchboard: &mut Switchboard, setting: &Setting) -> Result<u64> {
    for meeting in 1..=MEETINGS {
        for place in 0..PARTICIPANTS {
            let attention = if place == 0 { Attention::Whole } else { Attention::Passing };
            let mut browser = Browser::without_feedback(setting.address, attention)?;
            let voice = if place < 3 { Voice::SPEAKS } else { Voice::LISTENS };
            switchboard.join(RoomId(meeting), &mut browser, &Lines::participant(PICTURE, voice))?;
            crowd.enter(browser)?;
        }
        if cores(crowd, switchboard, LOOK)? >= LOAD - 0.02 {
            return Ok(meeting);
        }
    }
    Ok(MEETINGS)
}

/// Of each packet that came to somebody who takes them whole, ms.
fn times(crowd: &mut Crowd) -> Vec<f64> {
    let traces: Vec<_> = crowd.browsers.iter_mut().filter_map(Browser::take_trace).collect();
    let sent: HashMap<_, _> = traces.iter().flat_map(|trace| trace.sent.iter().copied()).collect();
    let arrivals = traces.iter().flat_map(|trace| &trace.arrived);
    let times = arrivals.filter_map(|(name, at)| Some(*at - *sent.get(name)?));
    times.map(|nanoseconds| nanoseconds as f64 / 1e6).collect()
}
