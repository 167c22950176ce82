//! A room system shows nothing until a key frame comes, and many never ask for one. The encoder makes one by itself each
//! 250 frames, 10 s: what comes [`SOON`] was made for the occasion.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{SipPeer, Switchboard, Viewer, close, meeting, picture, waiting};
use std::time::Duration;
use tabellion_media_protocol::{AudioCodec, MediaKind, PacketizationMode, SeatId, studio::ToStudio};
use tabellion_payload::h264::starts_key_frame;
use tabellion_studio::rtp::Packet;

const SOON: Duration = Duration::from_secs(2);
const RED: [u8; 3] = [255, 0, 0];
const MIDDLE: [usize; 4] = [30, 30, 70, 60];
const LEFT: [usize; 4] = [10, 35, 40, 60];

/// Key pictures among packets: each of many packets has one time.
fn key_frames(packets: &[Vec<u8>]) -> usize {
    let parsed = packets.iter().map(|packet| Packet::parse(packet).unwrap());
    let mut times: Vec<_> =
        parsed.filter(|packet| starts_key_frame(packet.payload)).map(|packet| packet.timestamp).collect();
    times.dedup();
    times.len()
}

/// The packets so far.
fn so_far(room: &SipPeer) -> usize {
    room.video_packets.wait("nothing", |packets| Some(packets.len()))
}

/// Waits until that many key frames have come after the first `from` packets.
#[track_caller]
fn expect_key_frames(room: &SipPeer, from: usize, count: usize, what: &str) {
    room.video_packets
        .wait_within(SOON, what, |packets| (key_frames(&packets[from..]) >= count).then_some(()));
}

/// Waits until the two key frames that everything begins with have come, and some frames more.
fn settled(room: &SipPeer) -> usize {
    room.video_packets.wait("the first key frames", |packets| (key_frames(packets) >= 2).then_some(()));
    let from = so_far(room);
    room.video_packets.wait("some frames more", |packets| (packets.len() >= from + 5).then_some(()));
    so_far(room)
}

/// Whether a decoder that knows nothing of the first `from` packets soon shows this colour.
#[track_caller]
fn expect_from_nothing(room: &SipPeer, from: usize, part: [usize; 4], colour: [u8; 3], what: &str) {
    let (fresh, mut fed) = (Viewer::new(), from);
    room.video_packets.wait_within(SOON, what, |packets| {
        packets[fed..].iter().for_each(|packet| fresh.push(packet));
        fed = packets.len();
        let mut seen = false;
        fresh.frame.change(|frame| seen = frame.as_ref().is_some_and(|f| close(f.mean(part), colour)));
        seen.then_some(())
    });
}

#[test]
fn who_joins_a_running_meeting_sees_it_at_once() {
    let board = Switchboard::start();
    let _picture = board.source(1, 5, "Claire", MediaKind::Video, &picture(0xff_0000, 96));
    let first = SipPeer::new(AudioCodec::Pcma);
    board.leg(7, &first, meeting());
    first.viewer.wait_colour("the meeting runs", MIDDLE, RED);

    let late = SipPeer::new(AudioCodec::Pcma);
    board.leg(8, &late, meeting());
    // Beside the first room system, which has no picture.
    expect_from_nothing(&late, 0, LEFT, RED, "the meeting, for who came late");
    expect_key_frames(&late, 0, 2, "a second key frame, for equipment that missed the first");
}

#[test]
fn who_is_let_in_sees_the_meeting_at_once() {
    let board = Switchboard::start();
    let _picture = board.source(1, 5, "Claire", MediaKind::Video, &picture(0xff_0000, 96));
    let mut room = SipPeer::new(AudioCodec::Pcma);
    room.mode = PacketizationMode::NonInterleaved;
    board.leg(7, &room, waiting());
    let before = settled(&room);

    board.tell(&ToStudio::Show { seat: SeatId(7), view: meeting() });
    expect_from_nothing(&room, before, MIDDLE, RED, "the meeting, from its first picture");
    expect_key_frames(&room, before, 2, "a second key frame, for equipment that missed the first");
}

#[test]
fn a_changed_layout_begins_with_a_key_frame() {
    let board = Switchboard::start();
    let _claire = board.source(1, 5, "Claire", MediaKind::Video, &picture(0xff_0000, 96));
    let room = SipPeer::new(AudioCodec::Pcma);
    board.leg(7, &room, meeting());
    let before = settled(&room);
    let _julien = board.source(3, 6, "Julien", MediaKind::Video, &picture(0x00_ff00, 96));
    expect_key_frames(&room, before, 1, "a key frame with the new layout");
    expect_key_frames(&room, before, 2, "and once more");
}

#[test]
fn each_way_to_ask_gets_a_key_frame() {
    let board = Switchboard::start();
    let room = SipPeer::new(AudioCodec::Pcma);
    board.leg(7, &room, waiting());
    let studio = room.video.studio;
    let loss = [0x81, 206, 0, 2, 0, 0, 0, 9, 0, 0, 0, 0];
    let intra = [0x84, 206, 0, 4, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0];
    let old_intra = [0x80, 192, 0, 1, 0, 0, 0, 9];
    settled(&room);
    for (what, bytes) in [("PLI", &loss[..]), ("FIR", &intra), ("the FIR of RFC 2032", &old_intra)] {
        let before = so_far(&room);
        let report = [&[0x80, 201, 0, 1, 0, 0, 0, 9], bytes].concat();
        room.video.rtcp.send_to(&report, (studio.ip(), studio.port() + 1)).unwrap();
        expect_key_frames(&room, before, 1, what);
    }
}

#[test]
fn what_is_told_again_begins_anew() {
    let board = Switchboard::start();
    let room = SipPeer::new(AudioCodec::Pcma);
    board.leg(7, &room, waiting());
    // How the box passes on an INFO with `picture_fast_update` (RFC 5168).
    let before = settled(&room);
    board.tell(&ToStudio::Show { seat: SeatId(7), view: waiting() });
    expect_key_frames(&room, before, 1, "a key frame for who asks by signalling");
    expect_key_frames(&room, before, 2, "and once more");
    // And a re-INVITE that changes nothing of the media.
    let before = so_far(&room);
    board.leg(7, &room, waiting());
    expect_key_frames(&room, before, 1, "a key frame after a re-INVITE");
    expect_key_frames(&room, before, 2, "and once more");
}
