//! The pictures that room systems are sent: each is composed and encoded once, for all who watch the same.

mod painter;
mod phase;
mod viewer;

pub use viewer::{Outlet, PictureId, Viewer};

use crate::{
    codecs::{self, VideoEncoding},
    edge,
    hardware::Codecs,
    picture::{Composer, Fonts, KeyFrames, Programme, Stage},
    pipeline::{Callbacks, Pipeline, PipelineError, bytes},
    restarting::{Failed, Restarting},
    ticking::Ticking,
};
use gstreamer as gst;
use painter::Painter;
use phase::Phase;
use std::{
    sync::{Arc, Mutex, MutexGuard, Weak},
    time::{Duration, Instant},
};
use tabellion_media_protocol::{Content, LegVideo, PacketizationMode, SeatId};
use tracing::warn;

/// Between frames.
const PERIOD: Duration = Duration::from_millis(40);
/// Frames that may wait for an encoder: beyond that the latest count.
const WAITING: u32 = 5;
/// Frames after which a device's encoder that gives nothing has failed: two seconds. Software that is so slow has nothing to be left for.
const PATIENCE: u32 = 50;
/// The largest picture that is composed.
const LARGEST: (u32, u32) = (1_280, 720);
/// Rates that pictures are encoded at, in kb/s, so that equipment with nearly the same limits shares one. More than the last one a
/// 720p picture does not need.
const RATES: [u32; 9] = [128, 192, 256, 384, 512, 768, 1_088, 1_600, 2_500];

/// How a picture is encoded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Format {
    width: u32,
    height: u32,
    /// With RTP's own part.
    kbps: u32,
    packetization: PacketizationMode,
}

impl Format {
    /// The best that fits what a peer takes.
    #[must_use]
    pub fn for_peer(config: &LegVideo) -> Self {
        let side = |most: u16, largest: u32| (u32::from(most).min(largest) & !1).max(16);
        let rate = RATES.iter().rev().find(|rate| **rate <= config.max_kbps);
        Self {
            width: side(config.max_width, LARGEST.0),
            height: side(config.max_height, LARGEST.1),
            kbps: rate.copied().unwrap_or(config.max_kbps),
            packetization: config.packetization,
        }
    }
}

/// What tells one feed from another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Key {
    /// What it shows.
    pub programme: Programme,
    /// How it is encoded.
    pub format: Format,
}

/// How large somebody's picture is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Drawn {
    /// Whose.
    pub seat: SeatId,
    /// The person, or what it shows to all.
    pub content: Content,
    /// Height in pixels.
    pub rows: u32,
}

/// A running picture. Stops when dropped.
#[derive(Debug)]
pub struct Feed {
    key: Key,
    id: PictureId,
    shared: Arc<Shared>,
    _clock: Ticking,
}

#[derive(Default, Debug)]
struct Shared {
    viewers: Mutex<Vec<Arc<Viewer>>>,
    key_frames: Mutex<KeyFrames>,
    drawn: Mutex<Vec<Drawn>>,
}

impl Shared {
    fn key_frames(&self) -> MutexGuard<'_, KeyFrames> {
        self.key_frames.lock().expect("nothing that can panic is done under this lock")
    }

    fn viewers(&self) -> MutexGuard<'_, Vec<Arc<Viewer>>> {
        self.viewers.lock().expect("nothing that can panic is done under this lock")
    }

    fn drawn(&self) -> MutexGuard<'_, Vec<Drawn>> {
        self.drawn.lock().expect("only replaced and copied under this lock")
    }
}

impl Feed {
    fn start(key: Key, around: &Around) -> anyhow::Result<Self> {
        let id = PictureId::another();
        let shared = Arc::<Shared>::default();
        let composer = Composer::new(key.format.width, key.format.height, Arc::clone(&around.fonts))?;
        let painter = Painter::new(key.programme.clone(), Arc::clone(&around.stage), composer)?;
        let mut work = Work {
            painter,
            encoder: encoder(key.format, id, &shared, &around.chosen),
            shared: Arc::clone(&shared),
            redrawn: Arc::clone(&around.redrawn),
        };
        let mut phase = Phase::new(PERIOD);
        let clock = Ticking::start(format!("feed {id}"), move |tick, due| {
            if let Err(error) = work.frame(tick, edge::now()) {
                warn!(feed = %id, %error, "a picture could not be composed");
            }
            phase.next(due, || work.painter.arrivals())
        })?;
        Ok(Self { key, id, shared, _clock: clock })
    }

    /// What it shows, and how.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// Sends it to one more, from its next key frame on.
    pub fn join(&self, viewer: &Arc<Viewer>, now: Instant) {
        viewer.want(self.id);
        self.shared.viewers().push(Arc::clone(viewer));
        self.begin(now);
    }

