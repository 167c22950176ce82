//! What the room system offers, and what it needs of the answer (RFC 3264, RFC 8866).

use std::net::{IpAddr, SocketAddr};

/// Payload type of G.711 A-law (RFC 3551).
pub(super) const PCMA: u8 = 8;
/// Payload type of keys (RFC 4733).
pub(super) const EVENTS: u8 = 101;
/// Payload type of H.264, packetization mode 1 (RFC 6184).
pub(super) const H264: u8 = 97;

/// Where the room system receives.
pub(super) struct Offered {
    pub address: IpAddr,
    pub audio: u16,
    pub video: u16,
    /// `profile-level-id` of H.264: which pictures it takes.
    pub level: &'static str,
}

impl Offered {
    /// The offer's text.
    pub(super) fn text(&self, session: u32) -> String {
        let Self { address, audio, video, level } = self;
        let family = if address.is_ipv4() { "IP4" } else { "IP6" };
        let lines = [
            "v=0".to_owned(),
            format!("o=- {session} 1 IN {family} {address}"),
            "s=-".to_owned(),
            format!("c=IN {family} {address}"),
            "t=0 0".to_owned(),
            format!("m=audio {audio} RTP/AVP {PCMA} {EVENTS}"),
            format!("a=rtpmap:{PCMA} PCMA/8000"),
            format!("a=rtpmap:{EVENTS} telephone-event/8000"),
            format!("a=fmtp:{EVENTS} 0-15"),
            "a=ptime:20".to_owned(),
            "a=sendrecv".to_owned(),
            format!("m=video {video} RTP/AVP {H264}"),
            "b=AS:1500".to_owned(),
            format!("a=rtpmap:{H264} H264/90000"),
            format!("a=fmtp:{H264} profile-level-id={level};packetization-mode=1"),
            format!("a=rtcp-fb:{H264} nack pli"),
            format!("a=rtcp-fb:{H264} ccm fir"),
            "a=sendrecv".to_owned(),
        ];
        lines.join("\r\n") + "\r\n"
    }
}

/// Where the box receives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Session {
    pub audio: SocketAddr,
    pub video: SocketAddr,
}

impl Session {
    /// Reads an answer. None where it lacks the sound or the picture that were offered.
    pub(super) fn read(answer: &str) -> Option<Self> {
        let mut parts = answer.split("\r\nm=");
        let session = parts.next()?;
        let (mut audio, mut video) = (None, None);
        for media in parts {
            let mut words = media.split_ascii_whitespace();
            let (kind, port, payload) = (words.next()?, words.next()?.parse().ok()?, words.nth(1)?);
            let address = connection(media).or_else(|| connection(session))?;
            let place = Some(SocketAddr::new(address, port)).filter(|_| port != 0);
            match (kind, payload.parse().ok()?) {
                ("audio", PCMA) => audio = place,
                ("video", H264) => video = place,
                _ => {}
            }
        }
        Some(Self { audio: audio?, video: video? })
    }
}

fn connection(part: &str) -> Option<IpAddr> {
    let line = part.lines().find_map(|line| line.strip_prefix("c=IN "))?;
    line.split_ascii_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = "v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\n\
                          m=audio 20000 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\n\
                          m=video 20002 RTP/AVP 97\r\nc=IN IP4 10.0.0.2\r\na=rtpmap:97 H264/90000\r\n";

    #[test]
    fn an_answer_says_where_sound_and_picture_go() {
        let expected =
            Session { audio: "10.0.0.1:20000".parse().unwrap(), video: "10.0.0.2:20002".parse().unwrap() };
        assert_eq!(Session::read(ANSWER), Some(expected));
    }

    #[test]
    fn an_answer_without_picture_or_with_another_codec_is_none() {
        assert_eq!(Session::read(&ANSWER.replace("video 20002", "video 0")), None);
        assert_eq!(Session::read(&ANSWER.replace("AVP 8 101", "AVP 0")), None);
        assert_eq!(Session::read("nonsense"), None);
    }

    #[test]
    fn our_own_offer_is_one_that_we_could_answer() {
        let offered = Offered { address: "::1".parse().unwrap(), audio: 4, video: 6, level: "42e015" };
        let read = Session::read(&offered.text(1)).unwrap();
        assert!(offered.text(1).contains("profile-level-id=42e015;"));
        assert_eq!((read.audio.port(), read.video.to_string()), (4, "[::1]:6".to_owned()));
    }
}
