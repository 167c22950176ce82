use super::{
    Around,
    audio::cname,
    peer::{Handler, Peer, Reader},
    translation::Translation,
};
use crate::{
    codecs,
    direct::{Direct, Limits},
    edge,
    feed::{Feed, Format, Viewer},
    link::Link,
    pipeline::{Callbacks, Pipeline, PipelineError, bytes},
    restarting::{Failed, Restarting},
    rtp::{Continuity, Feedback, KeyFrameAsk, Packet, Session},
    source::VideoSource,
};
use gstreamer as gst;
use std::{
    sync::{
        Arc, Mutex, MutexGuard, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};
use tabellion_media_protocol::{
    Content, LegVideo, SeatId, TrackId, VideoCodec,
    studio::{FromStudio, H264},
};
use tabellion_payload::h264::starts_key_frame;

/// Ticks a second of a picture's timestamps (RFC 6184 §5.1).
const CLOCK: u32 = 90_000;
/// Packets that may wait on their way from the peer: two key frames' worth.
const WAITING_PACKETS: u32 = 512;

/// A leg's picture, both ways.
pub struct VideoLine {
    /// What was agreed.
    pub config: LegVideo,
    /// The peer's picture for the others' mixes.
    pub source: Arc<VideoSource>,
    /// What the peer sees, where it wants any.
    screen: Option<Arc<Screen>>,
    peer: Arc<Peer>,
    asker: Arc<Asker>,
    publishes: Arc<AtomicBool>,
    /// For browsers that do not take it as it is.
    translation: Mutex<Option<Translation>>,
    link: Arc<Link>,
    _reader: Reader,
}

impl VideoLine {
    /// Binds the sockets and starts the pipelines.
    ///
    /// # Errors
    /// Where a port is taken or a pipeline does not start: this box's fault.
    pub fn open(config: &LegVideo, around: &Around) -> anyhow::Result<Self> {
        let ssrc = edge::random();
        let session = Session::new(ssrc, cname(around), CLOCK, config.remote, edge::now());
        let peer = Arc::new(Peer::bind(around.local, config.local_port, session)?);
        let asker = Arc::new(Asker {
            peer: Arc::downgrade(&peer),
            by_rtcp: config.rtcp_feedback,
            link: Arc::clone(&around.link),
            seat: around.seat,
            ask: Mutex::default(),
        });
        let ask = Arc::clone(&asker);
        let source = Arc::new(VideoSource::new(
            Arc::new(move || ask.want()),
            Content::Main,
            Arc::clone(&around.chosen),
        ));
        let screen = config.send.then(|| Arc::new(Screen::new(config, ssrc, &peer)));
        let publishes = Arc::<AtomicBool>::default();
        let forward = Forward {
            link: Arc::clone(&around.link),
            track: around.track,
            publishes: Arc::clone(&publishes),
            source: Arc::clone(&source),
            asker: Arc::clone(&asker),
        };
        let handler = VideoHandler {
            receives: config.receive,
            continuity: Continuity::new(CLOCK),
            forwarder: forward.restarting(),
            asker: Arc::clone(&asker),
            screen: screen.clone(),
        };
        let name = format!("picture of {}", around.seat);
        let reader = Reader::start(name, Arc::clone(&peer), Box::new(handler))?;
        let (translation, link) = (Mutex::default(), Arc::clone(&around.link));
        let config = config.clone();
        Ok(Self { config, source, screen, peer, asker, publishes, translation, link, _reader: reader })
    }

    /// When the peer's latest packet came, RTP or RTCP.
    #[must_use]
    pub fn heard_at(&self) -> Option<Instant> {
        self.peer.heard_at()
    }

    /// How a picture for the peer is to be encoded, where it wants any.
    #[must_use]
    pub fn format(&self) -> Option<Format> {
        self.screen.as_ref().map(|_| Format::for_peer(&self.config))
    }

    /// The feed that the peer watches.
    #[must_use]
    pub fn feed(&self) -> Option<Arc<Feed>> {
        self.screen.as_ref()?.lock().feed.clone()
    }

    /// What the peer takes of another one's encoder, where it takes any.
    #[must_use]
    pub fn limits(&self) -> Option<Limits> {
        Limits::of_peer(&self.config)
    }

    /// Whether the peer gets this picture as it comes.
    #[must_use]
    pub fn gets(&self, direct: &Direct, now: Instant) -> bool {
        self.screen.as_ref().is_some_and(|screen| direct.serves(&screen.viewer, now))
    }

    /// Gives the peer this picture as it comes in place of a feed, from its next key frame on and for as long as it suits; none: feeds only.
    pub fn offer(&self, direct: Option<(Arc<Direct>, Limits)>, now: Instant) {
        if let Some(screen) = &self.screen {
            screen.offer(direct, now);
        }
    }

    /// Needs no feed any more: the peer gets a picture as it comes.
    pub fn put_down(&self) {
        if let Some(screen) = &self.screen {
            screen.put_down();
        }
    }

    /// What the peer sees begins anew, with a key frame.
    pub fn begin_anew(&self, now: Instant) {
        if let Some(screen) = &self.screen {
            screen.begin_anew(now);
        }
    }

    /// Shows the peer this feed from now on.
    pub fn watch(&self, feed: Arc<Feed>, now: Instant) {
        if let Some(screen) = &self.screen {
            screen.watch(feed, now);
        }
    }

    /// The former feed, which went on until the present one had its first key frame, is needed no longer.
    pub fn settle(&self) {
        if let Some(screen) = &self.screen {
            screen.settle();
        }
    }

    /// Asks the peer for a key frame, at a bearable rate.
    pub fn want_key_frame(&self) {
        self.asker.want();
    }

    /// Under which number the picture goes to the switchboard as VP8, too; none: it does not.
    ///
    /// # Errors
    /// Where no thread can be started.
    pub fn translate(&self, track: Option<TrackId>) -> std::io::Result<()> {
        let mut translation = self.translation();
        if translation.as_ref().map(|running| running.track) == track {
            return Ok(());
        }
        *translation = None;
        let start =
            |track| Translation::start(track, Arc::clone(&self.source.frames), Arc::clone(&self.link));
        *translation = track.map(start).transpose()?;
        Ok(())
    }

    /// Somebody who watches the translation needs a key frame.
    pub fn want_translated_key_frame(&self) {
        if let Some(translation) = &*self.translation() {
            translation.key_frame();
        }
    }

    fn translation(&self) -> MutexGuard<'_, Option<Translation>> {
        self.translation.lock().expect("nothing that can panic is done under this lock")
    }

    /// Whether the picture goes to the switchboard.
    pub fn set_publishes(&self, publishes: bool) {
        if publishes && !self.publishes.swap(true, Ordering::AcqRel) {
            self.asker.want();
        }
        self.publishes.store(publishes, Ordering::Release);
    }
}

