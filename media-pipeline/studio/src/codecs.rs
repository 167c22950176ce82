//! GStreamer's elements, as parts of pipeline descriptions. Software works with one thread an element: what is mixed is small, and a
//! box has more rooms than cores. H.264 may be a device's matter ([`crate::hardware`]).

use gstreamer as gst;
use gstreamer::prelude::StaticType;
use tabellion_h264::{Candidate, Family, encoded_caps, encoder_settings};
use tabellion_media_protocol::{
    AudioCodec, PacketizationMode, VideoCodec,
    studio::{H264, OPUS, VP8},
};

/// Largest RTP packet towards anybody, in bytes: fits through a VPN.
const MTU: u32 = 1_200;
/// Largest slice where each must fit in a packet by itself (RFC 6184 mode 0), in bytes.
const SLICE: u32 = MTU - 40;
/// Most frames between key frames. A peer that cannot ask for one waits no longer than this: 10 s.
const KEY_FRAME_INTERVAL: u32 = 250;
/// Of a picture that is encoded as VP8 for browsers, bit/s.
const VP8_RATE: u32 = 800_000;

/// Elements that pipelines here are made of, with the Debian package of each.
const ELEMENTS: [(&str, &str); 33] = [
    ("appsrc", BASE),
    ("appsink", BASE),
    ("audioconvert", BASE),
    ("audioresample", BASE),
    ("videoconvert", BASE),
    ("videoscale", BASE),
    ("capsfilter", "libgstreamer1.0-0"),
    ("opusenc", BASE),
    ("opusdec", BASE),
    ("rtpjitterbuffer", GOOD),
    ("rtph264depay", GOOD),
    ("rtph264pay", GOOD),
    ("rtpvp8depay", GOOD),
    ("vp8dec", GOOD),
    ("vp8enc", GOOD),
    ("rtpvp8pay", GOOD),
    ("rtpopusdepay", GOOD),
    ("rtpopuspay", GOOD),
    ("rtppcmadepay", GOOD),
    ("rtppcmapay", GOOD),
    ("rtppcmudepay", GOOD),
    ("rtppcmupay", GOOD),
    ("rtpg722depay", GOOD),
    ("rtpg722pay", GOOD),
    ("alawdec", GOOD),
    ("alawenc", GOOD),
    ("mulawdec", GOOD),
    ("mulawenc", GOOD),
    ("h264parse", "gstreamer1.0-plugins-bad"),
    ("avdec_h264", LIBAV),
    ("avdec_g722", LIBAV),
    ("avenc_g722", LIBAV),
    ("x264enc", "gstreamer1.0-plugins-ugly"),
];
const BASE: &str = "gstreamer1.0-plugins-base";
const GOOD: &str = "gstreamer1.0-plugins-good";
const LIBAV: &str = "gstreamer1.0-libav";

/// An element is not installed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the GStreamer element {element} is missing: install the Debian package {package}")]
pub struct MissingElement {
    /// Which.
    pub element: &'static str,
    /// What has it.
    pub package: &'static str,
}

/// Looks for everything that any pipeline needs, so that a fault of the installation shows at the start.
///
/// # Errors
/// The first element that is missing.
pub fn check() -> Result<(), MissingElement> {
    let registry = gst::Registry::get();
    for (element, package) in ELEMENTS {
        if registry.find_feature(element, gst::ElementFactory::static_type()).is_none() {
            return Err(MissingElement { element, package });
        }
    }
    Ok(())
}

/// The codec of a packet from the switchboard.
#[must_use]
pub fn of_payload_type(payload_type: u8) -> Option<VideoCodec> {
    match payload_type {
        H264 => Some(VideoCodec::H264),
        VP8 => Some(VideoCodec::Vp8),
        _ => None,
    }
}

/// Ticks a second of a codec's RTP timestamps.
#[must_use]
pub fn clock_rate(codec: AudioCodec) -> u32 {
    match codec {
        // G.722's is 8 kHz by an old mistake that everybody keeps to (RFC 3551 §4.5.2).
        AudioCodec::Pcma | AudioCodec::Pcmu | AudioCodec::G722 => 8_000,
        AudioCodec::Opus => 48_000,
    }
}

/// Caps of RTP sound.
#[must_use]
pub fn audio_rtp(codec: AudioCodec, payload_type: u8) -> String {
    let name = match codec {
        AudioCodec::Pcma => "PCMA",
        AudioCodec::Pcmu => "PCMU",
        AudioCodec::G722 => "G722",
        AudioCodec::Opus => "OPUS",
    };
    let rate = clock_rate(codec);
    format!("application/x-rtp,media=audio,clock-rate={rate},encoding-name={name},payload={payload_type}")
}

/// Caps of RTP pictures.
#[must_use]
pub fn video_rtp(codec: VideoCodec, payload_type: u8) -> String {
    let name = match codec {
        VideoCodec::H264 => "H264",
        VideoCodec::Vp8 => "VP8",
    };
    format!("application/x-rtp,media=video,clock-rate=90000,encoding-name={name},payload={payload_type}")
}

/// RTP to raw sound.
#[must_use]
pub fn audio_decoder(codec: AudioCodec) -> &'static str {
    match codec {
        AudioCodec::Pcma => "rtppcmadepay ! alawdec",
        AudioCodec::Pcmu => "rtppcmudepay ! mulawdec",
        AudioCodec::G722 => "rtpg722depay ! avdec_g722",
        AudioCodec::Opus => "rtpopusdepay ! opusdec plc=true",
    }
}

