//! Stories of browsers whose users want to get no more than so much, in fake time.

#![allow(clippy::unwrap_used, reason = "what fails ends the test")]

mod common;

use common::{
    Line, TestRoom,
    camera::{FRAME, SIZES, Sender, seen},
    meeting::{at_last, meeting, missing_sounds, send},
};
use std::time::Duration;
use tabellion_media_protocol::{
    PROTOCOL, SeatId,
    control::{Answer, MediaError, Request},
};

const SECOND: Duration = Duration::from_secs(1);

fn limit(room: &mut TestRoom, seat: u64, kbps: Option<u32>) -> Result<Answer, MediaError> {
    room.answer(Request::LimitBandwidth { seat: SeatId(seat), kbps })
}

/// What comes to a seat in such a time, kb/s.
fn rate(room: &mut TestRoom, senders: &mut [(u64, Sender)], seat: u64, time: Duration) -> u64 {
    let before = room.client(seat).arrived;
    send(room, senders, time);
    (room.client(seat).arrived - before) * 8 / time.as_millis() as u64
}

#[test]
fn no_more_comes_than_is_wanted_and_all_of_it_again_without_a_limit() {
    let (mut room, mut senders) = meeting(&[1]);
    room.connect(2);
    assert_eq!(at_last(&mut room, &mut senders, 2, 3 * SECOND), Some("f"));
    for (kbps, picture) in [(2_000, "f"), (1_000, "h"), (500, "q"), (250, "q")] {
        assert_eq!(limit(&mut room, 2, Some(kbps)), Ok(Answer::Done));
        send(&mut room, &mut senders, SECOND);
        room.client(2).received.clear();
        let rate = rate(&mut room, &mut senders, 2, 10 * SECOND);
        assert!(rate <= u64::from(kbps), "{rate} kb/s of {kbps}");
        assert_eq!(missing_sounds(&mut room, 2), 0, "at {kbps} kb/s");
        assert_eq!(at_last(&mut room, &mut senders, 2, SECOND), Some(picture), "at {kbps} kb/s");
    }
    assert_eq!(limit(&mut room, 2, None), Ok(Answer::Done));
    assert_eq!(at_last(&mut room, &mut senders, 2, 10 * SECOND), Some("f"));
}

#[test]
fn the_line_is_not_sought_out_beyond_the_limit() {
    let (mut room, mut senders) = meeting(&[1]);
    room.connect(2);
    send(&mut room, &mut senders, 3 * SECOND);
    limit(&mut room, 2, Some(250)).unwrap();
    send(&mut room, &mut senders, 3 * SECOND);
    // Several probes are made in this time.
    let busiest = (0..750).map(|_| rate(&mut room, &mut senders, 2, FRAME)).max().unwrap();
    assert!(busiest <= 3 * 250, "{busiest} kb/s for {FRAME:?}");
}

#[test]
fn a_larger_picture_takes_no_small_ones_place_beyond_the_limit() {
    let (mut room, mut senders) = meeting(&[1]);
    senders[0].1.sizes.remove(0);
    room.connect(2);
    limit(&mut room, 2, Some(250)).unwrap();
    send(&mut room, &mut senders, 3 * SECOND);
    let rate = rate(&mut room, &mut senders, 2, 5 * SECOND);
    assert!(rate <= 250, "{rate} kb/s, though the small picture does not come");
    senders[0].1.sizes.insert(0, SIZES[0]);
    assert_eq!(at_last(&mut room, &mut senders, 2, 3 * SECOND), Some("q"));
    // It stops while it is seen.
    senders[0].1.sizes.remove(0);
    senders[0].1.fresh.extend(["h", "f"]);
    room.client(2).received.clear();
    send(&mut room, &mut senders, 5 * SECOND);
    room.client(2).received.retain(|packet| packet.payload.len() > 2);
    assert_eq!(seen(&mut room, 2), [""; 0], "nothing takes its place");
    limit(&mut room, 2, None).unwrap();
    assert_eq!(at_last(&mut room, &mut senders, 2, 5 * SECOND), Some("f"));
}

