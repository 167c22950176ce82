use super::{
    Around, WAITING,
    audio::cname,
    peer::{Handler, Peer, Reader},
};
use crate::{
    codecs::{self, VideoEncoding},
    edge,
    link::Link,
    picture::{
        Composer,
        screen::{Screen, Shared},
    },
    pipeline::{Callbacks, Pipeline, PipelineError, bytes},
    rtp::{Continuity, Feedback, KeyFrameAsk, Packet, Session, starts_key_frame},
    source::{Restarting, VideoSource},
};
use gstreamer as gst;
use std::{
    sync::{
        Arc, Mutex, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};
use tabellion_media_protocol::{
    Content, LegVideo, LegView, SeatId, TrackId, VideoCodec,
    studio::{FromStudio, H264},
};

/// Ticks a second of a picture's timestamps (RFC 6184 §5.1).
const CLOCK: u32 = 90_000;
/// Packets that may wait on their way from the peer: two key frames' worth.
const WAITING_PACKETS: u32 = 512;
/// The largest picture that is composed.
const LARGEST: (u32, u32) = (1_280, 720);
/// More than this a 720p picture does not need, in kb/s.
const MOST_KBPS: u32 = 2_500;

/// A leg's picture, both ways.
pub struct VideoLine {
    /// What was agreed.
    pub config: LegVideo,
    /// The peer's picture for the others' mixes.
    pub source: Arc<VideoSource>,
    /// What the peer sees, where it wants any.
    pub screen: Option<Screen>,
    peer: Arc<Peer>,
    asker: Arc<Asker>,
    publishes: Arc<AtomicBool>,
    _reader: Reader,
}

impl VideoLine {
    /// Binds the sockets and starts the pipelines.
    ///
    /// # Errors
    /// Where a port is taken or a pipeline does not start: this box's fault.
    pub fn open(config: &LegVideo, view: &LegView, around: &Around) -> anyhow::Result<Self> {
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
        let source = Arc::new(VideoSource::new(Arc::new(move || ask.want()), Content::Main));
        let screen = config.send.then(|| screen(config, ssrc, view, &peer, around)).transpose()?;
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
            screen: screen.as_ref().map(Screen::shared),
        };
        let name = format!("picture of {}", around.seat);
        let reader = Reader::start(name, Arc::clone(&peer), Box::new(handler))?;
        Ok(Self { config: config.clone(), source, screen, peer, asker, publishes, _reader: reader })
    }

    /// When the peer's latest packet came, RTP or RTCP.
    #[must_use]
    pub fn heard_at(&self) -> Option<Instant> {
        self.peer.heard_at()
    }

    /// Asks the peer for a key frame, at a bearable rate.
    pub fn want_key_frame(&self) {
        self.asker.want();
    }

    /// Whether the picture goes to the switchboard.
    pub fn set_publishes(&self, publishes: bool) {
        if publishes && !self.publishes.swap(true, Ordering::AcqRel) {
            self.asker.want();
        }
        self.publishes.store(publishes, Ordering::Release);
    }
}

/// The size of what is sent: the largest that the peer takes, and no larger than is composed.
fn size(config: &LegVideo) -> (u32, u32) {
    let side = |most: u16, largest: u32| (u32::from(most).min(largest) & !1).max(16);
    (side(config.max_width, LARGEST.0), side(config.max_height, LARGEST.1))
}

fn screen(
    config: &LegVideo,
    ssrc: u32,
    view: &LegView,
    peer: &Arc<Peer>,
    around: &Around,
) -> anyhow::Result<Screen> {
    let (width, height) = size(config);
    let composer = Composer::new(width, height, Arc::clone(&around.fonts))?;
    let encoding = VideoEncoding {
        payload_type: config.payload_type,
        packetization: config.packetization,
        kbps: config.max_kbps.min(MOST_KBPS),
        ssrc,
    };
    let (peer, broken) = (Arc::clone(peer), Arc::clone(&around.broken));
    let output = Box::new(move |sample: &gst::Sample| {
        if let Some(packet) = bytes(sample) {
            peer.send(&packet);
        }
    });
    let callbacks = Callbacks { output, failed: Box::new(move |reason| broken(reason)), key_frame: None };
    let caps = format!(
        "video/x-raw,format=I420,width={width},height={height},framerate=25/1,colorimetry=bt709,\
         pixel-aspect-ratio=1/1,interlace-mode=progressive"
    );
    let pipeline = Pipeline::start(&caps, &codecs::video_encoder(&encoding), WAITING, false, callbacks)?;
    Screen::start(around.seat, view.clone(), Arc::clone(&around.stage), composer, pipeline)
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

    fn lock(&self) -> std::sync::MutexGuard<'_, KeyFrameAsk> {
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
        Restarting::new(Box::new(move |failed| self.clone().pipeline(ssrc, failed)))
    }

    fn pipeline(
        self,
        ssrc: u32,
        failed: Box<dyn Fn(String) + Send + Sync>,
    ) -> Result<Pipeline, PipelineError> {
        let asker = Arc::clone(&self.asker);
        let key_frame: Option<Box<dyn Fn() + Send + Sync>> = Some(Box::new(move || asker.want()));
        let output = Box::new(move |sample: &gst::Sample| self.packet(sample));
        let description =
            format!("rtpjitterbuffer latency=60 do-lost=true ! {}", codecs::video_forwarder(ssrc));
        let callbacks = Callbacks { output, failed, key_frame };
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
    screen: Option<Arc<Shared>>,
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
