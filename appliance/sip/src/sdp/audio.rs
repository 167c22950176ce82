//! Which sound codec a call uses.

use super::{
    LocalMedia,
    media::{Format, Peer, formats},
};
use sdp_types::Media;
use tabellion_media_protocol::{AudioCodec, LegAudio};

/// Ours first: the best sound that both sides know.
const PREFERENCE: [AudioCodec; 4] = [AudioCodec::Opus, AudioCodec::G722, AudioCodec::Pcma, AudioCodec::Pcmu];

/// Whose order decides among formats.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Order {
    /// We answer: ours.
    Ours,
    /// They answered: the first that they kept.
    Theirs,
}

/// What was chosen among the payload types of an m-line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct AudioChoice {
    pub codec: AudioCodec,
    pub format: Format,
    pub telephone_event: Option<Format>,
}

impl AudioChoice {
    pub(super) fn agreed(&self, peer: &Peer, local: &LocalMedia) -> LegAudio {
        LegAudio {
            local_port: local.audio_port,
            remote: peer.remote,
            codec: self.codec,
            payload_type: self.format.payload_type,
            telephone_event: self.telephone_event.as_ref().map(|event| event.payload_type),
            send: peer.send,
            receive: peer.receive,
        }
    }
}

pub(super) fn choose(media: &Media, order: Order) -> Option<AudioChoice> {
    let formats = formats(media);
    let known: Vec<_> = formats.iter().filter_map(|format| Some((codec(format)?, format))).collect();
    let (codec, format) = match order {
        Order::Ours => {
            PREFERENCE.iter().find_map(|wanted| known.iter().find(|(codec, _)| codec == wanted).copied())
        }
        Order::Theirs => known.first().copied(),
    }?;
    // RFC 4733 §2.1 wants the clock of the sound; equipment that names 8000 beside Opus means it nevertheless.
    let events = || formats.iter().filter(|format| format.name == "TELEPHONE-EVENT");
    let telephone_event =
        events().find(|event| event.clock == format.clock).or_else(|| events().next()).cloned();
    Some(AudioChoice { codec, format: format.clone(), telephone_event })
}

fn codec(format: &Format) -> Option<AudioCodec> {
    match (format.name.as_str(), format.clock) {
        ("OPUS", 48_000) => Some(AudioCodec::Opus),
        ("G722", 8_000) => Some(AudioCodec::G722),
        ("PCMA", 8_000) => Some(AudioCodec::Pcma),
        ("PCMU", 8_000) => Some(AudioCodec::Pcmu),
        _ => None,
    }
}

/// What follows the payload type in `a=rtpmap`.
pub(super) fn rtpmap(codec: AudioCodec) -> &'static str {
    match codec {
        AudioCodec::Opus => "opus/48000/2",
        AudioCodec::G722 => "G722/8000",
        AudioCodec::Pcma => "PCMA/8000",
        AudioCodec::Pcmu => "PCMU/8000",
    }
}
