//! What is seen in a recording: which of the sources' pictures each of its pictures shows.

use crate::{
    picture::Luma,
    room_system::{H264, Recording},
    stamp,
    through::{buffer, bytes, through},
};
use anyhow::{Context, Result, ensure};
use std::{
    sync::{Arc, Mutex},
    time::Instant,
};
use tabellion_media_protocol::VideoCodec;
use tabellion_studio::{
    codecs,
    picture::{Rect, fit, grid},
};

/// Width and height of what is recorded.
const SIZE: (usize, usize) = (1_280, 720);
/// Steps in which tiles are looked for on their way to another place.
const STEPS: usize = 48;

/// One picture.
pub(crate) struct Sight {
    pub at: Instant,
    /// The number that each tile shows, where it can be read.
    pub numbers: Vec<Option<u16>>,
}

/// Where so many tiles in rows show their pictures.
pub(crate) fn tiles(number: usize) -> Vec<Rect> {
    grid(number, SIZE.0, SIZE.1).into_iter().map(|cell| fit(cell, 16, 9)).collect()
}

/// Reads a recording whose tiles lie as [`tiles`] of any of these numbers has them, or are on their way from one to the other.
/// `compare` gets each picture that could be read.
pub(crate) fn look(
    recording: &Recording,
    layouts: &[usize],
    mut compare: impl FnMut(&Luma, &[Option<u16>]) + Send + 'static,
) -> Result<Vec<Sight>> {
    let units = recording.units()?;
    let places = Places::new(layouts);
    let all = Arc::<Mutex<Vec<(usize, Vec<Option<u16>>)>>>::default();
    let adding = Arc::clone(&all);
    // A picture's number in place of its time: so what is decoded is told from what is not.
    let buffers = units.iter().enumerate().flat_map(|(number, unit)| {
        unit.packets.iter().map(move |packet| buffer(packet.to_vec(), 40 * number as u64))
    });
    let description = format!(
        "rtph264depay wait-for-keyframe=true ! h264parse ! avdec_h264 max-threads=1 output-corrupt=false ! {}",
        codecs::AS_COMPOSED
    );
    through(&codecs::video_rtp(VideoCodec::H264, H264), buffers, &description, move |sample| {
        let luma = Luma::of(sample)?;
        ensure!((luma.width, luma.height) == SIZE, "the mix is {}×{}", luma.width, luma.height);
        let numbers: Vec<_> = places.0.iter().map(|tile| read(&luma, tile)).collect();
        compare(&luma, &numbers);
        let number = (bytes(sample)?.1 / 40) as usize;
        adding.lock().expect("only added to under this lock").push((number, numbers));
        Ok(())
    })?;
    let all = std::mem::take(&mut *all.lock().expect("only added to under this lock"));
    let sight = |(number, numbers): (usize, _)| {
        let unit = units.get(number).context("more pictures come out than went in")?;
        Ok(Sight { at: unit.at, numbers })
    };
    all.into_iter().map(sight).collect()
}

fn read(luma: &Luma, places: &[Rect]) -> Option<u16> {
    places.iter().find_map(|place| stamp::read(luma, *place))
}

/// Where each tile may be.
struct Places(Vec<Vec<Rect>>);

impl Places {
    fn new(layouts: &[usize]) -> Self {
        let layouts: Vec<_> = layouts.iter().map(|number| tiles(*number)).collect();
        let most = layouts.iter().map(Vec::len).max().unwrap_or(0);
        let of_tile = |tile: usize| {
            let stops: Vec<_> = layouts.iter().filter_map(|layout| layout.get(tile).copied()).collect();
            let ways =
                stops.windows(2).flat_map(|way| (0..=STEPS).map(|step| on_the_way(way[0], way[1], step)));
            stops.iter().copied().chain(ways).collect()
        };
        Self((0..most).map(of_tile).collect())
    }
}

/// Of a tile after so many of [`STEPS`].
fn on_the_way(from: Rect, to: Rect, step: usize) -> Rect {
    let between = |from: usize, to: usize| (from * (STEPS - step) + to * step) / STEPS;
    Rect {
        x: between(from.x, to.x),
        y: between(from.y, to.y),
        width: between(from.width, to.width),
        height: between(from.height, to.height),
    }
}
