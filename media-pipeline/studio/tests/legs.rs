//! SIP legs against a real studio: what is seen and heard at each end.

mod common;

use common::{
    Hearer, SipPeer, Switchboard, Viewer, Watched, meeting, opus_tone, picture, picture_vp8, waiting,
};
use std::{sync::Arc, time::Duration};
use tabellion_media_protocol::{
    AudioCodec, Content, MediaKind, PacketizationMode, SeatId, TrackId,
    studio::{FromStudio, H264, ToStudio},
};
use tabellion_payload::h264::starts_key_frame;
use tabellion_studio::rtp::Packet;

const RED: [u8; 3] = [255, 0, 0];
const GREEN: [u8; 3] = [0, 255, 0];
const BLUE: [u8; 3] = [0, 0, 255];
const GROUND: [u8; 3] = [13, 34, 74];
const QUIET: [u8; 3] = [44, 48, 56];
const MIDDLE: [usize; 4] = [30, 30, 70, 60];
const LEFT: [usize; 4] = [10, 35, 40, 60];
const RIGHT: [usize; 4] = [60, 35, 90, 60];
const CORNER: [usize; 4] = [2, 60, 8, 95];

#[test]
fn a_leg_and_a_browser_see_and_hear_each_other_and_not_themselves() {
    let board = Switchboard::start();
    let mut room = SipPeer::new(AudioCodec::Pcma);
    let _picture = board.source(1, 5, "Maître Claire Moreau", MediaKind::Video, &picture(0xff_0000, 96));
    let _voice = board.source(2, 5, "Maître Claire Moreau", MediaKind::Audio, &opus_tone(880));
    room.speak(0x00_00ff, 440);
    board.leg(7, &room, meeting());

    room.viewer.wait_colour("the browser's picture at the room system", MIDDLE, RED);
    room.hearer.wait_tones("the browser's voice at the room system, alone", &[880], &[440]);
    assert!(room.viewer.wait("a size", |frame| frame.width > 0).width == 1280);

    let (viewer, hearer) = (Viewer::new(), Hearer::new("OPUS"));
    let (seen, heard) = (viewer.clone(), hearer.clone());
    board.attach(71, move |packet| {
        assert_eq!(Packet::parse(packet).unwrap().payload_type, H264);
        seen.push(packet);
    });
    board.attach(70, move |packet| heard.push(packet));
    viewer.wait_colour("the room system's picture at the switchboard", MIDDLE, BLUE);
    hearer.wait_tones("the room system's voice at the switchboard, alone", &[440], &[880]);
}

#[test]
fn a_waiting_leg_sees_a_notice_and_neither_hears_nor_is_heard() {
    let board = Switchboard::start();
    let mut room = SipPeer::new(AudioCodec::G722);
    let _picture = board.source(1, 5, "Claire", MediaKind::Video, &picture(0xff_0000, 96));
    let _voice = board.source(2, 5, "Claire", MediaKind::Audio, &opus_tone(880));
    room.speak(0x00_00ff, 440);
    board.leg(7, &room, waiting());

    let notice = room.viewer.wait_colour("the notice", CORNER, GROUND);
    let notice =
        room.viewer.wait("its text", |frame| frame.number > notice.number && frame.brighter(170) >= 15);
    assert!(notice.brighter(170) < 200, "text, not a white picture");
    room.hearer.wait_tones("silence, in packets", &[], &[880, 440]);
    assert!(board.tracks.wait("the tracks", |tracks| Some(tracks.is_empty())), "nothing is let in");

    board.tell(&ToStudio::Show { seat: SeatId(7), view: meeting() });
    room.viewer.wait_colour("the meeting", MIDDLE, RED);
    room.hearer.wait_tones("the meeting's sound", &[880], &[440]);
    board.wait_track(71);

    board.tell(&ToStudio::Show { seat: SeatId(7), view: waiting() });
    room.viewer.wait_colour("the notice again", CORNER, GROUND);
    room.hearer.wait_tones("silence again", &[], &[880, 440]);
}

#[test]
fn two_legs_and_a_vp8_browser_are_mixed_for_each_without_itself() {
    let board = Switchboard::start();
    let (mut one, mut two) = (SipPeer::new(AudioCodec::Pcmu), SipPeer::new(AudioCodec::Opus));
    two.mode = PacketizationMode::NonInterleaved;
    let _picture = board.source(1, 5, "Claire", MediaKind::Video, &picture_vp8(0xff_0000));
    let _voice = board.source(2, 5, "Claire", MediaKind::Audio, &opus_tone(880));
    one.speak(0x00_00ff, 440);
    two.speak(0x00_ff00, 620);
    board.leg(7, &one, meeting());
    board.leg(8, &two, meeting());

    one.viewer.wait("red and green", |frame| {
        common::close(frame.mean(LEFT), RED) && common::close(frame.mean(RIGHT), GREEN)
    });
    two.viewer.wait("red and blue", |frame| {
        common::close(frame.mean(LEFT), RED) && common::close(frame.mean(RIGHT), BLUE)
    });
    one.hearer.wait_tones("the two others", &[880, 620], &[440]);
    two.hearer.wait_tones("the two others", &[880, 440], &[620]);

    board.tell(&ToStudio::LegGone { seat: SeatId(8) });
    one.viewer.wait_colour("the browser alone, large", MIDDLE, RED);
    two.video.rtcp_of_type(203);
}

