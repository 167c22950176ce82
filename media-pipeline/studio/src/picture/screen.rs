//! What one leg's screen shows, 25 times a second: a notice, or the meeting's other participants.

use super::{
    Composer, KeyFrames, Participant, Stage, Tile, draw_notice,
    layout::{MOST_BESIDE, MOST_TILES},
};
use crate::{edge, pipeline::Pipeline};
use gstreamer as gst;
use gstreamer::prelude::*;
use std::{
    sync::{
        Arc, Mutex, MutexGuard,
        mpsc::{RecvTimeoutError, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};
use tabellion_media_protocol::{LegView, Notice, SeatId};
use tracing::warn;

/// Between frames.
const PERIOD: Duration = Duration::from_millis(40);
/// A clock that is behind by more than this jumps instead of catching up.
const LATE: Duration = Duration::from_millis(200);
/// A picture that stands still is sent at the full rate for this long, until it has become sharp.
const SHARPENING: Duration = Duration::from_secs(2);
/// A screen that is shown to all may stand still for this long before it is taken for gone.
const STANDING: Duration = Duration::from_secs(10);
/// Later only each so many-th frame of it is sent.
const STILL_FRAMES: u64 = 5;

/// A leg's screen. Stops when dropped.
#[derive(Debug)]
pub struct Screen {
    shared: Arc<Shared>,
    _stop: Sender<()>,
}

/// What other threads say to a screen.
#[derive(Debug)]
pub struct Shared {
    view: Mutex<LegView>,
    pipeline: Pipeline,
    key_frames: Mutex<KeyFrames>,
}

impl Shared {
    /// The peer needs a key frame.
    pub fn key_frame(&self) {
        self.key_frames().ask();
    }

    fn key_frames(&self) -> MutexGuard<'_, KeyFrames> {
        self.key_frames.lock().expect("nothing that can panic is done under this lock")
    }
}

impl Screen {
    /// Starts to show `view` to `seat` through a pipeline that takes the composer's frames.
    ///
    /// # Errors
    /// Where no thread or no memory is to be had: this box's fault.
    pub fn start(
        seat: SeatId,
        view: LegView,
        stage: Arc<Stage>,
        composer: Composer,
        pipeline: Pipeline,
    ) -> anyhow::Result<Self> {
        let shared = Arc::new(Shared { view: Mutex::new(view), pipeline, key_frames: Mutex::default() });
        let mut painter = Painter::new(seat, stage, composer, Arc::clone(&shared))?;
        let (stop, stopped) = channel::<()>();
        thread::Builder::new().name(format!("screen {seat}")).spawn(move || {
            let mut due = edge::now();
            for tick in 0.. {
                let now = edge::now();
                if now.saturating_duration_since(due) > LATE {
                    due = now;
                }
                match stopped.recv_timeout(due.saturating_duration_since(now)) {
                    Err(RecvTimeoutError::Timeout) => {}
                    _ => return,
                }
                if let Err(error) = painter.paint(tick, edge::now()) {
                    warn!(%seat, %error, "a picture could not be composed");
                }
                due += PERIOD;
            }
        })?;
        Ok(Self { shared, _stop: stop })
    }

    /// Changes what is shown; the same view again begins anew, with its key frames: a call was changed, or its equipment
    /// asks by signalling.
    pub fn show(&self, view: LegView, now: Instant) {
        *self.shared.view.lock().expect("only replaced and copied under this lock") = view;
        self.shared.key_frames().begin(now);
    }

    /// For those who hear of the peer's losses.
    #[must_use]
    pub fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }
}

/// What is on the screen; another scene begins with a key frame.
#[derive(Clone, PartialEq, Debug)]
enum Scene {
    Notice(Notice),
    Mix(Vec<(SeatId, Arc<str>, bool)>),
}

struct Painter {
    seat: SeatId,
    stage: Arc<Stage>,
    composer: Composer,
    shared: Arc<Shared>,
    pool: gst::BufferPool,
    scene: Option<Scene>,
    still: Option<gst::Buffer>,
    changed_at: Instant,
}

impl Painter {
    fn new(
        seat: SeatId,
        stage: Arc<Stage>,
        composer: Composer,
        shared: Arc<Shared>,
    ) -> Result<Self, gst::glib::BoolError> {
        let pool = gst::BufferPool::new();
        let mut config = pool.config();
        let size = u32::try_from(composer.info().size()).expect("a picture's size fits in 32 bits");
        config.set_params(None, size, 2, 0);
        pool.set_config(config)?;
        pool.set_active(true)?;
        let changed_at = edge::now();
        Ok(Self { seat, stage, composer, shared, pool, scene: None, still: None, changed_at })
    }