/// What the peer is shown.
struct Screen {
    viewer: Arc<Viewer>,
    watched: Mutex<Watched>,
}

#[derive(Default)]
struct Watched {
    feed: Option<Arc<Feed>>,
    /// Taken in place of a feed where it suits.
    direct: Option<Arc<Direct>>,
    /// Seen until the present ones' first key frame.
    former: Former,
}

enum Seen {
    Composed(Arc<Feed>),
    Direct(Arc<Direct>),
}

#[derive(Default)]
struct Former {
    feed: Option<Arc<Feed>>,
    direct: Option<Arc<Direct>>,
}

impl Former {
    fn leave(self, viewer: &Arc<Viewer>) {
        if let Some(feed) = self.feed {
            feed.leave(viewer);
        }
        if let Some(direct) = self.direct {
            direct.leave(viewer);
        }
    }
}

impl Screen {
    fn new(config: &LegVideo, ssrc: u32, peer: &Arc<Peer>) -> Self {
        let peer = Arc::clone(peer);
        let send = Box::new(move |packet: &[u8]| peer.send(packet));
        let viewer = Arc::new(Viewer::new(config.payload_type, ssrc, send));
        Self { viewer, watched: Mutex::default() }
    }

    fn watch(&self, feed: Arc<Feed>, now: Instant) {
        self.settle();
        feed.join(&self.viewer, now);
        let mut watched = self.lock();
        watched.former.feed = watched.feed.replace(feed);
    }

    fn offer(&self, direct: Option<(Arc<Direct>, Limits)>, now: Instant) {
        let present = direct.as_ref().map(|(direct, _)| Arc::clone(direct));
        let is_present =
            |other: Option<&Arc<Direct>>| other.map(Arc::as_ptr) == present.as_ref().map(Arc::as_ptr);
        let mut watched = self.lock();
        if !is_present(watched.direct.as_ref()) {
            let former = std::mem::replace(&mut watched.direct, present.clone());
            let before = std::mem::replace(&mut watched.former.direct, former);
            let direct = before.filter(|before| !is_present(Some(before)));
            Former { feed: None, direct }.leave(&self.viewer);
        }
        drop(watched);
        if let Some((direct, limits)) = direct {
            direct.offer(&self.viewer, limits, now);
        }
    }

    fn put_down(&self) {
        let feed = self.lock().feed.take();
        Former { feed, direct: None }.leave(&self.viewer);
    }

    fn begin_anew(&self, now: Instant) {
        match self.seen() {
            Some(Seen::Composed(feed)) => feed.begin(now),
            Some(Seen::Direct(direct)) => direct.key_frame(),
            None => {}
        }
    }

