//! Stories of one who does what it should not, or takes nothing, in fake time: the others notice nothing.

#![allow(clippy::unwrap_used, reason = "what fails ends the test")]

mod common;

use common::{
    Line, TestRoom,
    camera::{FRAME, Sender, encoding},
    meeting::{meeting, send},
};
use std::{net::SocketAddr, time::Duration};
use tabellion_media_protocol::{MediaKind, SeatId};

const KEY: &[u8] = &[0x65, 1, 2, 3];
const SECOND: Duration = Duration::from_secs(1);

/// A sequence of numbers that is the same each time (xorshift64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }

    /// Another one: some bits turned, its end missing, or something behind it.
    fn spoil(&mut self, datagram: &[u8]) -> Vec<u8> {
        let mut spoiled = datagram.to_vec();
        match self.below(4) {
            0 => spoiled.truncate(self.below(datagram.len())),
            1 => spoiled.extend((0..=self.below(60)).map(|at| (at * 37) as u8)),
            _ => {
                for _ in 0..=self.below(4) {
                    // More often where the headers are.
                    let within = if self.below(2) == 0 { spoiled.len() } else { spoiled.len().min(32) };
                    let at = self.below(within);
                    spoiled[at] ^= 1 << self.below(8);
                }
            }
        }
        spoiled
    }
}

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

/// SRTP (RFC 7983 §7), not SRTCP (RFC 5761 §4).
fn is_media(datagram: &[u8]) -> bool {
    matches!(datagram, [128..192, second, ..] if !(192..224).contains(second))
}

/// Packets of this sender's picture that come while all send for so long.
fn pictures(
    room: &mut TestRoom,
    senders: &mut [(u64, Sender)],
    (from, to): (u64, u64),
    time: Duration,
) -> Vec<common::Received> {
    let slots = room.slots(to);
    let of = slots.iter().find(|slot| slot.kind == MediaKind::Video && slot.seat == Some(SeatId(from)));
    let mid = of.expect("it is shown").mid.clone();
    room.client(to).received.clear();
    send(room, senders, time);
    let received = std::mem::take(&mut room.client(to).received);
    received.into_iter().filter(|packet| packet.mid == mid).collect()
}

/// The longest time without anything of this sender's picture, in pictures, while all send.
fn longest_gap(room: &mut TestRoom, senders: &mut [(u64, Sender)], way: (u64, u64), time: Duration) -> usize {
    let (mut gap, mut longest) = (0, 0);
    for _ in 0..time.as_millis() / FRAME.as_millis() {
        let came = !pictures(room, senders, way, FRAME).is_empty();
        gap = if came { 0 } else { gap + 1 };
        longest = longest.max(gap);
    }
    longest
}

#[test]
fn one_whose_line_is_narrow_or_who_takes_nothing_stops_nobodys_picture() {
    let (mut room, mut senders) = meeting(&[1, 2]);
    room.connect(3);
    room.connect(4);
    send(&mut room, &mut senders, 2 * SECOND);
    assert!(longest_gap(&mut room, &mut senders, (1, 3), 5 * SECOND) <= 1);
    room.lines.insert(SeatId(4), Line::of(100_000));
    assert!(longest_gap(&mut room, &mut senders, (1, 3), 10 * SECOND) <= 1, "beside 100 kb/s");
    // It still sends, and its machine takes nothing out of its socket any more.
    let mut stalled = Line::of(1);
    stalled.longest = Duration::ZERO;
    room.lines.insert(SeatId(4), stalled);
    assert!(longest_gap(&mut room, &mut senders, (1, 3), 10 * SECOND) <= 1, "beside one that has stalled");
    assert!(room.lines[&SeatId(4)].dropped > 100);
}

/// Of 250 pictures of the first one that this seat should get, those of which nothing came, and those that came smaller. Before
/// each, the second one sends so many too much.
fn disturbed(room: &mut TestRoom, senders: &mut [(u64, Sender)], to: u64, too_many: usize) -> (usize, usize) {
    let (mut missing, mut smaller) = (0, 0);
    for _ in 0..250 {
        for _ in 0..too_many {
            senders[1].1.send_picture(room);
        }
        let came = pictures(room, senders, (1, to), FRAME);
        missing += usize::from(came.is_empty());
        smaller += usize::from(came.iter().any(|packet| encoding(packet) != "f"));
    }
    (missing, smaller)
}

#[test]
fn one_who_sends_ten_times_too_much_takes_nothing_from_the_others_where_the_line_carries_it() {
    let (mut room, mut senders) = meeting(&[1, 2]);
    room.connect(3);
    send(&mut room, &mut senders, 4 * SECOND);
    for too_many in [0, 9] {
        assert_eq!(disturbed(&mut room, &mut senders, 3, too_many), (0, 0), "{too_many} too many");
    }
}