#[test]
fn the_sound_stays_where_no_picture_has_room() {
    let (mut room, mut senders) = meeting(&[1]);
    room.connect(2);
    send(&mut room, &mut senders, 3 * SECOND);
    limit(&mut room, 2, Some(100)).unwrap();
    send(&mut room, &mut senders, 3 * SECOND);
    assert!(room.slots(2).iter().any(|slot| slot.suspended));
    room.client(2).received.clear();
    send(&mut room, &mut senders, 10 * SECOND);
    assert!(room.client(2).received.iter().all(|packet| packet.payload.len() == 2), "sound alone");
    assert_eq!(missing_sounds(&mut room, 2), 0);
    limit(&mut room, 2, Some(250)).unwrap();
    assert_eq!(at_last(&mut room, &mut senders, 2, 3 * SECOND), Some("q"));
    limit(&mut room, 2, Some(100)).unwrap();
    send(&mut room, &mut senders, 10 * SECOND);
    limit(&mut room, 2, None).unwrap();
    assert_eq!(at_last(&mut room, &mut senders, 2, 5 * SECOND), Some("f"));
}

#[test]
fn a_limit_is_there_from_the_first_packet_on() {
    let (mut room, mut senders) = meeting(&[1]);
    room.limit_kbps = Some(250);
    room.connect(2);
    room.client(2).arrived = 0;
    let rate = rate(&mut room, &mut senders, 2, 5 * SECOND);
    assert!(rate <= 250, "{rate} kb/s");
    assert_eq!(at_last(&mut room, &mut senders, 2, SECOND), Some("q"));
    // Of its own page alone: another one says what it wants.
    room.limit_kbps = None;
    room.connect(2);
    assert_eq!(at_last(&mut room, &mut senders, 2, 5 * SECOND), Some("f"));
}

#[test]
fn a_limit_outlives_an_ice_restart_and_the_control_process() {
    let (mut room, mut senders) = meeting(&[1]);
    room.connect(2);
    limit(&mut room, 2, Some(250)).unwrap();
    send(&mut room, &mut senders, 3 * SECOND);
    room.core.control_replaced();
    room.answer(Request::Hello { protocol: PROTOCOL }).unwrap();
    room.answer(Request::Snapshot).unwrap();
    room.restart_ice(2);
    send(&mut room, &mut senders, SECOND);
    room.client(2).received.clear();
    let rate = rate(&mut room, &mut senders, 2, 10 * SECOND);
    assert!(rate <= 250, "{rate} kb/s");
    room.client(2).received.retain(|packet| packet.payload.len() > 2);
    assert_eq!(seen(&mut room, 2), ["q"]);
}

#[test]
fn a_line_that_carries_less_than_the_limit_has_the_last_word() {
    let (mut room, mut senders) = meeting(&[1]);
    room.lines.insert(SeatId(2), Line::of(900_000));
    room.connect(2);
    limit(&mut room, 2, Some(2_000)).unwrap();
    assert_eq!(at_last(&mut room, &mut senders, 2, 8 * SECOND), Some("h"));
    let dropped = room.lines[&SeatId(2)].dropped;
    limit(&mut room, 2, None).unwrap();
    assert_eq!(at_last(&mut room, &mut senders, 2, 4 * SECOND), Some("h"));
    assert!(room.lines[&SeatId(2)].dropped <= dropped + 20, "it was known already");
}

#[test]
fn a_limit_that_is_none_is_refused_and_the_former_one_stays() {
    let (mut room, mut senders) = meeting(&[1]);
    room.connect(2);
    limit(&mut room, 2, Some(250)).unwrap();
    for kbps in [0, 99, 100_001, u32::MAX] {
        assert_eq!(limit(&mut room, 2, Some(kbps)), Err(MediaError::BadLimit { kbps }));
    }
    assert_eq!(limit(&mut room, 9, Some(250)), Err(MediaError::NoSuchSeat { seat: SeatId(9) }));
    assert_eq!(at_last(&mut room, &mut senders, 2, 3 * SECOND), Some("q"));
}
