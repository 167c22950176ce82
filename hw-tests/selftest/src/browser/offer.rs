//! What is offered: the m-lines, as a page makes them, and the text of the offer.

use super::certificate::Certificate;
use crate::{
    edge,
    effort::Effort,
    fault::{Fault, Outcome},
    media::{self, Codecs},
};
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_sdp::SDPMessage;
use gstreamer_webrtc::{
    WebRTCRTPTransceiver, WebRTCRTPTransceiverDirection, WebRTCSDPType, WebRTCSessionDescription,
};

/// RTP of Opus (RFC 7587).
const OPUS: &str = "application/x-rtp,media=audio,encoding-name=OPUS,clock-rate=48000,payload=111,\
                    encoding-params=(string)2,minptime=(string)10,useinbandfec=(string)1,\
                    extmap-4=(string)\"urn:ietf:params:rtp-hdrext:sdes:mid\"";
/// RTP of H.264 (RFC 6184), with the feedback that a browser offers.
const H264: &str = "application/x-rtp,media=video,encoding-name=H264,clock-rate=90000,payload=108,\
                    rtcp-fb-nack=(boolean)true,rtcp-fb-nack-pli=(boolean)true,rtcp-fb-ccm-fir=(boolean)true,\
                    extmap-4=(string)\"urn:ietf:params:rtp-hdrext:sdes:mid\"";

/// Parameters of H.264 as browsers offer them: constrained baseline 3.1. Not in [`H264`], which has to fit to what an
/// encoder says of its own result: another level, another of the constraint bits that mean the same.
const H264_PARAMETERS: &str =
    "a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n";

/// A part of a pipeline that sends, and its SSRC. It is chosen here, as the offer has to name it: what the payloader chose
/// by itself would only be known once the first packet was made.
pub(super) struct Sender {
    /// The part.
    pub bin: gst::Bin,
    ssrc: u32,
    caps: &'static str,
}

impl Sender {
    /// Sends a sender's picture.
    ///
    /// # Errors
    /// An element is missing.
    pub(super) fn picture(codecs: &Codecs) -> Outcome<Self> {
        let (source, encoder, ssrc) =
            (media::picture_source(codecs.effort), codecs.encoder.description, edge::random());
        let bin = media::bin(&format!(
            "{source} ! {encoder} \
             ! rtph264pay pt=108 ssrc={ssrc} mtu=1200 aggregate-mode=zero-latency config-interval=-1"
        ))?;
        Ok(Self { bin, ssrc, caps: H264 })
    }

    /// Sends a sender's tone.
    ///
    /// # Errors
    /// An element is missing.
    pub(super) fn tone(sender: u8) -> Outcome<Self> {
        let (source, ssrc) = (media::tone_source(sender), edge::random());
        let bin = media::bin(&format!(
            "{source} ! opusenc frame-size=20 bitrate=40000 ! rtpopuspay pt=111 ssrc={ssrc} mtu=1200"
        ))?;
        Ok(Self { bin, ssrc, caps: OPUS })
    }
}

/// Offers and links what is sent.
///
/// # Errors
/// webrtcbin does not take it.
pub(super) fn send(webrtc: &gst::Element, sender: &Sender) -> Outcome<()> {
    let Sender { bin, ssrc, caps } = sender;
    let caps = parse(&format!("{caps},ssrc=(uint){ssrc}"))?;
    let sink =
        webrtc.request_pad_simple("sink_%u").ok_or_else(|| Fault::machine("webrtcbin has no sinks"))?;
    let transceiver: WebRTCRTPTransceiver = sink.property("transceiver");
    transceiver.set_direction(WebRTCRTPTransceiverDirection::Sendonly);
    transceiver.set_codec_preferences(Some(&caps));
    transceiver.set_property("do-nack", true);
    let source = bin.static_pad("src").ok_or_else(|| Fault::machine("a sender has no open end"))?;
    let linked = source.link(&sink).map(drop);
    linked.map_err(|error| Fault::machine(format!("a sender cannot be linked ({error})")))
}

