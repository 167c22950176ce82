//! Stories of who speaks, in fake time.

#![allow(clippy::unwrap_used, reason = "what fails ends the test")]

mod common;

use common::{ROOM, TestRoom};
use std::time::Duration;
use tabellion_media_protocol::{
    MediaKind, SeatId,
    control::{Answer, Event, Publish, Request},
};

const PIECE: Duration = Duration::from_millis(20);

/// All of these send sound for so many seconds, and one of them speaks.
fn speaks(room: &mut TestRoom, who: u64, everybody: &[u64], seconds: u64) {
    let end = room.now + Duration::from_secs(seconds);
    while room.now < end {
        let now = room.now;
        for seat in everybody {
            room.client(*seat).speak(if *seat == who { -25 } else { -80 }, now);
        }
        room.run(PIECE);
    }
}

/// Whom control was told to speak, one after the other.
fn speakers(room: &TestRoom) -> Vec<u64> {
    let told = |event: &Event| match event {
        Event::Speaker { room, seat } if *room == ROOM => Some(seat.0),
        _ => None,
    };
    room.events.iter().filter_map(told).collect()
}

fn sorted(mut seats: Vec<u64>) -> Vec<u64> {
    seats.sort_unstable();
    seats
}

#[test]
fn a_change_of_speaker_is_told_once() {
    let mut room = TestRoom::open();
    let all = [1, 2, 3];
    all.iter().for_each(|seat| {
        room.connect(*seat);
    });
    assert!(speakers(&room).is_empty());
    speaks(&mut room, 2, &all, 3);
    speaks(&mut room, 0, &all, 3);
    assert_eq!(speakers(&room), [2], "who spoke last, also in a silence");
    speaks(&mut room, 3, &all, 3);
    assert_eq!(speakers(&room), [2, 3]);
    let Ok(Answer::Snapshot(snapshot)) = room.answer(Request::Snapshot) else { panic!("no snapshot") };
    assert_eq!(snapshot.speakers, [(ROOM, SeatId(3))]);
    room.answer(Request::Leave { seat: SeatId(3) }).unwrap();
    let Ok(Answer::Snapshot(snapshot)) = room.answer(Request::Snapshot) else { panic!("no snapshot") };
    assert_eq!(snapshot.speakers, [(ROOM, SeatId(2))], "who left speaks no more");
    assert_eq!(speakers(&room), [2, 3, 2], "and the pages are told");
    room.connect(2);
    assert_eq!(speakers(&room), [2, 3, 2], "a reload is no change");
    speaks(&mut room, 1, &[1, 2], 3);
    assert_eq!(speakers(&room), [2, 3, 2, 1]);
}

#[test]
fn who_may_not_be_heard_does_not_speak() {
    let mut room = TestRoom::open();
    room.connect(1);
    room.connect(2);
    room.answer(Request::SetPublish { seat: SeatId(2), publish: Publish::NOTHING }).unwrap();
    speaks(&mut room, 2, &[1, 2], 3);
    assert!(speakers(&room).is_empty());
}

#[test]
fn where_not_all_can_be_seen_those_who_spoke_last_are() {
    let mut room = TestRoom::open();
    let all = [1, 2, 3, 4];
    all.iter().for_each(|seat| {
        room.connect(*seat);
    });
    room.connect(9);
    let seen = |room: &TestRoom| sorted(room.shown(9, MediaKind::Video));
    assert_eq!(seen(&room), [1, 2], "its two slots show who came first");
    speaks(&mut room, 4, &all, 2);
    assert_eq!(seen(&room), [1, 4]);
    speaks(&mut room, 3, &all, 2);
    assert_eq!(seen(&room), [3, 4]);
    speaks(&mut room, 1, &all, 2);
    assert_eq!(seen(&room), [1, 3]);
    let changes =
        room.events.iter().filter(|event| matches!(event, Event::Slots { seat: SeatId(9), .. })).count();
    speaks(&mut room, 3, &all, 2);
    let after =
        room.events.iter().filter(|event| matches!(event, Event::Slots { seat: SeatId(9), .. })).count();
    assert_eq!(changes, after, "who is seen already costs nobody a change");
}
