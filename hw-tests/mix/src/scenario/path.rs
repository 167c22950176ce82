//! From the RTP that comes in to the RTP that goes out: how late pictures and sound are, how far apart, and how alike what goes out is.

use super::{SETTLING, camera};
use crate::{
    Setting,
    clip::Clip,
    clock::between,
    load::Load,
    picture::{Luma, psnr},
    room_system::{PCMA, Recording, RoomSystem},
    sight::{look, tiles},
    voice::{self, Voice},
    watched,
};
use anyhow::{Context, Result, ensure};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use tabellion_measure::{median, most, percentile};
use tabellion_media_protocol::AudioCodec;
use tabellion_studio::picture::Rect;

/// Pictures in the mix.
const PICTURES: u32 = 4;
/// Of a tile's height, the part that is compared: below it is the name.
const COMPARED: (usize, usize) = (3, 4);

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Seconds that are measured in each run.
    #[arg(long, default_value_t = 5, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(2..=3600))]
    seconds: u16,
    /// Runs, each with a studio of its own and other phases; the worst one counts.
    #[arg(long, default_value_t = 8, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=99))]
    runs: u32,
}

/// What was measured.
#[derive(Serialize)]
pub(crate) struct Report {
    /// Of the worst run each.
    p50_ms: f64,
    p95_ms: f64,
    sound_added_ms: f64,
    /// How much later sound is than pictures, or earlier, whatever is more.
    skew_ms: f64,
    /// Of the least alike picture.
    psnr_db: f64,
    runs: Vec<Run>,
}

#[derive(Serialize)]
struct Run {
    pictures: usize,
    p50_ms: f64,
    p95_ms: f64,
    /// Beside the same sound that is decoded when it is sent.
    sound_added_ms: f64,
    /// How much later sound is than pictures.
    skew_ms: f64,
    psnr_db: f64,
}

pub(crate) fn measure(setting: &Setting, arguments: &Arguments) -> Result<Report> {
    let (clip, voice) = (camera()?, Arc::new(Voice::encode()?));
    let references = Arc::new(references(&clip));
    let runs = (0..arguments.runs).map(|number| run(setting, arguments, number, &clip, &voice, &references));
    let runs: Vec<Run> = runs.collect::<Result<_>>()?;
    let worst = |value: fn(&Run) -> f64| most(runs.iter().map(value)).context("no run");
    Ok(Report {
        p50_ms: worst(|run| run.p50_ms)?,
        p95_ms: worst(|run| run.p95_ms)?,
        sound_added_ms: worst(|run| run.sound_added_ms)?,
        skew_ms: worst(|run| run.skew_ms.abs())?,
        psnr_db: -worst(|run| -run.psnr_db)?,
        runs,
    })
}

fn run(
    setting: &Setting,
    arguments: &Arguments,
    number: u32,
    clip: &Arc<Clip>,
    voice: &Arc<Voice>,
    references: &Arc<BTreeMap<u16, Luma>>,
) -> Result<Run> {
    let mut load = Load::start(&setting.studio)?;
    for seat in 1..=PICTURES {
        load.camera(seat, clip, phase(number, seat))?;
    }
    load.microphone(1, voice, phase(number, 0) / 2)?;
    let peer = RoomSystem::start(true, true)?;
    load.room_system(&peer)?;
    load.settle(SETTLING)?;
    let began = crate::clock::now();
    load.run(Duration::from_secs(arguments.seconds.into()))?;
    let recording = peer.end()?;
    let sound_added_ms = sound_added(&load, &recording, voice)?;
    let likeness = Arc::<Mutex<Vec<f64>>>::default();
    let (adding, compared, places) =
        (Arc::clone(&likeness), Arc::clone(references), tiles(PICTURES as usize));
    let sights = look(&recording, &[PICTURES as usize], move |luma, numbers| {
        let both = numbers
            .iter()
            .zip(&places)
            .filter_map(|(number, place)| Some((compared.get(&(*number)?)?, place)));
        let values =
            both.map(|(reference, place)| psnr(&reference.data, &luma.part(compared_part(*place)).data));
        adding.lock().expect("only added to under this lock").extend(values);
    })?;
    let mut ages = Vec::new();
    for seat in 1..=PICTURES {
        let seen = watched::of(&load, &sights, seat as usize - 1, seat)?;
        ages.extend(seen.iter().filter(|seen| seen.at > began).map(|seen| seen.age));
    }
    let likeness = likeness.lock().expect("only added to under this lock");
    // What has just begun is not sharp yet: the first second is left out.
    let least = likeness.iter().skip(likeness.len() / 3).copied().min_by(f64::total_cmp);
    let expected = usize::from(arguments.seconds) * 25 * PICTURES as usize;
    ensure!(
        ages.len() * 100 >= expected * 80,
        "{} pictures of {expected} are seen: the machine is too busy",
        ages.len()
    );
    let p50_ms = percentile(&mut ages, 50).context("no picture")?;
    Ok(Run {
        pictures: ages.len(),
        p50_ms,
        p95_ms: percentile(&mut ages, 95).context("no picture")?,
        sound_added_ms,
        skew_ms: sound_added_ms - p50_ms,
        psnr_db: least.context("no picture could be compared")?,
    })
}

/// The phases of a run: for the run's number and the source's, all over the period.
fn phase(run: u32, source: u32) -> Duration {
    Duration::from_millis(u64::from((run * 7 + source * (11 + 2 * run)) % 40))
}

/// How much later the tones begin than they would if what is sent were decoded at once.
fn sound_added(load: &Load, recording: &Recording, voice: &Voice) -> Result<f64> {
    let packets = recording.sound.iter().map(|came| came.rtp.clone()).collect();
    let heard = voice::hear(AudioCodec::Pcma, PCMA, packets)?;
    let period = voice::PERIOD_MS as f64;
    let added = heard.iter().filter_map(|heard| {
        let packet = (heard / period) as usize;
        let came = recording.sound.get(packet)?.at;
        let spoken =
            load.spoken.iter().rev().find(|spoken| between(**spoken, came) > voice.onset_ms - period)?;
        // Its packet is decoded when it was sent; what is in it, as much later as it lies in it.
        Some(between(*spoken, came) + heard % period - voice.onset_ms)
    });
    let added: Vec<f64> = added.collect();
    ensure!(added.len() >= 3, "{} tones are heard: too few to say how late they are", added.len());
    median(added).context("no tone")
}

/// What is compared, as it should be seen, by number.
fn references(clip: &Clip) -> BTreeMap<u16, Luma> {
    let tile = tiles(PICTURES as usize)[0];
    let shrunk = |luma: &Luma| {
        let whole = luma.shrunk(tile.width, tile.height);
        whole.part(compared_part(Rect { x: 0, y: 0, ..tile }))
    };
    clip.kept.iter().map(|(number, luma)| (*number, shrunk(luma))).collect()
}

fn compared_part(place: Rect) -> Rect {
    Rect { height: place.height * COMPARED.0 / COMPARED.1, ..place }
}
