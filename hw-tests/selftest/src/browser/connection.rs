use super::{
    certificate::{self, Certificate},
    offer::{self, Sender},
};
use crate::{
    fault::{Fault, Outcome, Side},
    media::{self, Camera, Codecs, Pipeline},
    perception::Perception,
};
use gstreamer as gst;
use gstreamer::{
    glib::{gobject_ffi, subclass::SignalId, translate::IntoGlib},
    prelude::*,
};
use gstreamer_webrtc::{
    WebRTCBundlePolicy, WebRTCPeerConnectionState as State, WebRTCRTPTransceiver, WebRTCSDPType,
};
use std::{net::IpAddr, time::Duration};
use tokio::{sync::watch, time::timeout};

/// What the jitter buffers wait for a lost packet's repetition, ms. 0 would drop what NACK brings back.
const LATENCY: u32 = 100;

/// A connection to the switchboard, as a page's `RTCPeerConnection`.
pub(crate) struct Connection {
    _camera: Camera,
    webrtc: gst::Element,
    state: watch::Receiver<State>,
    // Last: everything else is used by what runs in it.
    _pipeline: Pipeline,
}

impl Connection {
    /// Makes one with its offer: a sender's picture, and its tone where it speaks. `own`: this machine's address on the
    /// way to the box.
    ///
    /// # Errors
    /// This machine's GStreamer cannot.
    pub(crate) async fn offer(
        (sender, speaks): (u8, bool),
        own: IpAddr,
        codecs: Codecs,
        perception: &Perception,
    ) -> Outcome<(Self, String)> {
        let certificate = Certificate::generate()?;
        let pipeline = Pipeline::new(perception);
        let webrtc = media::element("webrtcbin")?;
        webrtc.set_property("bundle-policy", WebRTCBundlePolicy::MaxBundle);
        webrtc.set_property("latency", LATENCY);
        prepare_ice(&webrtc, own);
        keep_slots(&webrtc)?;
        present(&webrtc, &certificate);
        let state = observe(&webrtc);
        receive(&webrtc, &pipeline, codecs, perception);
        let tone = if speaks { Some(Sender::tone(sender)?) } else { None };
        let picture = Sender::picture(&codecs)?;
        pipeline.add(&webrtc)?;
        for sender in tone.iter().chain([&picture]) {
            pipeline.add(&sender.bin)?;
            offer::send(&webrtc, sender)?;
        }
        offer::slots(&webrtc, codecs.effort)?;
        pipeline.play()?;
        let camera = Camera::start(&picture.bin, sender, codecs.effort)?;
        let text = offer::make(&webrtc, &certificate).await?;
        Ok((Self { _camera: camera, webrtc, state, _pipeline: pipeline }, text))
    }

    /// Takes the box's answer, and waits until the transport is there and its other end is who the answer says, for so long at the most.
    ///
    /// # Errors
    /// No connection in time, or with somebody else.
    pub(crate) async fn answer(&mut self, sdp: &str, patience: Duration) -> Outcome<()> {
        tracing::trace!(sdp, "answer");
        offer::describe(&self.webrtc, "set-remote-description", WebRTCSDPType::Answer, sdp).await?;
        let settled = |state: &State| matches!(state, State::Connected | State::Failed | State::Closed);
        let state = timeout(patience, self.state.wait_for(settled)).await;
        let state = state.map(|state| state.is_ok_and(|state| *state == State::Connected));
        if state != Ok(true) {
            let reached = if state.is_err() { "in time" } else { "(ICE or DTLS failed)" };
            return Err(Fault::new(
                Side::Network,
                format!("no connection to the switchboard {reached}, candidates {}", candidates(sdp)),
                "is the switchboard's UDP port open on the way? is tabellion-media running?",
            ));
        }
        certificate::verify_peer(&self.webrtc, sdp)
    }
}

/// Addresses at which the answer says the switchboard is.
fn candidates(sdp: &str) -> String {
    let field = |line: &str, at: usize| line.split(' ').nth(at).unwrap_or("?").to_owned();
    let lines = sdp.lines().filter(|line| line.starts_with("a=candidate:"));
    let mut all: Vec<String> = lines.map(|line| format!("{}:{}", field(line, 4), field(line, 5))).collect();
    all.dedup();
    if all.is_empty() { "none".to_owned() } else { all.join(", ") }
}

/// No UPnP: asking the office's router to open a port takes seconds and is nobody's wish.
fn prepare_ice(webrtc: &gst::Element, own: IpAddr) {
    let ice: gst::Object = webrtc.property("ice-agent");
    if let Some(agent) = ice.find_property("agent").map(|_| ice.property::<gst::glib::Object>("agent")) {
        agent.set_property("upnp", false);
    }
    // Gathered by itself are all addresses but the loopback's, which a test on the box itself may need.
    if own.is_loopback() {
        ice.emit_by_name::<bool>("add-local-ip-address", &[&own.to_string()]);
    }
}

