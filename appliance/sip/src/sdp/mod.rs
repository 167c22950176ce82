//! Session descriptions: what a peer offers becomes a [`LegConfig`] and our answer (RFC 3264, RFC 8866). Pure.
//!
//! One audio and one video m-line are taken; every other one is refused in its place with port 0. ICE,
//! `rtcp-mux` and BFCP are not answered, so the peer falls back to plain RTP with RTCP on the port above. Host names in
//! `c=` are refused: nothing here looks a name up.

mod audio;
mod h264;
mod media;
mod refusal;
mod video;
mod write;

pub use refusal::SdpRefusal;

use media::Peer;
use sdp_types::{Media, Session};
use std::net::IpAddr;
use tabellion_media_protocol::LegConfig;

/// Most m-lines that are answered. A room system with presentation, BFCP and far-end camera control sends five.
const MOST_MEDIA: usize = 16;

/// Our side of a call's media.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LocalMedia {
    /// Where we receive, and what goes into `c=`.
    pub address: IpAddr,
    /// Our even RTP port for sound.
    pub audio_port: u16,
    /// Our even RTP port for pictures.
    pub video_port: u16,
    /// Largest video rate in kb/s that we send, and that we ask for.
    pub max_kbps: u32,
}

impl LocalMedia {
    /// All of it.
    #[must_use]
    pub fn new(address: IpAddr, audio_port: u16, video_port: u16, max_kbps: u32) -> Self {
        Self { address, audio_port, video_port, max_kbps }
    }
}

/// An offer that was answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Negotiated {
    /// For the media engine.
    pub config: LegConfig,
    /// For the peer. Its `o=` line is a placeholder: the leg numbers what it sends (RFC 3264 §8).
    pub answer: String,
}

/// Answers an offer.
///
/// # Errors
/// [`SdpRefusal`]: the offer cannot be read, or leaves nothing that both sides can do.
pub fn negotiate(offer: &str, local: &LocalMedia) -> Result<Negotiated, SdpRefusal> {
    let session = read(offer)?;
    let mut config = LegConfig { local_address: local.address, audio: None, video: None };
    let mut answered = Vec::with_capacity(session.medias.len());
    let mut encrypted = false;
    for media in &session.medias {
        encrypted |= media::is_encrypted(media);
        answered.push(answer_media(&session, media, local, &mut config));
    }
    if config.audio.is_none() && config.video.is_none() {
        return Err(if encrypted { SdpRefusal::Encrypted } else { SdpRefusal::NothingInCommon });
    }
    Ok(Negotiated { config, answer: write::session(local, answered) })
}

/// Answers one m-line, and notes what was agreed.
fn answer_media(session: &Session, media: &Media, local: &LocalMedia, config: &mut LegConfig) -> Media {
    let Some(peer) = Peer::read(session, media) else { return write::refused(media) };
    let wanted = match media.media.as_str() {
        "audio" => config.audio.is_none(),
        "video" => config.video.is_none() && !media::is_presentation(media),
        _ => false,
    };
    if wanted && media.media == "audio" {
        if let Some(choice) = audio::choose(media, audio::Order::Ours) {
            config.audio = Some(choice.agreed(&peer, local));
            return write::audio(media, &choice, &peer, local);
        }
    } else if wanted && let Some(choice) = video::choose(session, media, video::Order::Ours) {
        config.video = Some(choice.agreed(&peer, local));
        return write::video(media, &choice, &peer, local);
    }
    write::refused(media)
}

/// What we offer when it is our turn: a late offer (RFC 3261 §13.2.1), or a call that we make.
#[must_use]
pub fn offer(local: &LocalMedia) -> String {
    write::session(local, vec![write::offered_audio(local), write::offered_video(local)])
}

/// Reads the answer to [`offer`].
///
/// # Errors
/// [`SdpRefusal`]: the answer cannot be read, does not fit the offer, or refuses everything.
pub fn accept_answer(offer: &str, answer: &str, local: &LocalMedia) -> Result<LegConfig, SdpRefusal> {
    let (offered, session) = (read(offer)?, read(answer)?);
    if offered.medias.len() != session.medias.len() {
        return Err(SdpRefusal::Malformed(
            "the answer has another number of m-lines than the offer".to_owned(),
        ));
    }
    let mut config = LegConfig { local_address: local.address, audio: None, video: None };
    for (ours, media) in offered.medias.iter().zip(&session.medias) {
        if ours.media != media.media {
            return Err(SdpRefusal::Malformed("the answer's m-lines are in another order".to_owned()));
        }
        let Some(peer) = Peer::read(&session, media) else { continue };
        match media.media.as_str() {
            "audio" => {
                config.audio =
                    audio::choose(media, audio::Order::Theirs).map(|found| found.agreed(&peer, local));
            }
            "video" => {
                config.video = video::choose(&session, media, video::Order::Theirs)
                    .map(|found| found.agreed(&peer, local));
            }
            _ => {}
        }
    }
    if config.audio.is_none() && config.video.is_none() {
        Err(SdpRefusal::NothingInCommon)
    } else {
        Ok(config)
    }
}

fn read(sdp: &str) -> Result<Session, SdpRefusal> {
    let session = Session::parse(sdp.as_bytes()).map_err(|error| SdpRefusal::Malformed(error.to_string()))?;
    if session.medias.is_empty() {
        return Err(SdpRefusal::Malformed("there is no m-line".to_owned()));
    }
    if session.medias.len() > MOST_MEDIA {
        return Err(SdpRefusal::Malformed(format!("there are more than {MOST_MEDIA} m-lines")));
    }
    Ok(session)
}

#[cfg(test)]
mod mutations;
#[cfg(test)]
mod tests;
