//! A room system's offers and answers.

use crate::Target;
use tabellion_sip::{
    LocalMedia,
    sdp::{accept_answer, negotiate, offer},
};

pub(crate) const TARGET: Target = Target { name: "sip_sdp", run, seeds, words: WORDS, costs: 100 };

fn run(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let address = std::net::IpAddr::from([10, 77, 0, 1]);
    let local = LocalMedia::new(address, 20_000, 20_002, 2_000);
    match negotiate(text, &local) {
        Ok(agreed) => {
            assert!(agreed.config.audio.is_some() || agreed.config.video.is_some());
            let again = negotiate(&agreed.answer, &local);
            assert!(again.is_ok(), "our answer cannot be read: {again:?}\n{}", agreed.answer);
        }
        Err(refusal) => assert!(matches!(refusal.code(), 400 | 488)),
    }
    let _ = accept_answer(&offer(&local), text, &local);
}

fn seeds() -> Vec<Vec<u8>> {
    let local = LocalMedia::new(std::net::IpAddr::from([10, 77, 0, 2]), 30_000, 30_002, 1_000);
    let hold = BARESIP.replace("a=sendrecv", "a=inactive");
    [BARESIP, LIFESIZE, &hold, &offer(&local)].map(|text| text.as_bytes().to_vec()).to_vec()
}

/// What baresip 1.1.0 sends: mode 0 only, no feedback.
const BARESIP: &str = "v=0\r\no=- 1 2 IN IP4 10.77.0.2\r\ns=-\r\nc=IN IP4 10.77.0.2\r\nt=0 0\r\n\
a=tool:baresip 1.1.0\r\nm=audio 11000 RTP/AVP 96 9 8 0 101\r\na=rtpmap:96 opus/48000/2\r\na=fmtp:96 stereo=1;sprop-stereo=1\r\n\
a=rtpmap:9 G722/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n\
a=rtcp:11001\r\na=sendrecv\r\na=label:1\r\nm=video 11002 RTP/AVP 97\r\nb=TIAS:512000\r\na=rtpmap:97 H264/90000\r\n\
a=fmtp:97 packetization-mode=0;profile-level-id=42001f\r\na=rtcp:11003\r\na=framerate:25.00\r\na=sendrecv\r\n";

/// The shape of a Lifesize Icon's: modes 0 and 1 side by side, feedback on plain AVP, BFCP and slides.
const LIFESIZE: &str = "v=0\r\no=LifeSize 1 1 IN IP4 192.0.2.20\r\ns=-\r\nc=IN IP4 192.0.2.20\r\nb=AS:1152\r\nt=0 0\r\n\
m=audio 60000 RTP/AVP 9 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\nm=video 60002 RTP/AVP 109 110 111 34\r\n\
a=rtpmap:109 H264/90000\r\na=fmtp:109 profile-level-id=428016;packetization-mode=1;max-mbps=108000;max-fs=3600\r\n\
a=rtpmap:110 H264/90000\r\na=fmtp:110 profile-level-id=428016;max-mbps=108000;max-fs=3600\r\n\
a=rtpmap:111 H264/90000\r\na=fmtp:111 profile-level-id=64001f;packetization-mode=1\r\na=rtpmap:34 H263/90000\r\n\
a=rtcp-fb:* nack pli\r\na=rtcp-fb:* ccm fir\r\na=content:main\r\n\
m=application 60004 UDP/BFCP *\r\na=floorctrl:c-s\r\nm=video 60006 RTP/AVP 109\r\na=rtpmap:109 H264/90000\r\na=content:slides\r\n";

const WORDS: &[&str] = &[
    "v=0\r\n",
    "\r\no=",
    "\r\nc=IN IP4 ",
    "\r\nc=IN IP6 ::1",
    "0.0.0.0",
    "\r\nb=AS:",
    "\r\nb=TIAS:",
    "\r\nt=0 0",
    "\r\nm=audio ",
    "\r\nm=video ",
    "\r\nm=application ",
    " RTP/AVP ",
    " RTP/AVPF ",
    " RTP/SAVP ",
    "\r\na=rtpmap:",
    "H264/90000",
    "opus/48000/2",
    "G722/8000",
    "PCMA/8000",
    "telephone-event/8000",
    "\r\na=fmtp:",
    "profile-level-id=",
    "packetization-mode=",
    "max-mbps=",
    "max-fs=",
    "max-br=",
    "max-fps=",
    "\r\na=rtcp-fb:",
    "nack pli",
    "ccm fir",
    "\r\na=content:",
    "slides",
    "\r\na=sendonly",
    "\r\na=recvonly",
    "\r\na=inactive",
    "\r\na=rtcp:",
    "/127",
    "4294967295",
];
