//! One picture for all room systems that watch the same. A file of its own: pictures are counted in the whole process.

#![allow(clippy::unwrap_used, reason = "what fails ends the test")]

mod common;

use common::{SipPeer, Switchboard, close, feeds, meeting};
use tabellion_media_protocol::{AudioCodec, SeatId, studio::ToStudio};
use tabellion_studio::rtp::Packet;

const COLOURS: [(u32, [u8; 3]); 4] = [
    (0xff_0000, [255, 0, 0]),
    (0x00_ff00, [0, 255, 0]),
    (0x00_00ff, [0, 0, 255]),
    (0xff_ff00, [255, 255, 0]),
];
/// The middles of four tiles in two rows.
const TILES: [[usize; 4]; 4] = [[15, 15, 35, 35], [65, 15, 85, 35], [15, 65, 35, 80], [65, 65, 85, 80]];

fn rooms(board: &Switchboard, count: usize) -> Vec<SipPeer> {
    let open = |at: usize| {
        let mut room = SipPeer::new(AudioCodec::Pcma);
        room.speak(COLOURS[at].0, 440);
        board.leg(7 + at as u64, &room, meeting());
        room
    };
    (0..count).map(open).collect()
}

#[test]
fn up_to_three_see_the_others_and_more_share_one_picture_of_all() {
    let board = Switchboard::start();
    let mut all = rooms(&board, 3);
    all[0].viewer.wait("the two others, side by side", |frame| {
        let sides = [[10, 35, 40, 60], [60, 35, 90, 60]];
        close(frame.mean(sides[0]), COLOURS[1].1) && close(frame.mean(sides[1]), COLOURS[2].1)
    });
    assert_eq!(feeds(), 3, "each has its own");

    let mut fourth = SipPeer::new(AudioCodec::Pcma);
    fourth.speak(COLOURS[3].0, 440);
    board.leg(10, &fourth, meeting());
    all.push(fourth);
    for room in &all {
        room.viewer.wait("everybody, in two rows", |frame| {
            TILES.iter().zip(COLOURS).all(|(part, (_, colour))| close(frame.mean(*part), colour))
        });
    }
    common::wait_until("one picture for all four", || feeds() == 1);
    for room in &all {
        room.video_packets.wait("its packets", |packets| {
            let packets: Vec<_> = packets.iter().filter_map(|bytes| Packet::parse(bytes)).collect();
            let numbers = packets.windows(2).all(|pair| pair[1].sequence == pair[0].sequence.wrapping_add(1));
            let source = packets.iter().all(|p| (p.ssrc, p.payload_type) == (packets[0].ssrc, 109));
            assert!(numbers && source, "one stream, whatever was shown");
            (!packets.is_empty()).then_some(())
        });
    }
    board.tell(&ToStudio::LegGone { seat: SeatId(10) });
    all[0].viewer.wait_colour("not itself any more", [10, 35, 40, 60], COLOURS[1].1);
}
