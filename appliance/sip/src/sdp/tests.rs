use super::*;
use crate::testing::{BARESIP, LIFESIZE};
use tabellion_media_protocol::{AudioCodec, PacketizationMode};

fn local() -> LocalMedia {
    LocalMedia::new("10.77.0.1".parse().unwrap(), 20_000, 20_002, 2_000)
}

fn ports(sdp: &str) -> Vec<String> {
    sdp.lines().filter(|line| line.starts_with("m=")).map(str::to_owned).collect()
}

#[test]
fn baresip_gets_opus_and_the_mode_that_it_offered() {
    let agreed = negotiate(BARESIP, &local()).unwrap();
    let audio = agreed.config.audio.unwrap();
    assert_eq!((audio.codec, audio.payload_type, audio.telephone_event), (AudioCodec::Opus, 96, Some(101)));
    assert_eq!(audio.remote.to_string(), "10.77.0.2:11000");
    let video = agreed.config.video.unwrap();
    assert_eq!((video.payload_type, video.packetization), (97, PacketizationMode::SingleNal));
    assert_eq!((video.max_width, video.max_height, video.max_kbps), (1280, 720, 512));
    assert!(!video.rtcp_feedback && video.send && video.receive);
    assert_eq!(ports(&agreed.answer), ["m=audio 20000 RTP/AVP 96 101", "m=video 20002 RTP/AVP 97"]);
    assert!(agreed.answer.contains("a=fmtp:97 profile-level-id=42001f;packetization-mode=0\r\n"));
}

#[test]
fn lifesize_gets_mode_1_baseline_and_its_presentation_is_refused_in_its_place() {
    let agreed = negotiate(LIFESIZE, &local()).unwrap();
    let video = agreed.config.video.unwrap();
    assert_eq!((video.payload_type, video.packetization), (109, PacketizationMode::NonInterleaved));
    assert_eq!((video.max_width, video.max_kbps), (1280, 1152 - 64));
    assert!(video.rtcp_feedback);
    assert_eq!(agreed.config.audio.unwrap().codec, AudioCodec::G722);
    assert_eq!(
        ports(&agreed.answer),
        [
            "m=audio 20000 RTP/AVP 9 101",
            "m=video 20002 RTP/AVP 109",
            "m=application 0 UDP/BFCP *",
            "m=video 0 RTP/AVP 109",
        ]
    );
    assert!(agreed.answer.contains("a=rtcp-fb:109 nack pli\r\na=rtcp-fb:109 ccm fir\r\n"));
}

#[test]
fn hold_in_all_its_spellings_stops_what_we_send() {
    for (from, to, direction) in [
        ("a=sendrecv", "a=sendonly", "a=recvonly"),
        ("a=sendrecv", "a=inactive", "a=inactive"),
        ("a=sendrecv", "a=recvonly", "a=sendonly"),
        ("c=IN IP4 10.77.0.2", "c=IN IP4 0.0.0.0", "a=recvonly"),
    ] {
        let agreed = negotiate(&BARESIP.replace(from, to), &local()).unwrap();
        assert_eq!(agreed.answer.matches(direction).count(), 2, "{to}: {}", agreed.answer);
        let audio = agreed.config.audio.unwrap();
        assert_eq!(audio.send, direction == "a=sendonly", "{to}");
        assert_eq!(audio.receive, direction == "a=recvonly", "{to}");
    }
}

#[test]
fn encrypted_media_is_refused_with_its_reason() {
    let offer = BARESIP.replace("RTP/AVP", "RTP/SAVP");
    let refusal = negotiate(&offer, &local()).unwrap_err();
    assert_eq!((refusal.code(), refusal.warning().0), (488, 302));
    let half = BARESIP.replacen("RTP/AVP", "RTP/SAVP", 1);
    let agreed = negotiate(&half, &local()).unwrap();
    assert!(agreed.config.audio.is_none() && agreed.config.video.is_some());
    assert_eq!(ports(&agreed.answer)[0], "m=audio 0 RTP/SAVP 96 9 8 0 101");
}

#[test]
fn what_cannot_be_carried_is_refused() {
    let nothing =
        "v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 9000 RTP/AVP 18\r\n";
    assert_eq!(negotiate(nothing, &local()).unwrap_err().code(), 488);
    let named = BARESIP.replace("c=IN IP4 10.77.0.2", "c=IN IP4 phone.example");
    assert_eq!(negotiate(&named, &local()).unwrap_err().code(), 488);
    for nonsense in ["", "v=0\r\n", "hello", "v=1\r\no=- 1 1 IN IP4 1.1.1.1\r\ns=-\r\n"] {
        assert_eq!(negotiate(nonsense, &local()).unwrap_err().code(), 400, "{nonsense:?}");
    }
}

#[test]
fn ice_and_multiplexing_are_not_answered() {
    let offer = BARESIP.replace("a=sendrecv", "a=rtcp-mux\r\na=ice-ufrag:x\r\na=ice-pwd:y\r\na=sendrecv");
    let answer = negotiate(&offer, &local()).unwrap().answer;
    assert!(!answer.contains("rtcp-mux") && !answer.contains("ice-"));
}

#[test]
fn a_late_offer_is_read_back() {
    let offer = offer(&local());
    let theirs = LocalMedia::new("10.77.0.2".parse().unwrap(), 30_000, 30_002, 1_000);
    let answered = negotiate(&offer, &theirs).unwrap();
    let config = accept_answer(&offer, &answered.answer, &local()).unwrap();
    assert_eq!(config.audio.as_ref().unwrap().codec, AudioCodec::Opus);
    assert_eq!(config.audio.unwrap().remote.port(), 30_000);
    let video = config.video.unwrap();
    assert_eq!((video.remote.port(), video.max_kbps), (30_002, 1_000));
    assert!(video.rtcp_feedback);
    assert!(accept_answer(&offer, LIFESIZE, &local()).is_err(), "more m-lines than were offered");
}

#[test]
fn what_we_write_reads_the_same_again() {
    for sdp in [offer(&local()), negotiate(LIFESIZE, &local()).unwrap().answer] {
        let mut again = Vec::new();
        sdp_types::Session::parse(sdp.as_bytes()).unwrap().write(&mut again).unwrap();
        assert_eq!(String::from_utf8(again).unwrap(), sdp);
    }
}

pub(super) const OFFERS: [&str; 2] = [BARESIP, LIFESIZE];
