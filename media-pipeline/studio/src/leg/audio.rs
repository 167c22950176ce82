use super::{
    Around, WAITING,
    peer::{Handler, Peer, Reader},
};
use crate::{
    codecs, edge,
    link::Link,
    pipeline::{Callbacks, Pipeline, bytes},
    restarting::Restarting,
    rtp::{Continuity, Keypad, Packet, Session},
    sound::{Ring, desk::Outlet},
    source::audio_decoder,
};
use gstreamer as gst;
use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tabellion_media_protocol::{AudioCodec, LegAudio, SeatId, studio::FromStudio};

/// What a network between offices may delay a packet by, in milliseconds.
const JITTER_MS: u32 = 60;

/// At least what a resampler to 8 or 16 kHz holds back: half of its filter, 4 ms to 8 kHz.
const HELD_BACK: Duration = Duration::from_millis(5);

/// A leg's sound, both ways.
pub struct AudioLine {
    /// What was agreed.
    pub config: LegAudio,
    /// What is heard of the peer.
    pub ring: Arc<Mutex<Ring>>,
    /// Towards the peer, where it wants any.
    pub outlet: Option<Arc<Outlet>>,
    /// Towards the switchboard.
    pub track: Arc<Outlet>,
    peer: Arc<Peer>,
    _reader: Reader,
}

impl AudioLine {
    /// Binds the sockets and starts the pipelines.
    ///
    /// # Errors
    /// Where a port is taken or a pipeline does not start: this box's fault.
    pub fn open(config: &LegAudio, around: &Around) -> anyhow::Result<Self> {
        let (codec, ssrc) = (config.codec, edge::random());
        let rate = codecs::clock_rate(codec);
        let session = Session::new(ssrc, cname(around), rate, config.remote, edge::now());
        let peer = Arc::new(Peer::bind(around.local, config.local_port, session)?);
        let ring = Arc::<Mutex<Ring>>::default();
        let outlet = config.send.then(|| towards_peer(config, ssrc, &peer, around)).transpose()?;
        let handler = AudioHandler {
            seat: around.seat,
            config: config.clone(),
            link: Arc::clone(&around.link),
            keypad: Keypad::default(),
            continuity: Continuity::new(rate),
            decoder: audio_decoder(codec, config.payload_type, &ring, JITTER_MS),
        };
        let name = format!("sound of {}", around.seat);
        let reader = Reader::start(name, Arc::clone(&peer), Box::new(handler))?;
        let track = Arc::new(towards_switchboard(around)?);
        Ok(Self { config: config.clone(), ring, outlet, track, peer, _reader: reader })
    }

    /// When the peer's latest packet came, RTP or RTCP.
    #[must_use]
    pub fn heard_at(&self) -> Option<Instant> {
        self.peer.heard_at()
    }
}

fn towards_peer(
    config: &LegAudio,
    ssrc: u32,
    peer: &Arc<Peer>,
    around: &Around,
) -> anyhow::Result<Arc<Outlet>> {
    let peer = Arc::clone(peer);
    let output = Box::new(move |sample: &gst::Sample| {
        if let Some(packet) = bytes(sample) {
            peer.send(&packet);
        }
    });
    let description =
        format!("audioresample ! {}", codecs::audio_encoder(config.codec, config.payload_type, ssrc));
    // Opus takes what is mixed as it is.
    let ahead = if config.codec == AudioCodec::Opus { Duration::ZERO } else { HELD_BACK };
    Ok(Arc::new(outlet(&description, ahead, output, around)?))
}

fn towards_switchboard(around: &Around) -> anyhow::Result<Outlet> {
    let (link, track) = (Arc::clone(&around.link), around.track);
    let output = Box::new(move |sample: &gst::Sample| {
        if let Some(packet) = bytes(sample) {
            link.media(track, &packet);
        }
    });
    outlet(&codecs::track_encoder(edge::random()), Duration::ZERO, output, around)
}

fn outlet(
    description: &str,
    ahead: Duration,
    output: Box<dyn FnMut(&gst::Sample) + Send>,
    around: &Around,
) -> anyhow::Result<Outlet> {
    let broken = Arc::clone(&around.broken);
    let failed = Box::new(move |reason| broken(reason));
    let callbacks = Callbacks { output, failed, key_frame: None, patience: None };
    let pipeline = Pipeline::start(Outlet::CAPS, description, WAITING * 2, false, callbacks)?;
    Ok(Outlet::new(pipeline, ahead))
}

/// One name for a leg's sound and picture, so that the peer keeps them in step (RFC 3550 §6.5.1).
pub(super) fn cname(around: &Around) -> String {
    format!("{}@tabellion", around.seat)
}

struct AudioHandler {
    seat: SeatId,
    config: LegAudio,
    link: Arc<Link>,
    keypad: Keypad,
    continuity: Continuity,
    decoder: Restarting,
}

impl Handler for AudioHandler {
    fn packet(&mut self, bytes: &[u8], now: Instant) {
        let Some(packet) = Packet::parse(bytes) else { return };
        if Some(packet.payload_type) == self.config.telephone_event {
            if let Some(digit) = self.keypad.press(packet.ssrc, packet.timestamp, packet.payload) {
                self.link.report(&FromStudio::Digit { seat: self.seat, digit });
            }
        } else if packet.payload_type == self.config.payload_type && self.config.receive {
            let mut bytes = bytes.to_vec();
            self.continuity.join(&mut bytes, now);
            self.decoder.push(bytes, now);
        }
    }
}
