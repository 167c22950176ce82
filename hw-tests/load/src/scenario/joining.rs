//! Who joins: from the offer handed to the switchboard to the first key frame that has come whole. With one other browser in the
//! meeting, and with 49.

use super::meeting;
use crate::{
    Setting,
    browser::Browser,
    clock::now,
    crowd::Crowd,
    engine::Switchboard,
    media::{Lines, Picture, Voice},
};
use anyhow::{Context, Result, ensure};
use serde::Serialize;
use std::time::Duration;
use tabellion_measure::percentile;
use tabellion_media_protocol::RoomId;

const PATIENCE: Duration = Duration::from_secs(5);
/// Between two joins: a source is asked for a key frame at most every 200 ms.
const BETWEEN: Duration = Duration::from_millis(310);

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Joins that are measured, each way.
    #[arg(long, default_value_t = 40, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=1000))]
    joins: u16,
}

/// What was measured.
#[derive(Serialize)]
pub(crate) struct Report {
    alone: Figures,
    as_fiftieth: Figures,
}

#[derive(Serialize)]
struct Figures {
    joins: usize,
    median_ms: f64,
    p95_ms: f64,
}

pub(crate) fn measure(setting: &Setting, arguments: &Arguments) -> Result<Report> {
    Ok(Report { alone: joins(setting, arguments, 1)?, as_fiftieth: joins(setting, arguments, 49)? })
}

/// Of one who comes and goes again, where so many others are.
fn joins(setting: &Setting, arguments: &Arguments, others: usize) -> Result<Figures> {
    let mut switchboard = Switchboard::start(&setting.switchboard, setting.address)?;
    let mut crowd = Crowd::default();
    meeting::seat(&mut crowd, &mut switchboard, setting, others)?;
    if others > Lines::participant(Picture::TILE, Voice::LISTENS).pictures {
        meeting::settle(&mut crowd)?;
    }
    let mut times = Vec::new();
    for _ in 0..arguments.joins {
        times.push(join(&mut crowd, &mut switchboard, setting)?.as_secs_f64() * 1e3);
        crowd.run(BETWEEN)?;
    }
    Ok(Figures {
        joins: times.len(),
        median_ms: percentile(&mut times, 50).context("nobody joined")?,
        p95_ms: percentile(&mut times, 95).context("nobody joined")?,
    })
}

fn join(crowd: &mut Crowd, switchboard: &mut Switchboard, setting: &Setting) -> Result<Duration> {
    let mut browser = Browser::new(setting.address)?;
    let begin = now();
    let lines = Lines::participant(Picture::TILE, Voice::LISTENS);
    let seat = switchboard.join(RoomId(1), &mut browser, &lines)?;
    crowd.browsers.push(browser);
    let sees = |crowd: &Crowd| crowd.browsers.last()?.reception.first_picture;
    ensure!(
        crowd.until(PATIENCE, |crowd| sees(crowd).is_some())?,
        "no key frame came within {} s",
        PATIENCE.as_secs()
    );
    let seen = sees(crowd).context("it has just been seen")?;
    switchboard.leave(seat)?;
    crowd.browsers.pop();
    Ok(seen - begin)
}