    fn paint(&mut self, tick: u64, now: Instant) -> Result<(), gst::glib::BoolError> {
        let view = self.shared.view.lock().expect("only replaced and copied under this lock").clone();
        let everybody = self.stage.participants();
        let others: Vec<&Participant> = everybody.iter().filter(|other| other.seat != self.seat).collect();
        let (scene, tiles) = match view {
            LegView::Notice(notice) => (Scene::Notice(notice), Vec::new()),
            LegView::Meeting { alone } if others.is_empty() => (Scene::Notice(alone), Vec::new()),
            LegView::Meeting { .. } => mixed(&others, now),
        };
        if self.scene.as_ref() != Some(&scene) {
            self.shared.key_frames().begin(now);
            (self.still, self.changed_at) = (None, now);
        }
        let fresh = self.shared.key_frames().due(now);
        if fresh {
            self.shared.pipeline.force_key_frame();
        }
        match &scene {
            Scene::Notice(_) if !fresh && !self.is_moment_of_still(tick, now) => {}
            Scene::Notice(notice) => self.show_still(notice)?,
            Scene::Mix(_) => {
                let mut buffer = self.buffer()?;
                self.composer.mix(buffer.make_mut(), &tiles)?;
                self.push(buffer);
            }
        }
        self.scene = Some(scene);
        Ok(())
    }

    /// Whether a picture that stands still is sent this time.
    fn is_moment_of_still(&self, tick: u64, now: Instant) -> bool {
        let sharp = now.saturating_duration_since(self.changed_at) > SHARPENING;
        !sharp || tick.is_multiple_of(STILL_FRAMES)
    }

    fn show_still(&mut self, notice: &Notice) -> Result<(), gst::glib::BoolError> {
        let still = match &self.still {
            Some(still) => still.clone(),
            None => {
                let mut buffer = self.buffer()?;
                self.composer.draw(buffer.make_mut(), |canvas, fonts| draw_notice(canvas, fonts, notice))?;
                self.still.insert(buffer).clone()
            }
        };
        // A shallow copy: the pixels are shared, the time is its own.
        self.push(still.copy());
        Ok(())
    }

    fn buffer(&self) -> Result<gst::Buffer, gst::glib::BoolError> {
        self.pool.acquire_buffer(None).map_err(|_| gst::glib::bool_error!("no memory for a picture"))
    }

    fn push(&self, mut buffer: gst::Buffer) {
        buffer.make_mut().set_pts(self.shared.pipeline.time());
        self.shared.pipeline.push(buffer);
    }
}

impl Drop for Painter {
    fn drop(&mut self) {
        // Without this the pool's buffers are never freed. It cannot fail once it was active.
        let _ = self.pool.set_active(false);
    }
}

/// A tile for each picture, and one for each who has none; what is shown to all first, then those with pictures.
fn mixed(others: &[&Participant], now: Instant) -> (Scene, Vec<Tile>) {
    let mut tiles: Vec<(SeatId, Tile)> = Vec::new();
    for other in others {
        let tile = |picture| {
            let name = Arc::clone(&other.name);
            (other.seat, Tile { name, picture, slides: false })
        };
        if other.pictures.is_empty() {
            tiles.push(tile(None));
        }
        tiles.extend(other.pictures.iter().map(|frames| tile(frames.get(now))));
    }
    let slides = slides(others, now);
    let most = if slides.is_some() { MOST_BESIDE } else { MOST_TILES };
    if tiles.len() > most {
        tiles.sort_by_key(|(_, tile)| tile.picture.is_none());
        tiles.truncate(most);
    }
    tiles.splice(0..0, slides);
    let scene = tiles.iter().map(|(seat, tile)| (*seat, Arc::clone(&tile.name), tile.slides)).collect();
    (Scene::Mix(scene), tiles.into_iter().map(|(_, tile)| tile).collect())
}

/// What is shown to all, once there is a picture of it.
fn slides(others: &[&Participant], now: Instant) -> Option<(SeatId, Tile)> {
    let all = others.iter().flat_map(|other| other.slides.iter().map(move |frames| (other, frames)));
    let mut shown = all.filter_map(|(other, frames)| Some((other, frames.get_within(STANDING, now)?)));
    shown.next().map(|(other, picture)| {
        (other.seat, Tile { name: Arc::clone(&other.name), picture: Some(picture), slides: true })
    })
}
