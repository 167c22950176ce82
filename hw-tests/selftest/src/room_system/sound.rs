use super::{
    keys::Keys,
    line::{self, Line},
    sdp::PCMA,
};
use crate::{
    edge,
    fault::{Fault, Outcome},
    media::{self, Pipeline},
    perception::Perception,
};
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app::{AppSink, AppSinkCallbacks, AppSrc};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::task::JoinSet;

/// The room system's microphone, loudspeaker and keys.
pub(super) struct Sound {
    keys: Arc<Mutex<Keys>>,
    _receiver: JoinSet<()>,
    _pipeline: Pipeline,
}

impl Sound {
    /// Sends a sender's tone as G.711, and listens to what comes back.
    ///
    /// # Errors
    /// An element is missing.
    pub(super) fn start(line: Line, to: SocketAddr, sender: u8, perception: &Perception) -> Outcome<Self> {
        let pipeline = Pipeline::new(perception);
        let keys = Arc::new(Mutex::new(Keys::default()));
        let microphone = media::bin(&format!(
            "{} ! audioresample ! audio/x-raw,rate=8000 ! alawenc \
             ! rtppcmapay pt={PCMA} ssrc={} min-ptime=20000000 max-ptime=20000000 \
             ! appsink name=out sync=false",
            media::tone_source(sender),
            edge::random()
        ))?;
        let speaker = media::bin(&format!(
            "appsrc name=in is-live=true format=time do-timestamp=true \
             caps=application/x-rtp,media=audio,clock-rate=8000,encoding-name=PCMA,payload={PCMA} \
             ! rtpjitterbuffer latency=60 ! rtppcmadepay ! alawdec ! {}",
            media::sound_sink()
        ))?;
        send(&microphone, &line, to, &keys)?;
        media::listen(&speaker, perception)?;
        let mut receiver = JoinSet::new();
        feed(&speaker, &line, to, &mut receiver)?;
        pipeline.add(&microphone)?;
        pipeline.add(&speaker)?;
        pipeline.play()?;
        Ok(Self { keys, _receiver: receiver, _pipeline: pipeline })
    }

    /// Presses keys; returns at once.
    pub(super) fn press(&self, keys: &str) {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).press(keys);
    }
}

fn send(bin: &gst::Bin, line: &Line, to: SocketAddr, keys: &Arc<Mutex<Keys>>) -> Outcome<()> {
    let (socket, keys) = (line.rtp.clone(), keys.clone());
    sink(bin, move |packet| {
        let mut packet = packet.to_vec();
        keys.lock().unwrap_or_else(PoisonError::into_inner).replace(&mut packet);
        line::send(&socket, &packet, to);
    })
}

/// Hands on each packet that reaches a bin's `out`.
pub(super) fn sink(bin: &gst::Bin, mut take: impl FnMut(&[u8]) + Send + 'static) -> Outcome<()> {
    let sink = bin.by_name("out").and_then(|element| element.downcast::<AppSink>().ok());
    let sink = sink.ok_or_else(|| Fault::machine("a pipeline has no way out"))?;
    let callbacks = AppSinkCallbacks::builder().new_sample(move |sink| {
        let sample = sink.pull_sample().map_err(|_| gst::FlowError::Eos)?;
        let each = |buffer: &gst::BufferRef, take: &mut dyn FnMut(&[u8])| {
            if let Ok(bytes) = buffer.map_readable() {
                take(&bytes);
            }
        };
        if let Some(list) = sample.buffer_list() {
            list.iter().for_each(|buffer| each(buffer, &mut take));
        } else if let Some(buffer) = sample.buffer() {
            each(buffer, &mut take);
        }
        Ok(gst::FlowSuccess::Ok)
    });
    sink.set_callbacks(callbacks.build());
    Ok(())
}

/// Puts what a line receives into a bin's `in`.
pub(super) fn feed(
    bin: &gst::Bin,
    line: &Line,
    from: SocketAddr,
    tasks: &mut JoinSet<()>,
) -> Outcome<AppSrc> {
    let source = bin.by_name("in").and_then(|element| element.downcast::<AppSrc>().ok());
    let source = source.ok_or_else(|| Fault::machine("a pipeline has no way in"))?;
    let into = source.clone();
    line::receive(tasks, line.rtp.clone(), from.ip(), move |packet| {
        // A pipeline that has ended takes nothing more; its own error says why.
        let _ = into.push_buffer(gst::Buffer::from_slice(packet.to_vec()));
    });
    Ok(source)
}
