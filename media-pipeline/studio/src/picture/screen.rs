//! What one leg's screen shows, 25 times a second: a notice, or the meeting's other participants.

use super::{Composer, Participant, Stage, Tile, draw_notice, layout::MOST_TILES};
use crate::{edge, pipeline::Pipeline};
use gstreamer as gst;
use gstreamer::prelude::*;
use std::{
    sync::{
        Arc, Mutex,
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
const SHARPENING: Duration = Duration::from_secs(1);
/// Later only each so many-th frame of it is sent.
const STILL_FRAMES: u64 = 5;
/// Room systems that miss a key frame show nothing: each that matters is sent once more after this.
const AGAIN: Duration = Duration::from_secs(1);
/// Between key frames that a peer asks for.
const SPACING: Duration = Duration::from_millis(300);

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
    forced_at: Mutex<Option<Instant>>,
}

impl Shared {
    /// The peer needs a key frame.
    pub fn key_frame(&self, now: Instant) {
        let mut forced_at = self.forced_at.lock().expect("nothing that can panic is done under this lock");
        if forced_at.is_none_or(|at| now.saturating_duration_since(at) >= SPACING) {
            *forced_at = Some(now);
            self.pipeline.force_key_frame();
        }
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
        let shared = Arc::new(Shared { view: Mutex::new(view), pipeline, forced_at: Mutex::default() });
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

    /// Changes what is shown; the same view again is a fresh key frame.
    pub fn show(&self, view: LegView, now: Instant) {
        *self.shared.view.lock().expect("only replaced and copied under this lock") = view;
        self.shared.key_frame(now);
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
    Mix(Vec<(SeatId, Arc<str>)>),
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
    again: bool,
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
        Ok(Self { seat, stage, composer, shared, pool, scene: None, still: None, changed_at, again: false })
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
        self.announce(&scene, now);
        match &scene {
            Scene::Notice(notice) => self.show_still(notice, tick, now)?,
            Scene::Mix(_) => {
                let mut buffer = self.buffer()?;
                self.composer.mix(buffer.make_mut(), &tiles)?;
                self.push(buffer);
            }
        }
        self.scene = Some(scene);
        Ok(())
    }

    /// Sees to the key frames that a scene begins with.
    fn announce(&mut self, scene: &Scene, now: Instant) {
        if self.scene.as_ref() != Some(scene) {
            if self.scene.is_some() {
                self.shared.pipeline.force_key_frame();
            }
            (self.still, self.changed_at, self.again) = (None, now, true);
        } else if self.again && now.saturating_duration_since(self.changed_at) >= AGAIN {
            self.again = false;
            self.shared.pipeline.force_key_frame();
        }
    }

    fn show_still(&mut self, notice: &Notice, tick: u64, now: Instant) -> Result<(), gst::glib::BoolError> {
        let sharp = now.saturating_duration_since(self.changed_at) > SHARPENING + AGAIN;
        if sharp && !tick.is_multiple_of(STILL_FRAMES) {
            return Ok(());
        }
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

/// A tile for each picture, and one for each who has none; those with pictures first.
fn mixed(others: &[&Participant], now: Instant) -> (Scene, Vec<Tile>) {
    let mut tiles: Vec<(SeatId, Tile)> = Vec::new();
    for other in others {
        let tile = |picture| (other.seat, Tile { name: Arc::clone(&other.name), picture });
        if other.pictures.is_empty() {
            tiles.push(tile(None));
        }
        tiles.extend(other.pictures.iter().map(|frames| tile(frames.get(now))));
    }
    if tiles.len() > MOST_TILES {
        tiles.sort_by_key(|(_, tile)| tile.picture.is_none());
        tiles.truncate(MOST_TILES);
    }
    let scene = tiles.iter().map(|(seat, tile)| (*seat, Arc::clone(&tile.name))).collect();
    (Scene::Mix(scene), tiles.into_iter().map(|(_, tile)| tile).collect())
}