    /// Does not send it to this one any more.
    pub fn leave(&self, viewer: &Arc<Viewer>) {
        self.shared.viewers().retain(|other| !Arc::ptr_eq(other, viewer));
    }

    /// A viewer's decoder needs a key frame.
    pub fn key_frame(&self) {
        self.shared.key_frames().ask();
    }

    /// Something begins for a viewer, which must see it from its first frame: a call was changed, or its equipment asks by signalling.
    pub fn begin(&self, now: Instant) {
        self.shared.key_frames().begin(now);
    }

    /// Whose pictures are in it.
    #[must_use]
    pub fn drawn(&self) -> Vec<Drawn> {
        self.shared.drawn().clone()
    }
}

/// What the feed's thread works with.
struct Work {
    painter: Painter,
    encoder: Restarting,
    shared: Arc<Shared>,
    redrawn: Arc<dyn Fn() + Send + Sync>,
}

impl Work {
    fn frame(&mut self, tick: u64, now: Instant) -> Result<(), gst::glib::BoolError> {
        if self.painter.look(now) {
            self.shared.key_frames().begin(now);
            let drawn = self.painter.drawn();
            if std::mem::replace(&mut *self.shared.drawn(), drawn.clone()) != drawn {
                (self.redrawn)();
            }
        }
        // One that has just been started begins with a key frame by itself.
        let Some((encoder, _)) = self.encoder.running(now) else { return Ok(()) };
        let key_frame = self.shared.key_frames().due(now);
        if key_frame {
            encoder.force_key_frame();
        }
        if let Some(mut buffer) = self.painter.paint(tick, key_frame, now)? {
            buffer.make_mut().set_pts(encoder.time());
            encoder.push(buffer);
        }
        Ok(())
    }
}

fn encoder(format: Format, feed: PictureId, shared: &Arc<Shared>, chosen: &Arc<Codecs>) -> Restarting {
    let (shared, chosen) = (Arc::clone(shared), Arc::clone(chosen));
    let build = move |failed: Failed| -> Result<Pipeline, PipelineError> {
        let encoding = VideoEncoding {
            packetization: format.packetization,
            kbps: format.kbps,
            rows: format.height,
            // Another one each time: viewers go on in their own numbers.
            ssrc: edge::random(),
        };
        let shared = Arc::clone(&shared);
        let output = Box::new(move |sample: &gst::Sample| {
            let Some(packet) = bytes(sample) else { return };
            let now = edge::now();
            for viewer in &*shared.viewers() {
                viewer.packet(feed, &packet, now);
            }
        });
        let element = chosen.encoder(format.packetization).clone();
        let description = codecs::video_encoder(&element, &encoding);
        let failed = chosen.watched(&element, failed);
        let patience = element.family.is_hardware().then_some(PATIENCE);
        let callbacks = Callbacks { output, failed, key_frame: None, patience };
        let raw = codecs::raw_video(format.width, format.height);
        let started = Pipeline::start(&raw, &description, WAITING, false, callbacks);
        started.inspect_err(|error| chosen.fails(&element, &error.to_string()))
    };
    Restarting::new("encoder of a picture", Box::new(build))
}

/// What feeds need of the room.
struct Around {
    stage: Arc<Stage>,
    fonts: Arc<Fonts>,
    chosen: Arc<Codecs>,
    redrawn: Arc<dyn Fn() + Send + Sync>,
}

/// All feeds that somebody watches.
pub struct Feeds {
    around: Around,
    running: Vec<Weak<Feed>>,
}

impl Feeds {
    /// None yet. `redrawn` is told when other pictures are drawn than before, or in other sizes; it must not wait.
    #[must_use]
    pub fn new(
        stage: Arc<Stage>,
        fonts: Arc<Fonts>,
        chosen: Arc<Codecs>,
        redrawn: Arc<dyn Fn() + Send + Sync>,
    ) -> Self {
        Self { around: Around { stage, fonts, chosen, redrawn }, running: Vec::new() }
    }

    /// The one that shows this, which is started where there is none. It goes on for as long as somebody holds it.
    ///
    /// # Errors
    /// Where no thread or no memory is to be had: this box's fault.
    pub fn get(&mut self, key: Key) -> anyhow::Result<Arc<Feed>> {
        self.running.retain(|feed| feed.strong_count() > 0);
        if let Some(feed) = self.all().find(|feed| feed.key == key) {
            return Ok(feed);
        }
        let feed = Arc::new(Feed::start(key, &self.around)?);
        self.running.push(Arc::downgrade(&feed));
        Ok(feed)
    }

    /// All that run.
    pub fn all(&self) -> impl Iterator<Item = Arc<Feed>> + '_ {
        self.running.iter().filter_map(Weak::upgrade)
    }
}