/// Offers the slots for what is received.
///
/// # Errors
/// webrtcbin does not take them.
pub(super) fn slots(webrtc: &gst::Element, effort: Effort) -> Outcome<()> {
    let (audio, video) = effort.slots();
    for (count, caps) in [(audio, OPUS), (video, H264)] {
        for _ in 0..count {
            let caps = parse(caps)?;
            let direction = WebRTCRTPTransceiverDirection::Recvonly;
            let slot: WebRTCRTPTransceiver = webrtc.emit_by_name("add-transceiver", &[&direction, &caps]);
            slot.set_property("do-nack", true);
        }
    }
    Ok(())
}

fn parse(caps: &str) -> Outcome<gst::Caps> {
    caps.parse().map_err(|_| Fault::machine(format!("these caps are none: {caps}")))
}

/// webrtcbin's offer with our own certificate's fingerprint, set as its local description.
///
/// # Errors
/// webrtcbin makes none.
pub(super) async fn make(webrtc: &gst::Element, certificate: &Certificate) -> Outcome<String> {
    let (promise, made) = gst::Promise::new_future();
    webrtc.emit_by_name::<()>("create-offer", &[&None::<gst::Structure>, &promise]);
    let reply = made.await.ok().flatten().map(|reply| reply.to_owned());
    let offer = reply.and_then(|reply| reply.get::<WebRTCSessionDescription>("offer").ok());
    let offer = offer.and_then(|offer| offer.sdp().as_text().ok());
    let text = offer.ok_or_else(|| Fault::machine("webrtcbin makes no offer"))?;
    let text = as_a_browser(&text, &certificate.fingerprint);
    describe(webrtc, "set-local-description", WebRTCSDPType::Offer, &text).await?;
    Ok(text)
}

/// Gives webrtcbin a description.
///
/// # Errors
/// It does not take it.
pub(super) async fn describe(
    webrtc: &gst::Element,
    signal: &str,
    kind: WebRTCSDPType,
    text: &str,
) -> Outcome<()> {
    let sdp = SDPMessage::parse_buffer(text.as_bytes())
        .map_err(|_| Fault::machine(format!("GStreamer cannot read the description\n{text}")))?;
    let (promise, done) = gst::Promise::new_future();
    webrtc.emit_by_name::<()>(signal, &[&WebRTCSessionDescription::new(kind, sdp), &promise]);
    let reply = done.await.ok().flatten().map(|reply| reply.to_owned());
    match reply.and_then(|reply| reply.get::<gst::glib::Error>("error").ok()) {
        Some(error) => Err(Fault::machine(format!("webrtcbin refuses the description ({error})\n{text}"))),
        None => Ok(()),
    }
}

/// webrtcbin's offer with the fingerprint of the certificate that is really shown, and with H.264's parameters.
fn as_a_browser(offer: &str, fingerprint: &str) -> String {
    let line = |line: &str| match line {
        _ if line.starts_with("a=fingerprint:") => format!("a=fingerprint:sha-256 {fingerprint}\r\n"),
        _ if line.starts_with("a=fmtp:108 ") => String::new(),
        _ if line.starts_with("a=rtpmap:108 ") => format!("{line}\r\n{H264_PARAMETERS}"),
        _ => format!("{line}\r\n"),
    };
    offer.lines().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_gets_its_fingerprints_and_parameters() {
        let offer = "m=video\r\na=rtpmap:108 H264/90000\r\na=fmtp:108 x=1\r\na=fingerprint:sha-256 AA\r\n";
        let expected =
            format!("m=video\r\na=rtpmap:108 H264/90000\r\n{H264_PARAMETERS}a=fingerprint:sha-256 BB\r\n");
        assert_eq!(as_a_browser(offer, "BB"), expected);
    }
}