/// The answer says which SSRC comes in which slot, for good. webrtcbin 1.26 forgets it of a sender that is silent for some
/// seconds, and puts what comes from it later into the first m-line: on a machine that is slow to code a picture, the first one
/// comes late enough.
fn keep_slots(webrtc: &gst::Element) -> Outcome<()> {
    let rtpbin = webrtc.downcast_ref::<gst::Bin>().and_then(|bin| bin.by_name("rtpbin"));
    let rtpbin = rtpbin.ok_or_else(|| Fault::machine("webrtcbin has no rtpbin"))?;
    let signal = SignalId::lookup("on-sender-timeout", rtpbin.type_());
    let signal = signal.ok_or_else(|| Fault::machine("rtpbin has no signal on-sender-timeout"))?;
    #[expect(
        unsafe_code,
        reason = "the bindings have no way to block a handler that somebody else has connected"
    )]
    // SAFETY: both objects are alive for the call, and the last pointer is compared only.
    let blocked = unsafe {
        gobject_ffi::g_signal_handlers_block_matched(
            rtpbin.as_ptr().cast(),
            gobject_ffi::G_SIGNAL_MATCH_ID | gobject_ffi::G_SIGNAL_MATCH_DATA,
            signal.into_glib(),
            0,
            std::ptr::null_mut(),
            std::ptr::null_mut(),
            webrtc.as_ptr().cast(),
        )
    };
    if blocked == 0 {
        return Err(Fault::machine(
            "webrtcbin does not listen to on-sender-timeout: it is another than 1.26",
        ));
    }
    Ok(())
}

/// Puts our certificate in place of webrtcbin's own.
fn present(webrtc: &gst::Element, certificate: &Certificate) {
    let Some(bin) = webrtc.downcast_ref::<gst::Bin>() else { return };
    let pem = certificate.pem.clone();
    bin.connect_deep_element_added(move |_, _, element| {
        if element.factory().is_some_and(|factory| factory.name() == "dtlssrtpdec") {
            element.set_property("pem", &pem);
        }
    });
}

fn observe(webrtc: &gst::Element) -> watch::Receiver<State> {
    let (tell, state) = watch::channel(State::New);
    webrtc.connect_notify(Some("connection-state"), move |webrtc, _| {
        let _ = tell.send(webrtc.property("connection-state"));
    });
    state
}

/// Decodes whatever comes in a slot.
fn receive(webrtc: &gst::Element, pipeline: &Pipeline, codecs: Codecs, perception: &Perception) {
    let (pipeline, perception) = (pipeline.downgrade(), perception.clone());
    webrtc.connect_pad_added(move |webrtc, pad| {
        let Some(pipeline) = pipeline.upgrade().filter(|_| pad.direction() == gst::PadDirection::Src) else {
            return;
        };
        if let Err(fault) = decode(webrtc, pad, &pipeline, &codecs, &perception) {
            perception.fails(fault);
        }
    });
}

fn decode(
    webrtc: &gst::Element,
    pad: &gst::Pad,
    pipeline: &gst::Pipeline,
    codecs: &Codecs,
    perception: &Perception,
) -> Outcome<()> {
    let transceiver: WebRTCRTPTransceiver = pad.property("transceiver");
    let mid = transceiver.mid().map(Into::into).unwrap_or_default();
    let is_picture = transceiver.kind() == gstreamer_webrtc::WebRTCKind::Video;
    let bin = if is_picture {
        ask_again(webrtc);
        let bin = media::bin(&format!("queue ! {}", media::picture_sink(codecs)))?;
        media::watch(&bin, mid, perception)?;
        bin
    } else {
        let bin = media::bin(&format!("queue ! rtpopusdepay ! opusdec plc=true ! {}", media::sound_sink()))?;
        media::listen(&bin, perception)?;
        bin
    };
    pipeline.add(&bin).map_err(Fault::machine)?;
    let sink = bin.static_pad("sink").ok_or_else(|| Fault::machine("a receiver has no open end"))?;
    bin.sync_state_with_parent().map_err(Fault::machine)?;
    pad.link(&sink).map(drop).map_err(|error| Fault::machine(format!("a slot cannot be linked ({error})")))
}

/// Asks for lost packets of pictures. webrtcbin 1.26 leaves this off on slots that only receive, whatever `do-nack` says;
/// on sound it would only make useless requests.
fn ask_again(webrtc: &gst::Element) {
    let Some(bin) = webrtc.downcast_ref::<gst::Bin>() else { return };
    for element in bin.iterate_recurse().into_iter().flatten() {
        let is_buffer = element.factory().is_some_and(|factory| factory.name() == "rtpjitterbuffer");
        let caps = element.static_pad("sink").and_then(|pad| pad.current_caps());
        let media = caps.and_then(|caps| caps.structure(0)?.get::<String>("media").ok());
        if is_buffer && media.as_deref() == Some("video") {
            element.set_property("do-retransmission", true);
        }
    }
}