/// Raw sound to RTP, 20 ms a packet.
#[must_use]
pub fn audio_encoder(codec: AudioCodec, payload_type: u8, ssrc: u32) -> String {
    let (encoder, payloader) = match codec {
        AudioCodec::Pcma => ("alawenc", "rtppcmapay"),
        AudioCodec::Pcmu => ("mulawenc", "rtppcmupay"),
        AudioCodec::G722 => ("avenc_g722", "rtpg722pay"),
        AudioCodec::Opus => {
            return format!(
                "opusenc frame-size=20 bitrate=40000 audio-type=voice inband-fec=true packet-loss-percentage=3 \
                 ! rtpopuspay pt={payload_type} ssrc={ssrc} mtu={MTU}"
            );
        }
    };
    format!(
        "{encoder} ! {payloader} pt={payload_type} ssrc={ssrc} mtu={MTU} min-ptime=20000000 max-ptime=20000000"
    )
}

/// Sound for the switchboard.
#[must_use]
pub fn track_encoder(ssrc: u32) -> String {
    audio_encoder(AudioCodec::Opus, OPUS, ssrc)
}

/// RTP to raw pictures, H.264 by this element. The depayloader asks upstream for a key frame where packets are missing.
#[must_use]
pub fn video_decoder(codec: VideoCodec, h264: &Candidate) -> String {
    match codec {
        VideoCodec::H264 => {
            let settings = match h264.family {
                Family::Libav => "max-threads=1 output-corrupt=false",
                _ => "",
            };
            let decoder = &h264.name;
            format!(
                "rtph264depay request-keyframe=true wait-for-keyframe=true ! h264parse ! {decoder} {settings}"
            )
        }
        VideoCodec::Vp8 => {
            "rtpvp8depay request-keyframe=true wait-for-keyframe=true ! vp8dec threads=1".to_owned()
        }
    }
}

/// Raw pictures of any kind to those that are composed, out of a device's memory and format.
pub const AS_COMPOSED: &str = "videoconvert ! video/x-raw,format=I420,colorimetry=bt709";

/// Caps of pictures that were composed, of this width and height.
#[must_use]
pub fn raw_video(width: u32, height: u32) -> String {
    format!(
        "video/x-raw,format=I420,width={width},height={height},framerate=25/1,colorimetry=bt709,\
         pixel-aspect-ratio=1/1,interlace-mode=progressive"
    )
}

/// A leg's H.264, packetized anew for the switchboard without being decoded.
#[must_use]
pub fn video_forwarder(ssrc: u32) -> String {
    format!(
        "rtph264depay request-keyframe=true ! h264parse config-interval=-1 \
         ! rtph264pay pt={H264} ssrc={ssrc} mtu={MTU} aggregate-mode=zero-latency config-interval=-1"
    )
}

/// Raw pictures to VP8 of this size for the switchboard. The encoder is named `encoder`.
#[must_use]
pub fn vp8_encoder((width, height): (u32, u32), ssrc: u32) -> String {
    format!(
        "videoscale ! video/x-raw,width={width},height={height} \
         ! vp8enc name=encoder deadline=1 cpu-used=8 threads=1 end-usage=cbr target-bitrate={VP8_RATE} \
         keyframe-max-dist={KEY_FRAME_INTERVAL} \
         ! rtpvp8pay pt={VP8} ssrc={ssrc} mtu={MTU} picture-id-mode=15-bit"
    )
}

/// What a peer's screen is sent as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VideoEncoding {
    /// Which units the peer takes.
    pub packetization: PacketizationMode,
    /// In kb/s, with RTP's own part.
    pub kbps: u32,
    /// Height of the pictures.
    pub rows: u32,
    /// Of the RTP packets.
    pub ssrc: u32,
}

/// Raw pictures to RTP by this element, under [`H264`]: who watches has its own number for it. The encoder is named `encoder`.
#[must_use]
pub fn video_encoder(element: &Candidate, encoding: &VideoEncoding) -> String {
    let VideoEncoding { packetization, kbps, rows, ssrc } = encoding;
    // RTP, UDP and IP headers take a twentieth.
    let bitrate = (kbps * 19 / 20).max(64);
    let settings: String = encoder_settings(element.family, bitrate, KEY_FRAME_INTERVAL)
        .iter()
        .map(|(name, value)| format!("{name}=\"{value}\" "))
        .collect();
    let (slices, aggregate) = match packetization {
        PacketizationMode::SingleNal => (format!("option-string=slice-max-size={SLICE}"), "none"),
        PacketizationMode::NonInterleaved => (String::new(), "zero-latency"),
    };
    // Most devices want NV12, which costs a copy.
    let convert = if element.family.is_hardware() { "videoconvert ! " } else { "" };
    let (name, caps) = (&element.name, encoded_caps(element.family, level(*rows)));
    format!(
        "{convert}{name} name=encoder {settings}{slices} ! {caps} \
         ! rtph264pay pt={H264} ssrc={ssrc} mtu={MTU} aggregate-mode={aggregate} config-interval=-1"
    )
}

/// The least level, in tenths, of 16:9 pictures of this height at 25 a second (H.264 table A-1).
fn level(rows: u32) -> u8 {
    match rows {
        0..=288 => 13,
        289..=360 => 30,
        _ => 31,
    }
}
