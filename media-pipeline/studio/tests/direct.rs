//! A direct call: the browser's picture goes on to the room system as it comes, where the formats allow it. A file of its own, one test at
//! a time: pictures are counted in the whole process.

#![allow(clippy::unwrap_used, reason = "what fails ends the test")]

mod common;

use common::{
    Generator, PATIENCE, SipPeer, Switchboard, call, feeds, opus_tone, picture, picture_of, picture_vp8,
    wait_until,
};
use std::sync::{Mutex, MutexGuard};
use tabellion_media_protocol::{
    AudioCodec, Content, LegConfig, LegVideo, MediaKind, PacketizationMode, SeatId, TrackId,
    studio::{FromStudio, SourceTile, ToStudio},
};
use tabellion_studio::rtp::Packet;

const RED: [u8; 3] = [255, 0, 0];
const GREEN: [u8; 3] = [0, 255, 0];
const MIDDLE: [usize; 4] = [30, 30, 70, 60];
const LEFT: [usize; 4] = [10, 35, 40, 60];
const RIGHT: [usize; 4] = [60, 35, 90, 60];
/// Where a composed picture has the name.
const NAME: [usize; 4] = [0, 80, 40, 100];

fn alone_in_this_process() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn room_system() -> SipPeer {
    let mut room = SipPeer::new(AudioCodec::Pcma);
    room.mode = PacketizationMode::NonInterleaved;
    room
}

/// The room system has the red picture as it comes, and nothing is composed or encoded.
#[track_caller]
fn expect_direct(room: &SipPeer) {
    wait_until("nothing is composed", || feeds() == 0);
    let from = room.video_packets.wait("packets", |packets| Some(packets.len()));
    room.video_packets.wait("and more comes", |packets| (packets.len() > from + 50).then_some(()));
    let frame = room.viewer.wait_colour("the picture", MIDDLE, RED);
    assert_eq!(frame.bright_in(NAME, 250), 0, "no name in it");
    assert_eq!(feeds(), 0);
}

/// Claire's red picture, which goes on to a room system as it comes.
#[track_caller]
fn direct_call() -> (Switchboard, Generator, SipPeer) {
    let board = Switchboard::start();
    let claire = board.source(1, 5, "Claire", MediaKind::Video, &picture(0xff_0000, 96));
    let room = room_system();
    board.leg(7, &room, call());
    expect_direct(&room);
    (board, claire, room)
}

/// One stream, whatever was shown.
fn expect_one_stream(room: &SipPeer) {
    room.video_packets.wait("its packets", |packets| {
        let packets: Vec<_> = packets.iter().filter_map(|bytes| Packet::parse(bytes)).collect();
        for pair in packets.windows(2) {
            assert_eq!(pair[1].sequence, pair[0].sequence.wrapping_add(1));
            assert!(pair[1].timestamp.wrapping_sub(pair[0].timestamp) < 10 * 90_000);
            assert_eq!((pair[1].ssrc, pair[1].payload_type), (packets[0].ssrc, 109));
        }
        (!packets.is_empty()).then_some(())
    });
}

fn config_of(room: &SipPeer, change: impl FnOnce(&mut LegVideo)) -> LegConfig {
    let mut config = room.config();
    change(config.video.as_mut().unwrap());
    config
}

#[test]
fn the_one_other_is_forwarded_and_composed_only_beside_others() {
    let _alone = alone_in_this_process();
    let board = Switchboard::start();
    let _claire = board.source(1, 5, "Claire", MediaKind::Video, &picture(0xff_0000, 96));
    let _voice = board.source(2, 5, "Claire", MediaKind::Audio, &opus_tone(440));
    let mut room = room_system();
    room.speak(0x00_00ff, 1_700);
    board.leg(7, &room, call());
    expect_direct(&room);
    room.hearer.wait_tones("her voice", &[440], &[1_700]);

    let bob = board.source(3, 6, "Bob", MediaKind::Video, &picture(0x00_ff00, 96));
    room.viewer.wait_colour("both, side by side: the first", LEFT, RED);
    room.viewer.wait_colour("the second", RIGHT, GREEN);
    assert_eq!(feeds(), 1);

    board.tell(&ToStudio::SourceGone { track: TrackId(3) });
    drop(bob);
    expect_direct(&room);
    expect_one_stream(&room);
}