#[test]
fn a_legs_picture_is_given_as_vp8_too_while_somebody_needs_it() {
    let board = Switchboard::start();
    let mut room = SipPeer::new(AudioCodec::Pcma);
    room.speak(0x00_00ff, 440);
    board.leg(7, &room, waiting());
    let viewer = Viewer::of_vp8();
    let seen = viewer.clone();
    board.attach(72, move |packet| seen.push(packet));
    board.tell(&ToStudio::Translate { seat: SeatId(7), track: Some(TrackId(72)) });
    board.tell(&ToStudio::Show { seat: SeatId(7), view: meeting() });
    let frame =
        viewer.wait_colour("what the equipment sends, although nobody is drawn with it", MIDDLE, BLUE);
    assert_eq!((frame.width, frame.height), (640, 360));
    board.wait_track(71);

    let key_frames = Arc::<Watched<usize>>::default();
    let counted = Arc::clone(&key_frames);
    board.attach(72, move |packet| {
        // RFC 7741 §4.2: a picture's first packet, behind a number of 15 bits; its first bit says whether it is one (RFC 6386 §9.1).
        let payload = Packet::parse(packet).unwrap().payload;
        if payload[0] & 0x10 != 0 && payload[4] & 1 == 0 {
            counted.change(|count| *count += 1);
        }
    });
    board.tell(&ToStudio::KeyFrame { track: TrackId(72) });
    key_frames.wait_within(Duration::from_secs(5), "a key frame", |count| (*count > 0).then_some(()));

    board.tell(&ToStudio::Translate { seat: SeatId(7), track: None });
    let (mut before, mut quiet_looks) = (0, 0);
    common::wait_until("nothing comes of it any more", || {
        let now = board.tracks.wait("the track", |all| Some(all[&TrackId(72)].packets));
        quiet_looks = if std::mem::replace(&mut before, now) == now { quiet_looks + 1 } else { 0 };
        quiet_looks == 6
    });
}

#[test]
fn a_shared_screen_is_large_with_the_people_beside_it_and_goes_when_it_ends() {
    let board = Switchboard::start();
    let mut room = SipPeer::new(AudioCodec::Pcma);
    let _camera = board.source(1, 5, "Claire", MediaKind::Video, &picture(0xff_0000, 96));
    let slides = (MediaKind::Video, Content::Slides);
    let _screen = board.source_of(2, 5, "Claire", slides, &picture(0x00_ff00, 96));
    room.speak(0x00_00ff, 440);
    board.leg(7, &room, meeting());
    room.viewer.wait("green over most of it, red beside it", |frame| {
        common::close(frame.mean([10, 30, 70, 70]), GREEN) && common::close(frame.mean([85, 47, 95, 53]), RED)
    });
    board.tell(&ToStudio::SourceGone { track: TrackId(2) });
    room.viewer.wait_colour("the person alone", MIDDLE, RED);
}

#[test]
fn a_source_that_dies_becomes_its_name_and_comes_back() {
    let board = Switchboard::start();
    let mut room = SipPeer::new(AudioCodec::Pcma);
    let dying = board.source(1, 5, "Claire", MediaKind::Video, &picture(0xff_0000, 96));
    let _living = board.source(3, 6, "Julien", MediaKind::Video, &picture(0x00_ff00, 96));
    room.speak(0x00_00ff, 440);
    board.leg(7, &room, meeting());
    room.viewer.wait_colour("both", LEFT, RED);
    drop(dying);
    let frame = room.viewer.wait("a tile with the name, the other as it was", |frame| {
        common::close(frame.mean([5, 28, 45, 38]), QUIET) && common::close(frame.mean(RIGHT), GREEN)
    });
    assert!(frame.bright_in([5, 45, 45, 55], 150) > 50, "the name is on it");
    board.expect("the first key frames", |r| matches!(r, FromStudio::KeyFrameWanted { track: TrackId(1) }));
    let _back = board.source(1, 5, "Claire", MediaKind::Video, &picture(0xff_0000, 96));
    room.viewer.wait_colour("it again", LEFT, RED);
    board.tell(&ToStudio::SourceGone { track: TrackId(1) });
    room.viewer.wait_colour("the other alone", MIDDLE, GREEN);
}

