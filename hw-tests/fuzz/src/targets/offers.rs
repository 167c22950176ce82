//! A browser's SDP offer, as a page sends it, and a further one on the same transport.

use crate::Target;
use std::{net::SocketAddr, sync::Once};
use tabellion_media::core::Switchboard;
use tabellion_media_protocol::{
    RoomId, SeatId,
    control::{Answer, FromMedia, Publish, Request, ToMedia},
};

pub(crate) const TARGET: Target = Target { name: "offers", run, seeds, words: WORDS, costs: 3000 };

fn run(input: &[u8]) {
    static CRYPTO: Once = Once::new();
    CRYPTO.call_once(|| str0m::crypto::from_feature_flags().install_process_default());
    let Ok(text) = std::str::from_utf8(input) else { return };
    // A further offer behind a line that SDP does not have.
    let (first, further) = text.split_once("\n---\n").unwrap_or((text, text));
    let now = crate::origin();
    let here = SocketAddr::from(([10, 77, 0, 1], 7000));
    let mut core = Switchboard::new("fuzz".to_owned(), vec![here], now);
    let slides = vec!["1".to_owned(), "a".to_owned()];
    let (room, seat) = (RoomId(1), SeatId(1));
    let join = Request::JoinBrowser {
        room,
        seat,
        name: "Bob".to_owned(),
        offer: first.to_owned(),
        slides: slides.clone(),
        publish: Publish::ALL,
        muted: false,
        limit_kbps: None,
    };
    let again = Request::RenegotiateBrowser { seat, offer: further.to_owned(), slides };
    for (id, request) in [(1, join), (2, again), (3, Request::Leave { seat })] {
        core.request(ToMedia { id, request }, now);
        core.advance(now);
        assert!(core.transmit().is_none(), "nobody has shown yet that he is there");
        while let Some(message) = core.say() {
            if let FromMedia::Answer { result: Ok(Answer::Sdp { answer }), .. } = message {
                assert!(answer.starts_with("v=0\r\n"), "{answer}");
            }
        }
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let restarted = CHROMIUM.replace("a=ice-ufrag:4ZcD", "a=ice-ufrag:5YdE");
    let both = format!("{CHROMIUM}\n---\n{restarted}");
    [CHROMIUM, FIREFOX, &both].map(|offer| offer.as_bytes().to_vec()).to_vec()
}

/// What Chromium 156 offers, shortened: a microphone, a camera in three encodings, and a slot.
pub(crate) const CHROMIUM: &str = "v=0\r\no=- 7614219274584779017 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1 2\r\n\
a=extmap-allow-mixed\r\na=msid-semantic: WMS\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111 0\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\n\
a=ice-ufrag:4ZcD\r\na=ice-pwd:2/1muCWoOi3uLifh0NuRHlIE\r\na=ice-options:trickle\r\n\
a=fingerprint:sha-256 75:74:5A:A6:A4:E5:52:F4:A7:67:4C:01:C7:EE:91:3F:21:3D:A2:E3:53:7B:6F:30:86:F2:30:AA:65:FB:04:24\r\n\
a=setup:actpass\r\na=mid:0\r\na=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\na=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n\
a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\na=sendonly\r\na=msid:- 17d9b0ab\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n\
a=rtcp-fb:111 transport-cc\r\na=fmtp:111 minptime=10;useinbandfec=1\r\na=rtpmap:0 PCMU/8000\r\na=ssrc:3570614608 cname:4TOk42mSjXCkVIa6\r\n\
m=video 9 UDP/TLS/RTP/SAVPF 96 97 103 104\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:4ZcD\r\na=ice-pwd:2/1muCWoOi3uLifh0NuRHlIE\r\n\
a=fingerprint:sha-256 75:74:5A:A6:A4:E5:52:F4:A7:67:4C:01:C7:EE:91:3F:21:3D:A2:E3:53:7B:6F:30:86:F2:30:AA:65:FB:04:24\r\n\
a=setup:actpass\r\na=mid:1\r\na=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\na=extmap:11 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id\r\n\
a=sendonly\r\na=rtcp-mux\r\na=rtcp-rsize\r\na=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 goog-remb\r\na=rtcp-fb:96 ccm fir\r\na=rtcp-fb:96 nack\r\na=rtcp-fb:96 nack pli\r\n\
a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\na=rtpmap:103 H264/90000\r\na=rtcp-fb:103 nack pli\r\n\
a=fmtp:103 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\na=rtpmap:104 rtx/90000\r\na=fmtp:104 apt=103\r\n\
a=rid:q send\r\na=rid:h send\r\na=rid:f send\r\na=simulcast:send q;h;f\r\n\
m=video 9 UDP/TLS/RTP/SAVPF 96 103\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:4ZcD\r\na=ice-pwd:2/1muCWoOi3uLifh0NuRHlIE\r\n\
a=fingerprint:sha-256 75:74:5A:A6:A4:E5:52:F4:A7:67:4C:01:C7:EE:91:3F:21:3D:A2:E3:53:7B:6F:30:86:F2:30:AA:65:FB:04:24\r\n\
a=setup:actpass\r\na=mid:2\r\na=recvonly\r\na=rtcp-mux\r\na=rtpmap:96 VP8/90000\r\na=rtpmap:103 H264/90000\r\n\
a=fmtp:103 packetization-mode=1;profile-level-id=42e01f\r\n";

/// The shape of Firefox's: what holds for all lines stands above them, and there are candidates.
const FIREFOX: &str = "v=0\r\no=mozilla...THIS_IS_SDPARTA-99.0 3321 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n\
a=fingerprint:sha-256 75:74:5A:A6:A4:E5:52:F4:A7:67:4C:01:C7:EE:91:3F:21:3D:A2:E3:53:7B:6F:30:86:F2:30:AA:65:FB:04:24\r\n\
a=group:BUNDLE a\r\na=ice-options:trickle\r\na=msid-semantic:WMS *\r\nm=audio 9 UDP/TLS/RTP/SAVPF 109 101\r\nc=IN IP4 0.0.0.0\r\n\
a=candidate:0 1 UDP 2122252543 10.77.0.2 40000 typ host\r\na=candidate:1 1 TCP 2105524479 10.77.0.2 9 typ host tcptype active\r\n\
a=candidate:2 1 UDP 1685987327 fe80::1 50000 typ srflx raddr 10.77.0.2 rport 40000\r\na=end-of-candidates\r\n\
a=sendrecv\r\na=ice-pwd:0123456789abcdef0123456789abcdef\r\na=ice-ufrag:0a1b2c3d\r\na=mid:a\r\na=msid:{1} {2}\r\na=rtcp-mux\r\n\
a=rtpmap:109 opus/48000/2\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=setup:actpass\r\n";

const WORDS: &[&str] = &[
    "\r\n---\n",
    "\r\nm=audio 9 UDP/TLS/RTP/SAVPF ",
    "\r\nm=video 9 UDP/TLS/RTP/SAVPF ",
    "\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    "\r\na=sctp-port:5000",
    "\r\na=max-message-size:262144",
    "\r\na=mid:",
    "\r\na=rid:",
    " send",
    " recv",
    "\r\na=simulcast:send ",
    "recv ",
    "\r\na=sendrecv",
    "\r\na=recvonly",
    "\r\na=inactive",
    "\r\na=rtcp-mux",
    "\r\na=ice-ufrag:",
    "\r\na=ice-pwd:",
    "\r\na=candidate:",
    " typ host",
    " typ relay",
    " tcptype passive",
    "\r\na=fingerprint:sha-256 ",
    "\r\na=setup:active",
    "\r\na=setup:passive",
    "\r\na=extmap:",
    "\r\na=rtpmap:",
    "\r\na=fmtp:",
    "\r\na=rtcp-fb:",
    " nack pli",
    " transport-cc",
    "\r\na=ssrc:",
    "\r\na=ssrc-group:FID ",
    "\r\na=group:BUNDLE ",
    "\r\na=ice-lite",
    "\r\na=ice-options:renomination",
    "\r\na=msid:",
    "packetization-mode=",
    "profile-level-id=",
    "apt=",
    "\r\na=bundle-only",
    "~q,~h",
    "max-width=",
    "65535",
    "4294967295",
    "-1",
];
