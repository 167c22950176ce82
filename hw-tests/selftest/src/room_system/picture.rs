use super::{
    line::{self, Line},
    rtcp,
    sdp::H264,
    sound::{feed, sink},
};
use crate::{
    edge,
    fault::{Fault, Outcome},
    media::{self, Camera, Codecs, Pipeline},
    perception::Perception,
};
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_video::{ForceKeyUnitEvent, UpstreamForceKeyUnitEvent};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};
use tokio::task::JoinSet;

/// The room system's camera and screen.
pub(super) struct Picture {
    key_frames: KeyFrames,
    _camera: Camera,
    _receiver: JoinSet<()>,
    _pipeline: Pipeline,
}

/// Makes the camera's encoder send a key frame.
#[derive(Clone)]
pub(super) struct KeyFrames(gst::Bin);

impl Picture {
    /// Sends a sender's coded picture as H.264, and looks at what comes back.
    ///
    /// # Errors
    /// An element is missing.
    pub(super) fn start(
        line: Line,
        to: SocketAddr,
        sender: u8,
        codecs: &Codecs,
        perception: &Perception,
    ) -> Outcome<Self> {
        let pipeline = Pipeline::new(perception);
        let ssrc = edge::random();
        let camera = media::bin(&format!(
            "{} ! {} ! rtph264pay pt={H264} ssrc={ssrc} mtu=1200 aggregate-mode=zero-latency \
             config-interval=-1 ! appsink name=out sync=false",
            media::picture_source(codecs.effort),
            codecs.encoder.description
        ))?;
        let screen = media::bin(&format!(
            "appsrc name=in is-live=true format=time do-timestamp=true \
             caps=application/x-rtp,media=video,clock-rate=90000,encoding-name=H264,payload={H264} \
             ! rtpjitterbuffer latency=60 ! {}",
            media::picture_sink(codecs)
        ))?;
        let (socket, key_frames) = (line.rtp.clone(), KeyFrames(camera.clone()));
        sink(&camera, move |packet| line::send(&socket, packet, to))?;
        media::watch(&screen, String::new(), perception)?;
        let receiver = receive(&screen, &line, to, ssrc, &key_frames)?;
        pipeline.add(&camera)?;
        pipeline.add(&screen)?;
        pipeline.play()?;
        let camera = Camera::start(&camera, sender, codecs.effort)?;
        Ok(Self { key_frames, _camera: camera, _receiver: receiver, _pipeline: pipeline })
    }

    /// For whoever hears that the other side wants one.
    pub(super) fn key_frames(&self) -> KeyFrames {
        self.key_frames.clone()
    }
}

impl KeyFrames {
    /// One, now.
    pub(super) fn send(&self) {
        if let Some(out) = self.0.by_name("out") {
            out.send_event(UpstreamForceKeyUnitEvent::builder().all_headers(true).build());
        }
    }
}

/// Feeds the screen, asks for key frames where its depayloader misses something, and hears when the box asks.
fn receive(
    screen: &gst::Bin,
    line: &Line,
    from: SocketAddr,
    own: u32,
    key_frames: &KeyFrames,
) -> Outcome<JoinSet<()>> {
    let mut tasks = JoinSet::new();
    let source = feed(screen, line, from, &mut tasks)?;
    let pad = source.static_pad("src").ok_or_else(|| Fault::machine("a source has no pad"))?;
    let (socket, theirs) = (line.rtcp.clone(), Arc::new(AtomicU32::new(0)));
    let known = theirs.clone();
    pad.add_probe(gst::PadProbeType::BUFFER, move |_, info| {
        let bytes = info.buffer().and_then(|buffer| buffer.map_readable().ok());
        if let Some(ssrc) = bytes.as_deref().and_then(|bytes| bytes.get(8..)?.first_chunk()) {
            theirs.store(u32::from_be_bytes(*ssrc), Ordering::Relaxed);
        }
        gst::PadProbeReturn::Ok
    });
    pad.add_probe(gst::PadProbeType::EVENT_UPSTREAM, move |_, info| {
        if info.event().is_some_and(|event| ForceKeyUnitEvent::is(event)) {
            let request = rtcp::picture_loss(own, known.load(Ordering::Relaxed));
            line::send(&socket, &request, line::rtcp_of(from));
        }
        gst::PadProbeReturn::Ok
    });
    let key_frames = key_frames.clone();
    line::receive(&mut tasks, line.rtcp.clone(), from.ip(), move |packet| {
        if rtcp::wants_key_frame(packet) {
            key_frames.send();
        }
    });
    Ok(tasks)
}
