//! Stories of a picture that its sender gives in several sizes, in fake time.

#![allow(clippy::unwrap_used, reason = "what fails ends the test")]

mod common;

use common::{
    TestRoom,
    camera::{FRAME, NAMES, SIZES, Sender, encoding, parameters, seen, tile, told},
};
use std::time::Duration;
use tabellion_media_protocol::{
    SeatId,
    control::{Answer, Publish, Request, Tile},
};

fn meeting() -> (TestRoom, Sender) {
    let mut room = TestRoom::open();
    room.connect_simulcast(1, NAMES);
    room.connect(2);
    (room, Sender::new(1))
}

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn each_tile_gets_the_size_that_it_has() {
    let (mut room, mut sender) = meeting();
    room.connect(3);
    sender.send(&mut room, SECOND);
    assert_eq!(seen(&mut room, 2).last(), Some(&"f"), "the largest, until a size is known");
    tile(&mut room, 2, 1, 150);
    tile(&mut room, 3, 1, 400);
    sender.send(&mut room, SECOND);
    seen(&mut room, 2);
    seen(&mut room, 3);
    sender.send(&mut room, SECOND);
    assert_eq!((seen(&mut room, 2), seen(&mut room, 3)), (vec!["q"], vec!["h"]));
    tile(&mut room, 2, 1, 1_080);
    sender.send(&mut room, SECOND);
    assert_eq!(seen(&mut room, 2), ["q", "f"], "from one to the other and not back");
}

#[test]
fn a_change_of_size_is_seamless() {
    let (mut room, mut sender) = meeting();
    sender.send(&mut room, 2 * SECOND);
    room.client(2).received.clear();
    for rows in [150, 400, 1_000, 300, 100, 900] {
        tile(&mut room, 2, 1, rows);
        sender.send(&mut room, SECOND);
    }
    let received = std::mem::take(&mut room.client(2).received);
    let mut changes = 0;
    for pair in received.windows(2) {
        assert_eq!(pair[1].sequence, pair[0].sequence + 1, "no number is missing");
        let step = pair[1].timestamp.wrapping_sub(pair[0].timestamp);
        assert!((1..=90 * 100).contains(&step), "time goes on, by {step} ticks");
        if encoding(&pair[0]) != encoding(&pair[1]) {
            changes += 1;
            assert_eq!(pair[1].payload[0], 0x78, "at a key frame");
        }
    }
    assert_eq!(changes, 6);
    // The cut may cost a picture of the time, and no more.
    assert!(received.len() >= 145, "{} pictures of 150", received.len());
}

#[test]
fn a_change_is_asked_for_once_and_of_the_right_encoding() {
    let (mut room, mut sender) = meeting();
    sender.send(&mut room, SECOND);
    room.client(1).key_frames_asked.clear();
    tile(&mut room, 2, 1, 150);
    room.run(Duration::from_millis(190));
    let asked: Vec<_> = room.client(1).key_frames_asked.iter().map(|(_, name)| name.clone()).collect();
    assert_eq!(asked, ["q"], "and again only after 200 ms");
}

#[test]
fn who_comes_as_the_largest_is_stopped_sees_what_comes() {
    let (mut room, mut sender) = meeting();
    sender.send(&mut room, SECOND);
    sender.sizes.retain(|(name, _)| *name != "f");
    room.connect(3);
    sender.send(&mut room, Duration::from_millis(400));
    assert!(!seen(&mut room, 3).is_empty(), "not black until it is known what comes");
    sender.send(&mut room, SECOND);
    seen(&mut room, 2);
    seen(&mut room, 3);
    sender.send(&mut room, Duration::from_millis(200));
    assert_eq!((seen(&mut room, 2), seen(&mut room, 3)), (vec!["h"], vec!["h"]));
    sender.send(&mut room, 5 * SECOND);
    assert_eq!(
        told(&mut room, 1).last().unwrap(),
        &["q", "h", "f"],
        "the next smaller as long as it is not back"
    );
    room.client(1).key_frames_asked.clear();
    room.run(SECOND);
    assert!(room.client(1).key_frames_asked.is_empty(), "nothing is asked of what does not come");
}

#[test]
fn a_small_camera_has_two_sizes_and_is_asked_for_nothing_else() {
    let mut room = TestRoom::open();
    room.connect_simulcast(1, &["h", "f"]);
    room.connect(2);
    let mut sender = Sender::new(1);
    sender.sizes.retain(|(name, _)| *name != "q");
    room.run(SECOND);
    sender.send(&mut room, SECOND);
    seen(&mut room, 2);
    sender.send(&mut room, SECOND);
    assert_eq!(seen(&mut room, 2), ["f"]);
    tile(&mut room, 2, 1, 90);
    sender.send(&mut room, 5 * SECOND);
    assert_eq!(told(&mut room, 1), [vec!["h", "f"], vec!["h"]]);
    assert_eq!(seen(&mut room, 2).last(), Some(&"h"));
}

