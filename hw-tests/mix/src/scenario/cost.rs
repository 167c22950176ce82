//! What the mix of some pictures costs, beside the bare pipeline that makes the same picture.

use super::{SETTLING, camera};
use crate::{Setting, bare, clip::Clip, clock::pause, load::Load, room_system::RoomSystem};
use anyhow::{Context, Result, ensure};
use serde::Serialize;
use std::{sync::Arc, time::Duration};
use tabellion_measure::median;
use tabellion_studio::picture::{Rect, fit, grid, strip};

/// More people than this are not shown in rows.
const MOST_IN_ROWS: usize = 6;
/// The rate that the studio gives to who takes the best, kb/s.
const KBPS: u32 = 2_500;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Seconds that are measured in each round.
    #[arg(long, default_value_t = 6, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(1..=3600))]
    seconds: u16,
    /// Rounds, each of which measures both; the median counts.
    #[arg(long, default_value_t = 3, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=99))]
    rounds: u16,
}

/// What was measured.
#[derive(Serialize)]
pub(crate) struct Report {
    mixes: Vec<Mix>,
}

#[derive(Serialize)]
struct Mix {
    /// Pictures in the meeting.
    pictures: usize,
    /// Those that are seen.
    drawn: usize,
    studio_cores: f64,
    bare_cores: f64,
    /// The median of all rounds' own ratios: what disturbs the machine disturbs both of a round.
    ratio: f64,
}

pub(crate) fn measure(setting: &Setting, arguments: &Arguments) -> Result<Report> {
    let clip = camera()?;
    let mixes = [4, 9].map(|pictures| mix(setting, arguments, &clip, pictures));
    Ok(Report { mixes: mixes.into_iter().collect::<Result<_>>()? })
}

fn mix(setting: &Setting, arguments: &Arguments, clip: &Arc<Clip>, pictures: usize) -> Result<Mix> {
    let time = Duration::from_secs(arguments.seconds.into());
    let places = places(pictures);
    let folder = tempfile::tempdir().context("no temporary folder")?;
    let file = folder.path().join("camera.h264");
    clip.write(&file, 2 + (time + SETTLING).as_secs() as usize / 8)?;
    let (mut studios, mut bares) = (Vec::new(), Vec::new());
    for _ in 0..arguments.rounds {
        studios.push(studio(setting, clip, (pictures, places.len()), time)?);
        let mut bare = bare::start(&file, &places, KBPS)?;
        pause(SETTLING);
        bares.push(bare.account().cores(|| {
            pause(time);
            Ok(())
        })?);
        ensure!(
            bare.0.try_wait()?.is_none(),
            "the bare pipeline has ended: see what gst-launch-1.0 says above"
        );
    }
    let ratio = median(studios.iter().zip(&bares).map(|(studio, bare)| studio / bare));
    Ok(Mix {
        pictures,
        drawn: places.len(),
        studio_cores: median(studios).context("no round")?,
        bare_cores: median(bares).context("no round")?,
        ratio: ratio.context("no round")?,
    })
}

/// The processor time of a studio with one room system, in cores.
fn studio(
    setting: &Setting,
    clip: &Arc<Clip>,
    (pictures, drawn): (usize, usize),
    time: Duration,
) -> Result<f64> {
    let mut load = Load::start(&setting.studio)?;
    for seat in 1..=u32::try_from(pictures)? {
        load.camera(seat, clip, Duration::from_millis(u64::from(seat) * 17 % 40))?;
    }
    let peer = RoomSystem::start(false, false)?;
    load.room_system(&peer)?;
    load.settle(SETTLING)?;
    let before = load.drawn();
    ensure!(before == drawn, "{before} pictures are drawn in place of {drawn}: the layouts have changed");
    let program = load.studio.program.account();
    program.cores(|| load.run(time))
}

/// Where the studio shows so many people's pictures.
fn places(pictures: usize) -> Vec<Rect> {
    let cells =
        if pictures <= MOST_IN_ROWS { grid(pictures, 1_280, 720) } else { strip(MOST_IN_ROWS, 1_280, 720) };
    cells.into_iter().map(|cell| fit(cell, 16, 9)).collect()
}