    fn settle(&self) {
        let former = std::mem::take(&mut self.lock().former);
        former.leave(&self.viewer);
    }

    fn key_frame(&self) {
        match self.seen() {
            Some(Seen::Composed(feed)) => feed.key_frame(),
            Some(Seen::Direct(direct)) => direct.key_frame(),
            None => {}
        }
    }

    /// What the peer sees, or will with the next key frame. Asked without the lock: a browser is asked through the switchboard, which may be
    /// slow.
    fn seen(&self) -> Option<Seen> {
        let watched = self.lock();
        let direct = || watched.direct.clone().map(Seen::Direct);
        watched.feed.clone().map(Seen::Composed).or_else(direct)
    }

    fn lock(&self) -> MutexGuard<'_, Watched> {
        self.watched.lock().expect("nothing that can panic is done under this lock")
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let Watched { feed, direct, former } = std::mem::take(&mut *self.lock());
        former.leave(&self.viewer);
        Former { feed, direct }.leave(&self.viewer);
    }
}

/// Asks the peer for key frames in the way that it understands.
struct Asker {
    peer: Weak<Peer>,
    by_rtcp: bool,
    link: Arc<Link>,
    seat: SeatId,
    ask: Mutex<KeyFrameAsk>,
}

impl Asker {
    fn want(&self) {
        if self.lock().want(edge::now()) {
            self.send();
        }
    }

    fn tick(&self, now: Instant) {
        if self.lock().due(now) {
            self.send();
        }
    }

    fn arrived(&self) {
        self.lock().arrived();
    }

    fn send(&self) {
        if !self.by_rtcp {
            self.link.report(&FromStudio::KeyFrameByInfo { seat: self.seat });
        } else if let Some(peer) = self.peer.upgrade() {
            peer.picture_loss();
        }
    }

    fn lock(&self) -> MutexGuard<'_, KeyFrameAsk> {
        self.ask.lock().expect("nothing that can panic is done under this lock")
    }
}

/// Where the peer's picture goes, without being decoded on the way.
#[derive(Clone)]
struct Forward {
    link: Arc<Link>,
    track: TrackId,
    publishes: Arc<AtomicBool>,
    source: Arc<VideoSource>,
    asker: Arc<Asker>,
}

impl Forward {
    fn restarting(self) -> Restarting {
        // One number for the call's length, so that a forwarder built again is still the same sender.
        let ssrc = edge::random();
        Restarting::new("forwarder of a picture", Box::new(move |failed| self.clone().pipeline(ssrc, failed)))
    }

    fn pipeline(self, ssrc: u32, failed: Failed) -> Result<Pipeline, PipelineError> {
        let asker = Arc::clone(&self.asker);
        let key_frame: Option<Box<dyn Fn() + Send + Sync>> = Some(Box::new(move || asker.want()));
        let output = Box::new(move |sample: &gst::Sample| self.packet(sample));
        let description =
            format!("rtpjitterbuffer latency=60 do-lost=true ! {}", codecs::video_forwarder(ssrc));
        let callbacks = Callbacks { output, failed, key_frame, patience: None };
        let caps = codecs::video_rtp(VideoCodec::H264, H264);
        Pipeline::start(&caps, &description, WAITING_PACKETS, true, callbacks)
    }

    fn packet(&self, sample: &gst::Sample) {
        let Some(bytes) = bytes(sample) else { return };
        if self.publishes.load(Ordering::Acquire) {
            self.link.media(self.track, &bytes);
        }
        self.source.push(bytes.to_vec(), edge::now());
    }
}

struct VideoHandler {
    receives: bool,
    continuity: Continuity,
    forwarder: Restarting,
    asker: Arc<Asker>,
    screen: Option<Arc<Screen>>,
}

impl Handler for VideoHandler {
    fn packet(&mut self, bytes: &[u8], now: Instant) {
        let Some(packet) = Packet::parse(bytes) else { return };
        // Peers number H.264 as they like; what is below 96 is never it.
        if !self.receives || packet.payload_type < 96 {
            return;
        }
        if starts_key_frame(packet.payload) {
            self.asker.arrived();
        }
        let mut bytes = bytes.to_vec();
        bytes[1] = bytes[1] & 0x80 | H264;
        let anew = self.continuity.join(&mut bytes, now);
        if self.forwarder.push(bytes, now) || anew {
            self.asker.want();
        }
    }

    fn feedback(&mut self, feedback: Feedback) {
        if let (true, Some(screen)) = (feedback.key_frame, &self.screen) {
            screen.key_frame();
        }
    }

    fn tick(&mut self, now: Instant) {
        self.asker.tick(now);
    }
}
