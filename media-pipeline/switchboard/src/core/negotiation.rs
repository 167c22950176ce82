//! What is agreed with a browser: codecs, header extensions, its first rate.

use super::packet::Format;
use std::panic::{AssertUnwindSafe, catch_unwind};
use str0m::{
    RtcConfig,
    bwe::Bitrate,
    format::{Codec, PayloadParams},
    media::Pt,
    rtp::{Extension, ExtensionMap},
};
use tabellion_media_protocol::{VideoCodec, control::MediaError};

/// Start of a sender's rate, kb/s. Without it Chromium begins at 300 kb/s, a picture 320 pixels wide.
const START_KBPS: u32 = 1_500;

/// What a line is taken for before it is known, bit/s: one whole picture. The first probes take half a second.
pub(super) const FIRST_ESTIMATE: u64 = 2_500_000;

/// What a browser calls sound that carries the piece before (RED), and the sound in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct RedTypes {
    pub red: Pt,
    pub sound: Pt,
}

pub(super) fn red_types(offered: &[Pt], params: &[PayloadParams]) -> Option<RedTypes> {
    params.iter().filter(|params| format_of(params) == Some(Format::Opus)).find_map(|params| {
        let red = params.red().filter(|_| offered.contains(&params.pt()))?;
        Some(RedTypes { red, sound: params.pt() })
    })
}

/// The payload type that a browser named for each format, among those that it offered. For H.264, mode 1 and constrained baseline
/// first: what Chromium publishes, and what its decoder takes in any case.
pub(super) fn payload_types(offered: &[Pt], params: &[PayloadParams]) -> impl Iterator<Item = (Format, Pt)> {
    let mut named: Vec<_> = params
        .iter()
        .filter(|params| offered.contains(&params.pt()))
        .filter_map(|params| Some((format_of(params)?, params)))
        .collect();
    named.sort_by_key(|(format, params)| (*format, h264_rank(params)));
    named.dedup_by_key(|(format, _)| *format);
    named.into_iter().map(|(format, params)| (format, params.pt()))
}

/// What a browser can send of what it offered, H.264 first.
pub(super) fn codecs(offered: &[Pt], params: &[PayloadParams]) -> Vec<VideoCodec> {
    let formats = payload_types(offered, params).map(|(format, _)| format);
    formats.filter_map(|format| if let Format::Video(codec) = format { Some(codec) } else { None }).collect()
}

/// Lowest first: what every browser's decoder takes.
fn h264_rank(params: &PayloadParams) -> u8 {
    let format = params.spec().format;
    let mode_1 = format.packetization_mode == Some(1);
    let constrained_baseline = format.profile_level_id.is_some_and(|id| id >> 8 == 0x42e0);
    u8::from(!mode_1) * 2 + u8::from(!constrained_baseline)
}

/// None for retransmission and what we do not forward.
pub(super) fn format_of(params: &PayloadParams) -> Option<Format> {
    match params.spec().codec {
        Codec::Opus => Some(Format::Opus),
        Codec::H264 => Some(Format::Video(VideoCodec::H264)),
        Codec::Vp8 => Some(Format::Video(VideoCodec::Vp8)),
        _ => None,
    }
}

pub(super) fn config() -> RtcConfig {
    RtcConfig::new()
        .set_rtp_mode(true)
        .set_ice_lite(true)
        .clear_codecs()
        .enable_opus(true, true)
        .enable_h264(true)
        .enable_vp8(true)
        // A browser that may not say how its picture is turned turns it itself: studios do not read this extension.
        .set_extension_map(extensions())
        .enable_bwe(Some(Bitrate::bps(FIRST_ESTIMATE)))
        // Forward at once; whoever shows the picture has a jitter buffer.
        .set_reordering_size_audio(0)
        .set_reordering_size_video(0)
}

fn extensions() -> ExtensionMap {
    let mut extensions = ExtensionMap::empty();
    extensions.set(1, Extension::AudioLevel);
    extensions.set(2, Extension::AbsoluteSendTime);
    extensions.set(3, Extension::TransportSequenceNumber);
    extensions.set(4, Extension::RtpMid);
    extensions.set(10, Extension::RtpStreamId);
    extensions.set(11, Extension::RepairedRtpStreamId);
    extensions
}

/// Of an offer that str0m takes for impossible.
pub(super) const CONTRADICTORY: &str = "it contradicts itself: one payload type stands for two formats";

/// str0m asserts that a payload type stands for one format, and that there are some left; an offer may say otherwise. It comes from
/// a stranger, and everybody's media are in this thread: a panic there is an answer, and what it leaves behind is not used again.
pub(super) fn unless_it_panics<T>(negotiate: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(negotiate)).ok()
}

pub(super) fn bad_offer(error: impl std::fmt::Display) -> MediaError {
    MediaError::BadOffer { reason: error.to_string() }
}

/// Chromium reads its first rate from the answer's format parameters.
pub(super) fn with_start_rate(answer: &str) -> String {
    let line = |line: &str| {
        if line.starts_with("a=fmtp:") && line.contains("profile-level-id") {
            format!("{line};x-google-start-bitrate={START_KBPS}\r\n")
        } else {
            format!("{line}\r\n")
        }
    };
    answer.lines().map(line).collect()
}
