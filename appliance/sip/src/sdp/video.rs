//! Which H.264 format a call's picture uses.

pub(super) use super::audio::Order;
use super::{
    LocalMedia,
    h264::H264,
    media::{Format, Peer, formats},
};
use sdp_types::{Media, Session};
use std::cmp::Reverse;
use tabellion_media_protocol::{LegVideo, PacketizationMode};

/// No picture is sent below this, whatever the peer asks for, in kb/s: it would not be recognisable.
const LEAST_KBPS: u32 = 64;
/// Taken off a rate that the peer gives for the whole call, in kb/s: the sound's share.
const AUDIO_KBPS: u32 = 64;

/// What was chosen among the payload types of an m-line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct VideoChoice {
    pub format: Format,
    pub h264: H264,
    pub nack_pli: bool,
    pub ccm_fir: bool,
    peer_kbps: Option<u32>,
}

impl VideoChoice {
    pub(super) fn agreed(&self, peer: &Peer, local: &LocalMedia) -> LegVideo {
        let (max_width, max_height) = self.h264.max_size();
        let asked = self.peer_kbps.unwrap_or(u32::MAX).min(self.h264.max_kbps());
        LegVideo {
            local_port: local.video_port,
            remote: peer.remote,
            payload_type: self.format.payload_type,
            packetization: self.h264.mode,
            max_width,
            max_height,
            max_kbps: local.max_kbps.min(asked).max(LEAST_KBPS),
            rtcp_feedback: self.nack_pli || self.ccm_fir,
            send: peer.send,
            receive: peer.receive,
        }
    }
}

/// Mode 1 before mode 0, baseline before others, then the highest level, then the order of the m-line.
pub(super) fn choose(session: &Session, media: &Media, order: Order) -> Option<VideoChoice> {
    let known = || {
        let h264 =
            formats(media).into_iter().filter(|format| format.name == "H264" && format.clock == 90_000);
        h264.filter_map(|format| Some((H264::read(&format)?, format)))
    };
    let (h264, format) = match order {
        Order::Theirs => known().next(),
        Order::Ours => known().min_by_key(|(h264, _)| {
            let mode_1 = h264.mode == PacketizationMode::NonInterleaved;
            (Reverse(mode_1), Reverse(h264.is_baseline()), Reverse(h264.profile_level[2]))
        }),
    }?;
    let nack_pli = takes_feedback(media, format.payload_type, "nack pli");
    let ccm_fir = takes_feedback(media, format.payload_type, "ccm fir");
    Some(VideoChoice { format, h264, nack_pli, ccm_fir, peer_kbps: asked_rate(session, media) })
}

/// `a=rtcp-fb` for this payload type or for all (RFC 4585 §4.2).
fn takes_feedback(media: &Media, payload_type: u8, kind: &str) -> bool {
    media.get_attribute_values("rtcp-fb").flatten().any(|value| {
        let Some((number, rest)) = value.trim().split_once(' ') else { return false };
        (number == "*" || number.parse() == Ok(payload_type))
            && rest.split_ascii_whitespace().eq(kind.split_ascii_whitespace())
    })
}

/// The peer's `b=` in kb/s: the m-line's own, or the whole call's less the sound (RFC 8866 §5.8, RFC 3890).
fn asked_rate(session: &Session, media: &Media) -> Option<u32> {
    let lowest = |bandwidths: &[sdp_types::Bandwidth]| {
        let kbps = |line: &sdp_types::Bandwidth| match line.bwtype.as_str() {
            "TIAS" => Some(line.bandwidth / 1000),
            "AS" | "CT" => Some(line.bandwidth),
            _ => None,
        };
        // Zero means «as little as you like» with some, «no limit» with others: it limits nothing.
        bandwidths.iter().filter_map(kbps).filter(|rate| *rate > 0).min()
    };
    let rate = lowest(&media.bandwidths)
        .or_else(|| lowest(&session.bandwidths).map(|rate| rate.saturating_sub(AUDIO_KBPS.into()).max(1)));
    rate.map(|rate| u32::try_from(rate).unwrap_or(u32::MAX))
}