#[test]
fn alone_in_the_meeting_a_leg_is_told_so() {
    let board = Switchboard::start();
    let room = SipPeer::new(AudioCodec::Pcma);
    board.leg(7, &room, meeting());
    room.viewer
        .wait("the notice", |frame| common::close(frame.mean(CORNER), GROUND) && frame.brighter(170) > 8);
    let _voice = board.source(2, 5, "Claire", MediaKind::Audio, &opus_tone(880));
    room.viewer.wait_colour("a name for who has no picture", [30, 10, 70, 40], QUIET);
}

#[test]
fn keys_are_told_once_each() {
    let board = Switchboard::start();
    let room = SipPeer::new(AudioCodec::Pcma);
    board.leg(7, &room, waiting());
    for (i, event) in [1, 2, 3, 3, 11].into_iter().enumerate() {
        let i = u16::try_from(i).unwrap();
        room.press(event, 1_000 + u32::from(i) * 1_600, i * 10);
    }
    let keys: String = (0..5)
        .map(|_| match board.expect("a key", |report| matches!(report, FromStudio::Digit { .. })) {
            FromStudio::Digit { seat: SeatId(7), digit } => digit,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(keys, "1233#");
}

#[test]
fn key_frames_are_asked_of_the_peer_and_given_to_it() {
    let board = Switchboard::start();
    let mut room = SipPeer::new(AudioCodec::Pcma);
    room.speak(0x00_00ff, 440);
    board.leg(7, &room, meeting());
    board.wait_track(71);
    board.tell(&ToStudio::KeyFrame { track: TrackId(71) });
    room.video.rtcp_of_type(206);

    // After the two key frames that every scene begins with there is none until the peer asks.
    let key_frames = |packets: &[Vec<u8>]| {
        packets.iter().filter(|p| starts_key_frame(Packet::parse(p).unwrap().payload)).count()
    };
    let before = room
        .video_packets
        .wait("the scene's key frames", |packets| (packets.len() > 60).then(|| key_frames(packets)));
    let loss = [0x80, 201, 0, 1, 0, 0, 0, 9, 0x81, 206, 0, 2, 0, 0, 0, 9, 0, 0, 0, 0];
    let studio = room.video.studio;
    room.video.rtcp.send_to(&loss, (studio.ip(), studio.port() + 1)).unwrap();
    room.video_packets.wait("a key frame", |packets| (key_frames(packets) > before).then_some(()));
}

#[test]
fn a_silent_room_system_that_still_reports_is_not_given_up() {
    let board = Switchboard::start();
    let (living, gone) = (SipPeer::new(AudioCodec::Pcma), SipPeer::new(AudioCodec::Pcma));
    board.leg(7, &living, waiting());
    board.leg(8, &gone, waiting());
    // Nobody speaks there and the camera is off: all that comes is an answer to each of the studio's own reports, of
    // which there is one at once and one each five seconds.
    let report = [0x80, 201, 0, 1, 0, 0, 0, 9];
    let studio = living.audio.studio;
    for _ in 0..2 {
        living.audio.rtcp_of_type(200);
        living.audio.rtcp.send_to(&report, (studio.ip(), studio.port() + 1)).unwrap();
    }
    let silent = board.expect("a silence", |report| matches!(report, FromStudio::LegSilent { .. }));
    assert!(matches!(silent, FromStudio::LegSilent { seat: SeatId(8), .. }), "{silent:?}");
}

#[test]
fn a_peer_without_feedback_is_asked_by_signalling() {
    let board = Switchboard::start();
    let mut room = SipPeer::new(AudioCodec::Pcma);
    room.rtcp_feedback = false;
    room.speak(0x00_00ff, 440);
    board.leg(7, &room, meeting());
    board.expect("a request", |report| *report == FromStudio::KeyFrameByInfo { seat: SeatId(7) });
}

#[test]
fn a_leg_is_changed_on_the_same_ports_and_refused_on_taken_ones() {
    let board = Switchboard::start();
    let mut room = SipPeer::new(AudioCodec::Pcma);
    let _picture = board.source(1, 5, "Claire", MediaKind::Video, &picture(0xff_0000, 96));
    room.speak(0x00_00ff, 440);
    board.leg(7, &room, meeting());
    room.viewer.wait_colour("the browser", MIDDLE, RED);
    room.mode = PacketizationMode::NonInterleaved;
    board.leg(7, &room, meeting());
    let mut config = room.config();
    config.video.as_mut().unwrap().max_width = 640;
    config.video.as_mut().unwrap().max_height = 360;
    board.leg_with(7, config, meeting());
    room.viewer
        .wait("a smaller picture", |frame| frame.width == 640 && common::close(frame.mean(MIDDLE), RED));
    board.leg_with(9, room.config(), meeting());
    board.expect("a refusal", |report| matches!(report, FromStudio::LegFailed { seat: SeatId(9), .. }));
    room.viewer.wait_colour("the first leg lives on", MIDDLE, RED);
}
