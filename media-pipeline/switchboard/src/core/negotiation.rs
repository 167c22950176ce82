//! What is agreed with a browser: codecs, header extensions, its first rate.

use super::{dtls, packet::Format};
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
const START_KBPS: u64 = 1_500;

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
        .set_crypto_provider(dtls::provider())
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

/// Chromium reads its first rate from the answer's format parameters, and looks at once whether its line carries six times that. Whoever
/// wants to get no more than the limit, bit/s, sends no more either.
pub(super) fn with_start_rate(answer: &str, limit: Option<u64>) -> String {
    let kbps = limit.map_or(START_KBPS, |limit| (limit / 1_000).min(START_KBPS));
    let line = |line: &str| {
        if line.starts_with("a=fmtp:") && line.contains("profile-level-id") {
            format!("{line};x-google-start-bitrate={kbps}\r\n")
        } else {
            format!("{line}\r\n")
        }
    };
    answer.lines().map(line).collect()
}

/// An answer without the formats that its offer does not name. str0m names those of a line's first offer each time, and a browser
/// would go on sending one that it has taken out of its offer.
pub(super) fn only_offered(answer: &str, offer: &str) -> String {
    let mut lines_offered = offer.lines().filter(|line| line.starts_with("m=")).map(formats);
    let mut offered = Vec::new();
    let mut kept = String::new();
    for line in answer.lines() {
        if line.starts_with("m=") {
            offered = lines_offered.next().unwrap_or_default();
            let left: Vec<_> = formats(line).into_iter().filter(|format| offered.contains(format)).collect();
            // A line that was refused names what it likes.
            if !left.is_empty() {
                let head: Vec<_> = line.split(' ').take(NOT_FORMATS).chain(left).collect();
                kept += &format!("{}\r\n", head.join(" "));
                continue;
            }
        }
        let attribute =
            ["a=rtpmap:", "a=fmtp:", "a=rtcp-fb:"].iter().find_map(|name| line.strip_prefix(name));
        let about = attribute.and_then(|rest| rest.split(' ').next());
        if about.is_none_or(|format| format == "*" || offered.contains(&format)) {
            kept += &format!("{line}\r\n");
        }
    }
    kept
}

/// What stands before the formats in a media line: kind, port, protocol (RFC 8866 §5.14).
const NOT_FORMATS: usize = 3;

fn formats(media_line: &str) -> Vec<&str> {
    media_line.split(' ').skip(NOT_FORMATS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_offer_has_no_more_is_not_in_its_answer() {
        let offer = "v=0\r\nm=audio 9 RTP 111\r\nm=video 9 RTP 96 97\r\na=rtpmap:96 VP8/90000\r\nm=video 9 RTP 102\r\n";
        let answer = "v=0\r\nm=audio 9 RTP 111\r\na=rtpmap:111 opus/48000/2\r\nm=video 9 RTP 102 96 97\r\n\
                      a=rtpmap:102 H264/90000\r\na=fmtp:102 x=1\r\na=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack\r\n\
                      a=rtcp-fb:102 nack\r\na=fmtp:97 apt=96\r\na=mid:1\r\nm=video 0 RTP 0\r\na=mid:2\r\n";
        let kept = "v=0\r\nm=audio 9 RTP 111\r\na=rtpmap:111 opus/48000/2\r\nm=video 9 RTP 96 97\r\n\
                    a=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack\r\na=fmtp:97 apt=96\r\na=mid:1\r\n\
                    m=video 0 RTP 0\r\na=mid:2\r\n";
        assert_eq!(only_offered(answer, offer), kept);
    }
}