/// The line's queue runs over, for everything in it, until it is known how much more comes; and again each time that more is tried. Of
/// 30 runs at most 5 were missing and 47 smaller at first, 6 missing later. Where the speaker does not come first, 170 are smaller.
#[test]
fn one_who_sends_ten_times_too_much_is_taken_back_on_a_line_that_does_not_carry_it() {
    let (mut room, mut senders) = meeting(&[1, 2]);
    room.lines.insert(SeatId(3), Line::of(6_000_000));
    room.connect(3);
    send(&mut room, &mut senders, 4 * SECOND);
    assert_eq!(disturbed(&mut room, &mut senders, 3, 0), (0, 0));
    let at_first = disturbed(&mut room, &mut senders, 3, 9);
    let later = disturbed(&mut room, &mut senders, 3, 9);
    assert!(at_first.0 <= 12 && at_first.1 <= 85, "{at_first:?} of 250 pictures are missing and smaller");
    assert!(later.0 <= 12 && later.1 <= 12, "{later:?} of the next 250");
}

#[test]
fn what_is_malformed_changes_nothing_for_the_others_wherever_it_comes_from() {
    let mut room = TestRoom::open();
    room.tapped = Some(Vec::new());
    room.connect(1);
    room.connect(2);
    room.connect(3);
    let (mut sent, mut dice) = (0, Dice(0x7a6e_0001));
    let strangers = ["10.77.0.9:4000", "203.0.113.5:50000"].map(address);
    let own = [room.client(1).address, room.client(3).address];
    for number in 0..200_u8 {
        let now = room.now;
        room.client(1).send_video(&[0x65, number, 1], now);
        room.client(3).send_video(&[0x65, number, 3], now);
        sent += 1;
        room.run(FRAME);
        let tapped = room.tapped.as_ref().unwrap().clone();
        for _ in 0..40 {
            let chosen = dice.below(tapped.len());
            let spoiled = dice.spoil(&tapped[chosen].1);
            // The third one spoils its own, too; strangers everybody's.
            let source = [strangers[0], strangers[1], own[1]][dice.below(3)];
            room.inject(source, &spoiled);
        }
        room.collect();
    }
    room.run(SECOND);
    let of_first = room.client(2).received.iter().filter(|packet| packet.payload.get(2) == Some(&1)).count();
    assert_eq!(of_first, sent, "of the one who does nothing wrong");
    let others = |packet: &common::Received| !matches!(packet.payload[..], [0x65, _, 1 | 3]);
    assert_eq!(
        room.client(2).received.iter().filter(|packet| others(packet)).count(),
        0,
        "nothing else comes"
    );
    assert!(room.client(1).connected && room.client(2).connected);
}

#[test]
fn what_is_sent_again_by_somebody_else_or_from_elsewhere_is_not_forwarded() {
    let mut room = TestRoom::open();
    room.connect(1);
    room.connect(2);
    room.connect(3);
    room.tapped = Some(Vec::new());
    room.withheld = Some(SeatId(1));
    let now = room.now;
    room.client(1).send_video(KEY, now);
    room.run(FRAME);
    room.withheld = None;
    let own = room.client(1).address;
    let tapped = room.tapped.take().unwrap();
    let packets: Vec<_> =
        tapped.into_iter().filter(|(source, bytes)| *source == own && is_media(bytes)).collect();
    assert_eq!(packets.len(), 1, "the picture, which has not arrived yet");
    let packet = &packets[0].1;
    let elsewhere = [address("203.0.113.5:50000"), SocketAddr::new(own.ip(), 4_000), room.client(3).address];
    for source in elsewhere {
        room.inject(source, packet);
        room.run(FRAME);
        assert_eq!(room.client(2).payloads(KEY), 0, "from {source}");
    }
    room.inject(own, packet);
    room.run(FRAME);
    assert_eq!(room.client(2).payloads(KEY), 1, "it is right where it comes from");
    for source in elsewhere.into_iter().chain([own, own]) {
        room.inject(source, packet);
        room.run(FRAME);
    }
    assert_eq!((room.client(2).payloads(KEY), room.client(3).payloads(KEY)), (1, 1), "once");
    // And none of it has taken anybody's place.
    for (from, to) in [(3, 1), (2, 3), (1, 2)] {
        let now = room.now;
        let payload = [0x65, 9, from as u8];
        room.client(from).send_video(&payload, now);
        room.until(SECOND, |room| room.client(to).payloads(&payload) == 1);
    }
}