#[test]
fn an_encoding_that_its_sender_stops_is_replaced_by_what_comes() {
    let (mut room, mut sender) = meeting();
    sender.send(&mut room, SECOND);
    sender.sizes.retain(|(name, _)| *name == "q");
    sender.send(&mut room, 5 * SECOND);
    seen(&mut room, 2);
    sender.send(&mut room, SECOND);
    assert_eq!(seen(&mut room, 2), ["q"]);
    sender.sizes = SIZES.to_vec();
    sender.fresh = NAMES.to_vec();
    sender.send(&mut room, 2 * SECOND);
    assert_eq!(seen(&mut room, 2), ["q", "f"], "and comes back with it");
}

#[test]
fn what_nobody_watches_is_not_sent_for_long_and_is_back_at_once() {
    let (mut room, mut sender) = meeting();
    assert_eq!(told(&mut room, 1), [["q", "h", "f"]], "each new transport is told");
    sender.send(&mut room, SECOND);
    tile(&mut room, 2, 1, 400);
    sender.send(&mut room, SECOND);
    assert!(told(&mut room, 1).is_empty(), "it may be wanted again");
    sender.send(&mut room, 3 * SECOND);
    assert_eq!(told(&mut room, 1), [["q", "h"]]);
    let Ok(Answer::Snapshot(snapshot)) = room.answer(Request::Snapshot) else { panic!("no snapshot") };
    let video = room.client(1).video.to_string();
    let of = |seat| {
        let state = snapshot.seats.iter().find(|state| state.seat == SeatId(seat)).unwrap();
        let named = state.encodings.iter().filter(|encoding| encoding.mid == video);
        named.filter_map(|encoding| encoding.rid.clone()).collect::<Vec<_>>()
    };
    assert_eq!((of(1), of(2)), (vec!["q".to_owned(), "h".to_owned()], vec![]));
    sender.sizes.retain(|(name, _)| *name != "f");
    sender.send(&mut room, 4 * SECOND);
    room.client(1).key_frames_asked.clear();
    room.run(SECOND);
    assert!(room.client(1).key_frames_asked.is_empty(), "nothing is asked of what is not sent");
    tile(&mut room, 2, 1, 900);
    room.run(Duration::from_millis(5));
    assert_eq!(told(&mut room, 1), [["q", "h", "f"]], "what is shown goes on until the larger one comes");
    sender.sizes = SIZES.to_vec();
    sender.fresh = vec!["f"];
    sender.send(&mut room, 5 * SECOND);
    assert_eq!(told(&mut room, 1), [["q", "f"]]);
}

#[test]
fn who_comes_late_begins_with_the_fitting_size() {
    let (mut room, mut sender) = meeting();
    sender.send(&mut room, SECOND);
    room.connect(3);
    tile(&mut room, 3, 1, 100);
    sender.send(&mut room, SECOND);
    assert_eq!(seen(&mut room, 3), ["q"]);
}

#[test]
fn a_name_that_is_not_ours_is_not_forwarded() {
    let mut room = TestRoom::open();
    room.connect_simulcast(1, &["x", "y"]);
    room.connect(2);
    for _ in 0..10 {
        let now = room.now;
        room.client(1).send_encoding("x", &parameters(360), now);
        room.run(FRAME);
    }
    assert!(room.client(2).received.is_empty());
}

#[test]
fn tiles_of_nobody_are_an_error_and_unknown_ones_are_left_alone() {
    let (mut room, mut sender) = meeting();
    let tiles = vec![Tile { mid: "nowhere".into(), rows: 100 }];
    let asked = |seat| Request::ShowTiles { seat: SeatId(seat), tiles: tiles.clone() };
    assert!(room.answer(asked(9)).is_err());
    assert_eq!(room.answer(asked(2)), Ok(Answer::Done));
    sender.send(&mut room, SECOND);
    assert_eq!(seen(&mut room, 2).last(), Some(&"f"), "its size is as before");
}

#[test]
fn who_may_not_publish_is_not_seen_in_any_size() {
    let (mut room, mut sender) = meeting();
    sender.send(&mut room, SECOND);
    let publish = Publish { video: false, ..Publish::ALL };
    room.answer(Request::SetPublish { seat: SeatId(1), publish }).unwrap();
    room.client(2).received.clear();
    sender.send(&mut room, SECOND);
    assert!(room.client(2).received.is_empty());
}
