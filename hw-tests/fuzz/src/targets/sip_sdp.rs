//! A room system's offers and answers.

use crate::Target;
use tabellion_sip::{
    LocalMedia,
    sdp::{accept_answer, negotiate, offer},
    testing::{BARESIP, LIFESIZE},
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
