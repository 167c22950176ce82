use super::Drawn;
use crate::{
    edge,
    picture::{
        Composer, Layout, Motion, Programme, Rect, Scene, Shown, Stage, Tile, draw_notice, fit, grid, strip,
    },
};
use gstreamer as gst;
use gstreamer::prelude::*;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tabellion_media_protocol::{Content, Notice, SeatId};

/// A picture that stands still is sent at the full rate for this long, until it has become sharp.
const SHARPENING: Duration = Duration::from_secs(2);
/// Later only each so many-th frame of it is sent.
const STILL_FRAMES: u64 = 5;

/// A tile, whatever its place: whose, what of it, and which of several.
type TileKey = (SeatId, Content, usize);

/// Composes a feed's frames.
pub(super) struct Painter {
    programme: Programme,
    stage: Arc<Stage>,
    composer: Composer,
    pool: gst::BufferPool,
    scene: Option<Scene>,
    motion: Motion<TileKey>,
    still: Option<gst::Buffer>,
    changed_at: Instant,
}

impl Painter {
    pub(super) fn new(
        programme: Programme,
        stage: Arc<Stage>,
        composer: Composer,
    ) -> Result<Self, gst::glib::BoolError> {
        let pool = gst::BufferPool::new();
        let mut config = pool.config();
        let size = u32::try_from(composer.info().size()).expect("a picture's size fits in 32 bits");
        config.set_params(None, size, 2, 0);
        pool.set_config(config)?;
        pool.set_active(true)?;
        let (motion, changed_at) = (Motion::default(), edge::now());
        Ok(Self { programme, stage, composer, pool, scene: None, motion, still: None, changed_at })
    }

    /// Looks at who is there. Whether what is shown is another picture than before.
    pub(super) fn look(&mut self, now: Instant) -> bool {
        let scene = Scene::of(&self.programme, &self.stage, now);
        let changed = !self.scene.as_ref().is_some_and(|former| former.is_same(&scene));
        if changed {
            (self.still, self.changed_at) = (None, now);
            self.motion.send(self.places(&scene), now);
        }
        self.scene = Some(scene);
        changed
    }

    /// Whose pictures are in it, and how large they are in the end.
    pub(super) fn drawn(&self) -> Vec<Drawn> {
        let Some(scene @ Scene::Mix(_, shown)) = &self.scene else { return Vec::new() };
        let places = self.places(scene).into_iter().map(|(_, place)| place);
        let with_picture = shown.iter().zip(places).filter(|(shown, _)| shown.frames.is_some());
        let drawn = with_picture.map(|(shown, place)| {
            let rows = u32::try_from(fit(place, 16, 9).height).unwrap_or(u32::MAX);
            Drawn { seat: shown.seat, content: shown.content, rows }
        });
        drawn.collect()
    }

    /// When the latest frames of each picture in it came.
    pub(super) fn arrivals(&self) -> Vec<Vec<Instant>> {
        let Some(Scene::Mix(_, shown)) = &self.scene else { return Vec::new() };
        shown.iter().filter_map(|shown| Some(shown.frames.as_ref()?.arrivals())).collect()
    }

    /// The frame of now; none where the picture stands still, and need not be sent again yet, unless it is to be a key frame.
    pub(super) fn paint(
        &mut self,
        tick: u64,
        key_frame: bool,
        now: Instant,
    ) -> Result<Option<gst::Buffer>, gst::glib::BoolError> {
        match &self.scene {
            None => Ok(None),
            Some(Scene::Notice(_)) if !key_frame && !self.is_moment_of_still(tick, now) => Ok(None),
            Some(Scene::Notice(notice)) => self.still(&notice.clone()).map(Some),
            Some(Scene::Mix(_, shown)) => {
                let tiles: Vec<_> = shown.iter().map(|shown| tile(shown, now)).collect();
                let mut buffer = self.buffer()?;
                self.composer.mix(buffer.make_mut(), &tiles, &self.motion.places(now))?;
                Ok(Some(buffer))
            }
        }
    }

    fn places(&self, scene: &Scene) -> Vec<(TileKey, Rect)> {
        let Scene::Mix(layout, shown) = scene else { return Vec::new() };
        let (width, height) = (self.composer.info().width() as usize, self.composer.info().height() as usize);
        let cells = match layout {
            Layout::Grid => grid(shown.len(), width, height),
            Layout::Strip => strip(shown.len(), width, height),
        };
        keys(shown).into_iter().zip(cells).collect()
    }

    /// Whether a picture that stands still is sent this time.
    fn is_moment_of_still(&self, tick: u64, now: Instant) -> bool {
        let sharp = now.saturating_duration_since(self.changed_at) > SHARPENING;
        !sharp || tick.is_multiple_of(STILL_FRAMES)
    }

    fn still(&mut self, notice: &Notice) -> Result<gst::Buffer, gst::glib::BoolError> {
        let still = match &self.still {
            Some(still) => still.clone(),
            None => {
                let mut buffer = self.buffer()?;
                self.composer.draw(buffer.make_mut(), |canvas, fonts| draw_notice(canvas, fonts, notice))?;
                self.still.insert(buffer).clone()
            }
        };
        // A shallow copy: the pixels are shared, the time is its own.
        Ok(still.copy())
    }

    fn buffer(&self) -> Result<gst::Buffer, gst::glib::BoolError> {
        self.pool.acquire_buffer(None).map_err(|_| gst::glib::bool_error!("no memory for a picture"))
    }
}

impl Drop for Painter {
    fn drop(&mut self) {
        // Without this the pool's buffers are never freed. It cannot fail once it was active.
        let _ = self.pool.set_active(false);
    }
}

fn tile(shown: &Shown, now: Instant) -> Tile {
    Tile { name: Arc::clone(&shown.name), picture: shown.picture(now), muted: shown.muted }
}

fn keys(shown: &[Shown]) -> Vec<TileKey> {
    let nth = |at: usize| {
        let same = |other: &&Shown| (other.seat, other.content) == (shown[at].seat, shown[at].content);
        shown[..at].iter().filter(same).count()
    };
    (0..shown.len()).map(|at| (shown[at].seat, shown[at].content, nth(at))).collect()
}
