//! A browser as far as the switchboard can tell.

use std::{collections::VecDeque, net::SocketAddr, time::Instant};
use str0m::{
    Candidate, Event, Input, Output, Rtc, RtcConfig,
    change::{SdpAnswer, SdpPendingOffer},
    format::Codec,
    media::{Direction, KeyframeRequestKind, MediaKind, Mid, Simulcast, SimulcastLayer},
    net::{Protocol, Receive},
    rtp::{ExtensionValues, RtpWrite, Ssrc},
};

pub(super) struct Client {
    rtc: Rtc,
    pub address: SocketAddr,
    audio: Mid,
    video: Mid,
    sequence: u64,
    /// What it has received RTP of.
    heard: Vec<Ssrc>,
}

impl Client {
    /// Publishes sound, and a picture in three encodings; has two slots of each.
    pub(super) fn offer(address: SocketAddr, now: Instant) -> (Self, String, SdpPendingOffer) {
        // One format of each kind: most of a run's time is the reading of offers and answers, which have a target of their own.
        let mut config =
            RtcConfig::new().set_rtp_mode(true).clear_codecs().enable_opus(true, false).enable_vp8(true);
        config.codec_config().add_h264(108.into(), Some(109.into()), true, 0x42_e01f);
        let mut rtc = config.build(now);
        rtc.add_local_candidate(Candidate::host(address, Protocol::Udp).expect("an address of a network"));
        let mut layers = Simulcast::new();
        for name in ["q", "h", "f"] {
            layers.add_send_layer(SimulcastLayer::new(name));
        }
        let mut api = rtc.sdp_api();
        let audio = api.add_media(MediaKind::Audio, Direction::SendOnly, None, None, None);
        let video = api.add_media(MediaKind::Video, Direction::SendOnly, None, None, Some(layers));
        for kind in [MediaKind::Audio, MediaKind::Video, MediaKind::Audio, MediaKind::Video] {
            api.add_media(kind, Direction::RecvOnly, None, None, None);
        }
        let (offer, pending) = api.apply().expect("there is something to offer");
        let client = Self { rtc, address, audio, video, sequence: 100, heard: Vec::new() };
        (client, offer.to_sdp_string(), pending)
    }

    pub(super) fn answered(&mut self, pending: SdpPendingOffer, answer: &str) {
        // The input may have changed what is there: an answer that does not fit ends nothing but this client.
        if let Ok(answer) = SdpAnswer::from_sdp_string(answer) {
            let _ = self.rtc.sdp_api().accept_answer(pending, answer);
        }
    }

    /// An offer with new names of the way (RFC 8445 §2.4).
    pub(super) fn restart(&mut self) -> Option<(String, SdpPendingOffer)> {
        let mut api = self.rtc.sdp_api();
        api.ice_restart(true);
        api.apply().map(|(offer, pending)| (offer.to_sdp_string(), pending))
    }

    pub(super) fn receive(&mut self, from: SocketAddr, bytes: &[u8], now: Instant) {
        if let Ok(receive) = Receive::new(Protocol::Udp, from, self.address, bytes) {
            let _ = self.rtc.handle_input(Input::Receive(now, receive));
        }
    }

    pub(super) fn drive(&mut self, now: Instant, out: &mut VecDeque<(SocketAddr, Vec<u8>)>) {
        let _ = self.rtc.handle_input(Input::Timeout(now));
        while self.rtc.is_alive() {
            match self.rtc.poll_output() {
                Ok(Output::Timeout(_)) | Err(_) => break,
                Ok(Output::Transmit(transmit)) => out.push_back((self.address, transmit.contents.to_vec())),
                Ok(Output::Event(Event::RtpPacket(packet))) => {
                    if !self.heard.contains(&packet.header.ssrc) {
                        self.heard.push(packet.header.ssrc);
                    }
                }
                Ok(Output::Event(_)) => {}
            }
        }
    }

    /// Sends a packet: the first byte says of what, the second one how far number and time go on; then the payload.
    pub(super) fn send(&mut self, bytes: &[u8], now: Instant) {
        let [kind, step, payload @ ..] = bytes else { return };
        let names = [None, Some("q"), Some("h"), Some("f")];
        let (mid, codec, name) = match kind & 1 {
            0 => (self.audio, Codec::Opus, None),
            _ if kind & 2 == 0 => (self.video, Codec::H264, names[usize::from(kind >> 2 & 3)]),
            _ => (self.video, Codec::Vp8, names[usize::from(kind >> 2 & 3)]),
        };
        let known = self.rtc.codec_config().params().iter().find(|params| params.spec().codec == codec);
        let Some(payload_type) = known.map(|params| params.pt()) else { return };
        self.sequence += u64::from(*step & 0x3f) + 1;
        let timestamp = (self.sequence as u32).wrapping_mul(3_600) ^ (u32::from(*step & 0x40) << 24);
        let extensions = ExtensionValues {
            audio_level: (kind & 1 == 0).then_some((kind >> 1).cast_signed().saturating_neg()),
            voice_activity: (kind & 1 == 0).then_some(true),
            rid: name.map(Into::into),
            ..ExtensionValues::default()
        };
        let mut api = self.rtc.direct_api();
        let Some(stream) = api.stream_tx_by_mid(mid, name.map(Into::into)) else { return };
        let write = RtpWrite::new(payload_type, self.sequence.into(), timestamp, now, payload);
        stream.write_rtp(write.marker(*step & 0x80 != 0).ext_vals(extensions));
    }

    /// Asks for a key frame of all that it has received.
    pub(super) fn ask_key_frames(&mut self) {
        for ssrc in &self.heard {
            if let Some(stream) = self.rtc.direct_api().stream_rx(ssrc) {
                stream.request_keyframe(KeyframeRequestKind::Pli);
            }
        }
    }
}
