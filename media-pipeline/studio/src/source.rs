//! What is received and decoded, a browser's tracks and the legs' own media alike.

use crate::{
    codecs,
    hardware::Codecs,
    picture::FrameBox,
    pipeline::{Callbacks, Pipeline, bytes},
    restarting::Restarting,
    rtp::Packet,
    sound::Ring,
};
use gstreamer as gst;
use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tabellion_media_protocol::{AudioCodec, Content, VideoCodec, studio::OPUS};
use tabellion_payload::h264::starts_key_frame;

/// Packets that may wait for a decoder: two key frames' worth.
const WAITING: u32 = 512;
/// Packets without a picture for this long: a key frame is missing.
const BLIND: Duration = Duration::from_secs(1);
/// A device's decoder that is still blind after so many seconds in which a key frame came is left for software.
const PATIENCE: u32 = 3;
/// The same of a screen that is shown to all: one that stands still is sent once a second.
const BLIND_TO_SLIDES: Duration = Duration::from_secs(4);

/// Decodes sound into a ring.
#[must_use]
pub fn audio_decoder(
    codec: AudioCodec,
    payload_type: u8,
    ring: &Arc<Mutex<Ring>>,
    jitter_ms: u32,
) -> Restarting {
    let ring = Arc::clone(ring);
    Restarting::new(
        "decoder of sound",
        Box::new(move |failed| {
            let ring = Arc::clone(&ring);
            let output = Box::new(move |sample: &gst::Sample| {
                let Some(bytes) = bytes(sample) else { return };
                let samples = bytes.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]]));
                ring.lock().expect("a ring does not panic").push(samples, crate::edge::now());
            });
            let description = format!(
                "rtpjitterbuffer latency={jitter_ms} do-lost=true ! {} ! audioconvert ! audioresample ! {}",
                codecs::audio_decoder(codec),
                crate::sound::desk::Outlet::CAPS,
            );
            let caps = codecs::audio_rtp(codec, payload_type);
            Pipeline::start(
                &caps,
                &description,
                WAITING,
                true,
                Callbacks { output, failed, key_frame: None, patience: None },
            )
        }),
    )
}

/// A browser's voice.
pub struct AudioSource {
    /// What is heard of it.
    pub ring: Arc<Mutex<Ring>>,
    decoder: Restarting,
}

impl AudioSource {
    /// For a track in [`OPUS`].
    #[must_use]
    pub fn new() -> Self {
        let ring = Arc::default();
        let decoder = audio_decoder(AudioCodec::Opus, OPUS, &ring, 40);
        Self { ring, decoder }
    }

    /// Takes an RTP packet.
    pub fn push(&mut self, rtp: Vec<u8>, now: Instant) {
        self.decoder.push(rtp, now);
    }
}

impl Default for AudioSource {
    fn default() -> Self {
        Self::new()
    }
}

/// A picture that is decoded while somebody looks at it.
pub struct VideoSource {
    /// The latest frame.
    pub frames: Arc<FrameBox<gst::Sample>>,
    ask: Arc<dyn Fn() + Send + Sync>,
    chosen: Arc<Codecs>,
    blind: Duration,
    state: Mutex<VideoState>,
}

#[derive(Default)]
struct VideoState {
    wanted: bool,
    decoder: Option<(VideoCodec, Restarting)>,
    asked_at: Option<Instant>,
    /// Whether a key frame has come since one was asked for.
    answered: bool,
    /// Answers without a picture after them.
    in_vain: u32,
}

impl VideoSource {
    /// `ask` is called when a key frame is needed, at most once a second but for losses.
    #[must_use]
    pub fn new(ask: Arc<dyn Fn() + Send + Sync>, content: Content, chosen: Arc<Codecs>) -> Self {
        let blind = match content {
            Content::Main => BLIND,
            Content::Slides => BLIND_TO_SLIDES,
        };
        Self { frames: Arc::default(), ask, chosen, blind, state: Mutex::default() }
    }

    /// Whether anybody looks. While nobody does, packets are dropped undecoded.
    pub fn set_wanted(&self, wanted: bool, now: Instant) {
        let mut state = self.lock();
        if state.wanted == wanted {
            return;
        }
        state.wanted = wanted;
        if wanted {
            (state.asked_at, state.answered, state.in_vain) = (Some(now), false, 0);
            (self.ask)();
        } else {
            state.decoder = None;
            self.frames.clear();
        }
    }

    /// Takes an RTP packet in one of the link's formats.
    pub fn push(&self, rtp: Vec<u8>, now: Instant) {
        let Some(packet) = Packet::parse(&rtp) else { return };
        let Some(codec) = codecs::of_payload_type(packet.payload_type) else { return };
        let mut state = self.lock();
        if !state.wanted {
            return;
        }
        state.answered |= codec == VideoCodec::H264 && starts_key_frame(packet.payload);
        if state.decoder.as_ref().is_none_or(|(of, _)| *of != codec) {
            state.decoder = Some((codec, self.decoder(codec)));
        }
        if let Some((_, decoder)) = &mut state.decoder {
            decoder.push(rtp, now);
        }
        if state.asked_at.is_some_and(|at| now.saturating_duration_since(at) < self.blind) {
            return;
        }
        if self.frames.has_within(self.blind, now) {
            state.in_vain = 0;
            return;
        }
        state.in_vain += u32::from(std::mem::take(&mut state.answered));
        state.asked_at = Some(now);
        (self.ask)();
        if state.in_vain > PATIENCE {
            state.in_vain = 0;
            self.leave_for_software(&mut state);
        }
    }

    fn leave_for_software(&self, state: &mut VideoState) {
        let element = self.chosen.decoder().clone();
        if element.family.is_hardware() {
            self.chosen.fails(&element, "it gives no picture, though key frames come");
            if let Some((_, decoder)) = state.decoder.take() {
                decoder.abandon();
            }
        }
    }

    fn decoder(&self, codec: VideoCodec) -> Restarting {
        let (frames, ask, chosen) =
            (Arc::clone(&self.frames), Arc::clone(&self.ask), Arc::clone(&self.chosen));
        Restarting::new(
            "decoder of a picture",
            Box::new(move |failed| {
                let (frames, ask) = (Arc::clone(&frames), Arc::clone(&ask));
                let output =
                    Box::new(move |sample: &gst::Sample| frames.put(sample.clone(), crate::edge::now()));
                let payload_type = match codec {
                    VideoCodec::H264 => tabellion_media_protocol::studio::H264,
                    VideoCodec::Vp8 => tabellion_media_protocol::studio::VP8,
                };
                let element = chosen.decoder().clone();
                let description = format!(
                    "rtpjitterbuffer latency=40 do-lost=true ! {} ! {}",
                    codecs::video_decoder(codec, &element),
                    codecs::AS_COMPOSED
                );
                let failed = match codec {
                    VideoCodec::H264 => chosen.watched(&element, failed),
                    VideoCodec::Vp8 => failed,
                };
                let key_frame: Option<Box<dyn Fn() + Send + Sync>> = Some(Box::new(move || ask()));
                let caps = codecs::video_rtp(codec, payload_type);
                let callbacks = Callbacks { output, failed, key_frame, patience: None };
                let started = Pipeline::start(&caps, &description, WAITING, true, callbacks);
                started.inspect_err(|error| {
                    if codec == VideoCodec::H264 {
                        chosen.fails(&element, &error.to_string());
                    }
                })
            }),
        )
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VideoState> {
        self.state.lock().expect("nothing that can panic is done under this lock")
    }
}
