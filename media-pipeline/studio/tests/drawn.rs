//! What is drawn in a picture, and what the switchboard is told of it.

mod common;

use common::{SipPeer, Switchboard, meeting, picture};
use tabellion_media_protocol::{
    AudioCodec, MediaKind, SeatId, TrackId,
    studio::{FromStudio, SourceTile, ToStudio},
};

const RED: (u32, [u8; 3]) = (0xff_0000, [255, 0, 0]);
const GREEN: (u32, [u8; 3]) = (0x00_ff00, [0, 255, 0]);
const BLUE: u32 = 0x00_00ff;
const LARGE: [usize; 4] = [20, 30, 60, 60];

#[test]
fn of_many_who_speaks_is_large_and_the_switchboard_knows_what_is_drawn() {
    let board = Switchboard::start();
    let room = SipPeer::new(AudioCodec::Pcma);
    board.leg(50, &room, meeting());
    let tracks: Vec<u32> = (1..=7).collect();
    let _pictures: Vec<_> = tracks
        .iter()
        .map(|track| {
            let colour = if *track == 6 { GREEN.0 } else { RED.0 };
            board.source(
                *track,
                u64::from(*track),
                &format!("P{track}"),
                MediaKind::Video,
                &picture(colour, 96),
            )
        })
        .collect();
    let tiles = |shown: &[(u32, u32)]| {
        let tiles = shown.iter().map(|(track, rows)| SourceTile {
            track: TrackId(*track),
            rows: *rows,
            max_kbps: None,
        });
        FromStudio::Tiles { tiles: tiles.collect() }
    };
    let first = tiles(&[(1, 576), (2, 140), (3, 140), (4, 140), (5, 140), (6, 140)]);
    board.expect("the first one large, five beside it", |report| *report == first);
    room.viewer.wait_colour("red", LARGE, RED.1);

    board.tell(&ToStudio::Speakers { seats: vec![SeatId(6), SeatId(7)] });
    let second = tiles(&[(1, 140), (2, 140), (3, 140), (4, 140), (6, 576), (7, 140)]);
    board.expect("who speaks large, who spoke before beside", |report| *report == second);
    room.viewer.wait_colour("green", LARGE, GREEN.1);

    board.tell(&ToStudio::LegGone { seat: SeatId(50) });
    board.expect("nothing is drawn", |report| *report == tiles(&[]));
}

#[test]
fn a_mark_beside_the_name_says_who_is_muted() {
    let board = Switchboard::start();
    let room = SipPeer::new(AudioCodec::Pcma);
    board.leg(50, &room, meeting());
    let _picture = board.source(1, 5, "C", MediaKind::Video, &picture(BLUE, 96));
    let name = [0, 94, 12, 99];
    let alone = room.viewer.wait("the name", |frame| frame.bright_in(name, 150) > 20);
    board.tell(&ToStudio::Muted { seat: SeatId(5), muted: true });
    let more = alone.bright_in(name, 150) * 3 / 2;
    room.viewer.wait("the mark", |frame| frame.bright_in(name, 150) > more);
    board.tell(&ToStudio::Muted { seat: SeatId(5), muted: false });
    room.viewer.wait("the name alone", |frame| frame.bright_in(name, 150) < more);
}
