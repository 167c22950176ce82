//! Session descriptions that we send.

use super::{
    LocalMedia,
    audio::{self, AudioChoice},
    media::Peer,
    video::VideoChoice,
};
use sdp_types::{
    Attribute, Bandwidth, BandwidthType, Connection, Media, MediaType, Origin, Session, Time, TransportProto,
};
use tabellion_media_protocol::{AudioCodec, PacketizationMode};

/// Sessions number and version; the leg puts its own in place (RFC 3264 §5, §8).
const PLACEHOLDER: (&str, u64) = ("1", 1);
/// Payload types of our own offers.
const OFFERED_OPUS: u8 = 96;
const OFFERED_H264_MODE_1: u8 = 97;
const OFFERED_H264_MODE_0: u8 = 98;
const OFFERED_EVENTS: u8 = 101;
/// Constrained baseline, level 3.1.
const OFFERED_PROFILE: &str = "42e01f";
/// Opus for speech: forward error correction on, one channel is enough (RFC 7587 §6.1).
const OPUS_PARAMETERS: &str = "useinbandfec=1";

pub(super) fn session(local: &LocalMedia, medias: Vec<Media>) -> String {
    let (id, version) = PLACEHOLDER;
    let mut origin = Origin::with_ip_addr(id, version, local.address);
    origin.username = Some("tabellion".to_owned());
    let mut session = Session::new(origin, "-");
    session.set_connection(Connection::from_ip_addr(local.address));
    session.add_time(Time::new(0, 0));
    session.add_medias(medias);
    let mut bytes = Vec::new();
    session.write(&mut bytes).expect("writing to memory does not fail");
    String::from_utf8(bytes).expect("a session made of text is written as text")
}

/// Refuses an m-line in its place (RFC 3264 §6).
pub(super) fn refused(offered: &Media) -> Media {
    let mut media = answer_to(offered, 0, offered.fmt.clone());
    if offered.fmt.is_empty() {
        // The grammar wants one format, even here.
        media.fmt = "0".to_owned();
    }
    media
}

fn answer_to(offered: &Media, port: u16, fmt: String) -> Media {
    let mut media = Media::new(MediaType::Audio, port, TransportProto::RtpAvp, fmt);
    media.media.clone_from(&offered.media);
    media.proto.clone_from(&offered.proto);
    media
}

fn put(media: &mut Media, name: &str, value: impl std::fmt::Display) {
    media.add_attribute(Attribute::with_value(name, value));
}

pub(super) fn audio(offered: &Media, choice: &AudioChoice, peer: &Peer, local: &LocalMedia) -> Media {
    let payload_type = choice.format.payload_type;
    let events = choice.telephone_event.as_ref();
    let fmt = match events {
        Some(events) => format!("{payload_type} {}", events.payload_type),
        None => payload_type.to_string(),
    };
    let mut media = answer_to(offered, local.audio_port, fmt);
    put(&mut media, "rtpmap", format_args!("{payload_type} {}", audio::rtpmap(choice.codec)));
    if choice.codec == AudioCodec::Opus {
        put(&mut media, "fmtp", format_args!("{payload_type} {OPUS_PARAMETERS}"));
    }
    if let Some(events) = events {
        put(&mut media, "rtpmap", format_args!("{} telephone-event/{}", events.payload_type, events.clock));
        put(&mut media, "fmtp", format_args!("{} 0-15", events.payload_type));
    }
    put(&mut media, "ptime", 20);
    media.add_attribute_from_str(peer.our_direction());
    media
}

pub(super) fn video(offered: &Media, choice: &VideoChoice, peer: &Peer, local: &LocalMedia) -> Media {
    let payload_type = choice.format.payload_type;
    let mut media = answer_to(offered, local.video_port, payload_type.to_string());
    media.add_bandwidth(Bandwidth::new(BandwidthType::As, local.max_kbps.into()));
    let profile = choice.h264.answered_profile_level();
    h264(&mut media, payload_type, &profile, choice.h264.mode);
    if choice.nack_pli {
        put(&mut media, "rtcp-fb", format_args!("{payload_type} nack pli"));
    }
    if choice.ccm_fir {
        put(&mut media, "rtcp-fb", format_args!("{payload_type} ccm fir"));
    }
    media.add_attribute_from_str(peer.our_direction());
    media
}

fn h264(media: &mut Media, payload_type: u8, profile: &str, mode: PacketizationMode) {
    let mode = match mode {
        PacketizationMode::SingleNal => 0,
        PacketizationMode::NonInterleaved => 1,
    };
    put(media, "rtpmap", format_args!("{payload_type} H264/90000"));
    put(media, "fmtp", format_args!("{payload_type} profile-level-id={profile};packetization-mode={mode}"));
}

pub(super) fn offered_audio(local: &LocalMedia) -> Media {
    let fmt = format!("{OFFERED_OPUS} 9 8 0 {OFFERED_EVENTS}");
    let mut media = Media::new(MediaType::Audio, local.audio_port, TransportProto::RtpAvp, fmt);
    let codecs = [
        (OFFERED_OPUS, AudioCodec::Opus),
        (9, AudioCodec::G722),
        (8, AudioCodec::Pcma),
        (0, AudioCodec::Pcmu),
    ];
    for (payload_type, codec) in codecs {
        put(&mut media, "rtpmap", format_args!("{payload_type} {}", audio::rtpmap(codec)));
    }
    put(&mut media, "fmtp", format_args!("{OFFERED_OPUS} {OPUS_PARAMETERS}"));
    put(&mut media, "rtpmap", format_args!("{OFFERED_EVENTS} telephone-event/8000"));
    put(&mut media, "fmtp", format_args!("{OFFERED_EVENTS} 0-15"));
    put(&mut media, "ptime", 20);
    media.add_attribute_from_str("sendrecv");
    media
}

pub(super) fn offered_video(local: &LocalMedia) -> Media {
    let fmt = format!("{OFFERED_H264_MODE_1} {OFFERED_H264_MODE_0}");
    let mut media = Media::new(MediaType::Video, local.video_port, TransportProto::RtpAvp, fmt);
    media.add_bandwidth(Bandwidth::new(BandwidthType::As, local.max_kbps.into()));
    h264(&mut media, OFFERED_H264_MODE_1, OFFERED_PROFILE, PacketizationMode::NonInterleaved);
    h264(&mut media, OFFERED_H264_MODE_0, OFFERED_PROFILE, PacketizationMode::SingleNal);
    put(&mut media, "rtcp-fb", "* nack pli");
    put(&mut media, "rtcp-fb", "* ccm fir");
    media.add_attribute_from_str("sendrecv");
    media
}
