//! People who are seen and heard for a while.

use super::{
    TestRoom,
    camera::{FRAME, NAMES, Sender, seen},
};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const LEVEL: i8 = -30;

/// Sends pictures and sound for so long: each sender's, in this order; the first one speaks.
pub fn send(room: &mut TestRoom, senders: &mut [(u64, Sender)], time: Duration) {
    let end = room.now + time;
    while room.now < end {
        for (_, sender) in senders.iter_mut() {
            sender.send_picture(room);
        }
        for _ in 0..2 {
            let now = room.now;
            for (at, (seat, _)) in senders.iter().enumerate() {
                room.client(*seat).speak(if at == 0 { LEVEL } else { -90 }, now);
            }
            room.run(FRAME / 2);
        }
    }
}

/// Each of these publishes as a camera does, and is shown by all others.
pub fn meeting(publishers: &[u64]) -> (TestRoom, Vec<(u64, Sender)>) {
    let mut room = TestRoom::open();
    for seat in publishers {
        room.connect_simulcast(*seat, NAMES);
    }
    (room, publishers.iter().map(|seat| (*seat, Sender::with_rates_of_a_camera(*seat))).collect())
}

/// Packets of sound that a seat has not got, among those since; its pictures are not looked at.
pub fn missing_sounds(room: &mut TestRoom, seat: u64) -> u64 {
    let received = std::mem::take(&mut room.client(seat).received);
    let sounds = received.iter().filter(|packet| packet.payload.len() == 2).map(|packet| packet.sequence);
    let (first, last) = (sounds.clone().min().unwrap(), sounds.clone().max().unwrap());
    last - first + 1 - sounds.count() as u64
}

/// The picture that a seat gets at the end of such a time.
pub fn at_last(
    room: &mut TestRoom,
    senders: &mut [(u64, Sender)],
    seat: u64,
    time: Duration,
) -> Option<&'static str> {
    send(room, senders, time - SECOND / 2);
    room.client(seat).received.clear();
    send(room, senders, SECOND / 2);
    room.client(seat).received.retain(|packet| packet.payload.len() > 2);
    let seen = seen(room, seat);
    assert!(seen.len() <= 1, "it is still changing: {seen:?}");
    seen.first().copied()
}