#[test]
fn a_camera_that_is_switched_off_becomes_the_name_and_comes_back() {
    let _alone = alone_in_this_process();
    let (board, camera, room) = direct_call();
    drop(camera);
    let dark = |frame: &common::Frame| frame.mean(MIDDLE)[0] < 100;
    // It is gone after a second, looked at each second, and an encoder has to start.
    let quiet = room.viewer.wait("a quiet tile", dark);
    assert!(quiet.brighter(200) > 0, "with the name");
    assert_eq!(feeds(), 1);
    let _camera = board.source(1, 5, "Claire", MediaKind::Video, &picture(0xff_0000, 96));
    expect_direct(&room);
    expect_one_stream(&room);
}

#[test]
fn key_frames_come_from_the_browser() {
    let _alone = alone_in_this_process();
    let (board, _claire, room) = direct_call();
    board.reports.change(std::collections::VecDeque::clear);
    // A picture loss indication (RFC 4585 §6.3.1).
    let lost = [&[0x81, 206, 0, 2][..], &[0, 0, 0, 9], &[0; 4]].concat();
    room.video.rtcp.send_to(&lost, (room.video.studio.ip(), room.video.studio.port() + 1)).unwrap();
    board.expect("a key frame is asked for", |report| {
        *report == FromStudio::KeyFrameWanted { track: TrackId(1) }
    });
    // By signalling: the view is told again.
    board.tell(&ToStudio::Show { seat: SeatId(7), view: call() });
    board.expect("a key frame is asked for", |report| {
        *report == FromStudio::KeyFrameWanted { track: TrackId(1) }
    });
}

#[test]
fn the_browser_is_told_what_the_equipment_takes() {
    let _alone = alone_in_this_process();
    let (board, _claire, _room) = direct_call();
    let told = [SourceTile { track: TrackId(1), rows: 720, max_kbps: Some(1_500) }];
    board.expect("its limits", |report| *report == FromStudio::Tiles { tiles: told.to_vec() });
}

#[test]
fn what_the_equipment_does_not_take_is_composed() {
    let _alone = alone_in_this_process();
    let large = picture_of(0xff_0000, (1_280, 720), 96);
    let plain = picture(0xff_0000, 96);
    let vp8 = picture_vp8(0xff_0000);
    type Change = fn(&mut LegVideo);
    let cases: [(&str, &String, Change); 4] = [
        ("too large a picture", &large, |video| (video.max_width, video.max_height) = (640, 360)),
        ("one unit a packet", &plain, |video| video.packetization = PacketizationMode::SingleNal),
        ("VP8", &vp8, |_| {}),
        // The source sends some 20 kb/s of one colour.
        ("too high a rate", &plain, |video| video.max_kbps = 5),
    ];
    for (what, description, change) in cases {
        let board = Switchboard::start();
        let _claire = board.source(1, 5, "Claire", MediaKind::Video, description);
        let room = room_system();
        board.leg_with(7, config_of(&room, change), call());
        board.expect("the leg is open", |report| matches!(report, FromStudio::LegOpened { .. }));
        room.viewer.wait_colour(what, MIDDLE, RED);
        room.video_packets.wait_within(PATIENCE, what, |_| (feeds() == 1).then_some(()));
        let from = room.video_packets.wait("packets", |packets| Some(packets.len()));
        room.video_packets.wait(what, |packets| (packets.len() > from + 100).then_some(()));
        assert_eq!(feeds(), 1, "{what}");
        board.tell(&ToStudio::LegGone { seat: SeatId(7) });
        wait_until("it ends", || feeds() == 0);
    }
}

#[test]
fn a_screen_that_is_shown_is_composed_with_the_person() {
    let _alone = alone_in_this_process();
    let (board, _claire, room) = direct_call();
    let slides = (MediaKind::Video, Content::Slides);
    let screen = board.source_of(2, 5, "Claire", slides, &picture(0x00_ff00, 96));
    room.viewer.wait_colour("the screen, large", LEFT, GREEN);
    assert_eq!(feeds(), 1);
    board.tell(&ToStudio::SourceGone { track: TrackId(2) });
    drop(screen);
    expect_direct(&room);
}

#[test]
fn a_meeting_of_two_is_composed() {
    let _alone = alone_in_this_process();
    let board = Switchboard::start();
    let _claire = board.source(1, 5, "Claire", MediaKind::Video, &picture(0xff_0000, 96));
    let room = room_system();
    board.leg(7, &room, common::meeting());
    let frame = room.viewer.wait_colour("the picture", MIDDLE, RED);
    assert!(frame.bright_in(NAME, 200) > 0, "with the name");
    let from = room.video_packets.wait("packets", |packets| Some(packets.len()));
    room.video_packets.wait("and two seconds more", |packets| (packets.len() > from + 50).then_some(()));
    assert_eq!(feeds(), 1);
}
