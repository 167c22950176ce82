//! Stories of browsers that take no H.264, in fake time.

#![allow(clippy::unwrap_used, reason = "what fails ends the test")]

mod common;

use common::{TestRoom, camera::FRAME};
use std::time::Duration;
use str0m::format::Codec;
use tabellion_media_protocol::{
    MediaKind, SeatId, VideoCodec,
    control::{Event, Request},
};

const SECOND: Duration = Duration::from_secs(1);

/// A picture as the page of this seat sends it now: what it was told last.
fn picture(codec: VideoCodec, key_frame: bool, number: u8) -> (Codec, Vec<u8>) {
    match codec {
        VideoCodec::H264 => (Codec::H264, vec![if key_frame { 0x65 } else { 0x41 }, number, 1]),
        VideoCodec::Vp8 => (Codec::Vp8, vec![0x10, u8::from(!key_frame), number]),
    }
}

fn codec_of(payload: &[u8]) -> VideoCodec {
    if payload[0] == 0x10 { VideoCodec::Vp8 } else { VideoCodec::H264 }
}

/// One who publishes a picture, and does what it is told.
struct Sender {
    seat: u64,
    codec: VideoCodec,
    fresh: bool,
    number: u8,
}

impl Sender {
    fn new(seat: u64, codec: VideoCodec) -> Self {
        Self { seat, codec, fresh: true, number: 0 }
    }

    fn send(&mut self, room: &mut TestRoom) {
        let codec = told(room, self.seat).unwrap();
        let asked = !std::mem::take(&mut room.client(self.seat).key_frames_asked).is_empty();
        let key_frame = std::mem::take(&mut self.fresh) || asked || codec != self.codec;
        (self.codec, self.number) = (codec, self.number.wrapping_add(1));
        let (codec, payload) = picture(codec, key_frame, self.number);
        let now = room.now;
        room.client(self.seat).send_picture_as(codec, &payload, now);
    }
}

fn send(room: &mut TestRoom, senders: &mut [Sender], time: Duration) {
    let end = room.now + time;
    while room.now < end {
        senders.iter_mut().for_each(|sender| sender.send(room));
        room.run(FRAME);
    }
}

/// What a seat was told last to send its picture as.
fn told(room: &TestRoom, seat: u64) -> Option<VideoCodec> {
    room.events.iter().rev().find_map(|event| match event {
        Event::Encodings { seat: whose, encodings } if *whose == SeatId(seat) => {
            encodings.first().map(|encoding| encoding.codec)
        }
        _ => None,
    })
}

/// What a seat has got since.
fn seen(room: &mut TestRoom, seat: u64) -> Vec<VideoCodec> {
    let mut seen: Vec<_> =
        room.client(seat).received.drain(..).map(|packet| codec_of(&packet.payload)).collect();
    seen.dedup();
    seen
}

#[test]
fn all_send_vp8_while_somebody_takes_nothing_else() {
    let mut room = TestRoom::open();
    room.connect(1);
    room.connect(2);
    let mut senders = [1, 2].map(|seat| Sender::new(seat, VideoCodec::H264));
    send(&mut room, &mut senders, SECOND);
    assert_eq!((seen(&mut room, 1), seen(&mut room, 2)), (vec![VideoCodec::H264], vec![VideoCodec::H264]));
    room.connect_with_codecs(3, &[Codec::Vp8]);
    assert_eq!([1, 2, 3].map(|seat| told(&room, seat)), [Some(VideoCodec::Vp8); 3]);
    let [first, second] = senders;
    let mut senders = [first, second, Sender::new(3, VideoCodec::Vp8)];
    send(&mut room, &mut senders, SECOND);
    assert_eq!(room.shown(3, MediaKind::Video), [1, 2]);
    assert_eq!(seen(&mut room, 3), [VideoCodec::Vp8]);
    assert_eq!(seen(&mut room, 1), [VideoCodec::Vp8], "and so does who takes both");
    room.answer(Request::Leave { seat: SeatId(3) }).unwrap();
    assert_eq!([1, 2].map(|seat| told(&room, seat)), [Some(VideoCodec::H264); 2]);
    send(&mut room, &mut senders[..2], SECOND);
    assert_eq!(seen(&mut room, 2).last(), Some(&VideoCodec::H264));
}

#[test]
fn who_takes_both_sees_no_seam() {
    let mut room = TestRoom::open();
    room.connect(1);
    room.connect(2);
    let mut senders = [Sender::new(1, VideoCodec::H264)];
    send(&mut room, &mut senders, SECOND);
    room.connect_with_codecs(3, &[Codec::Vp8]);
    send(&mut room, &mut senders, SECOND);
    room.answer(Request::Leave { seat: SeatId(3) }).unwrap();
    send(&mut room, &mut senders, SECOND);
    let received = std::mem::take(&mut room.client(2).received);
    let changes = received.windows(2).filter(|pair| {
        assert_eq!(pair[1].sequence, pair[0].sequence + 1, "no number is missing");
        let step = pair[1].timestamp.wrapping_sub(pair[0].timestamp);
        assert!((1..=90 * 100).contains(&step), "time goes on, by {step} ticks");
        codec_of(&pair[0].payload) != codec_of(&pair[1].payload)
    });
    assert_eq!(changes.count(), 2);
    assert!(received.len() >= 70, "{} pictures of 75", received.len());
}

#[test]
fn what_cannot_be_shown_is_not_sent_and_no_key_frame_of_it_is_asked_for() {
    let mut room = TestRoom::open();
    room.connect(1);
    room.connect_with_codecs(3, &[Codec::Vp8]);
    // A page that has not changed over yet.
    for number in 0..50 {
        let now = room.now;
        room.client(1).send_picture_as(Codec::H264, &picture(VideoCodec::H264, number == 0, number).1, now);
        if number == 5 {
            room.client(1).key_frames_asked.clear();
        }
        room.run(FRAME);
    }
    assert!(room.client(3).received.is_empty());
    assert!(room.client(1).key_frames_asked.is_empty());
    let now = room.now;
    room.client(1).send_picture_as(Codec::Vp8, &picture(VideoCodec::Vp8, true, 50).1, now);
    room.run(FRAME);
    let first = room.client(3).received.remove(0);
    assert!(first.sequence < 1_100, "nothing was counted that was not sent");
}

#[test]
fn what_is_sent_again_after_the_change_does_not_undo_it() {
    let mut room = TestRoom::open();
    room.connect(1);
    room.connect(2);
    let mut senders = [Sender::new(1, VideoCodec::H264)];
    send(&mut room, &mut senders, SECOND);
    room.client(1).skip_a_number();
    room.connect_with_codecs(3, &[Codec::Vp8]);
    send(&mut room, &mut senders, SECOND);
    room.client(2).received.clear();
    let now = room.now;
    room.client(1).send_skipped(&picture(VideoCodec::H264, true, 0).1, now);
    send(&mut room, &mut senders, SECOND);
    assert_eq!(seen(&mut room, 2), [VideoCodec::Vp8]);
}

#[test]
fn who_takes_only_what_others_do_not_is_told_so() {
    let mut room = TestRoom::open();
    room.connect(1);
    room.connect_with_codecs(2, &[Codec::H264]);
    let undecodable = |room: &TestRoom, seat: u64| {
        room.slots(seat)
            .iter()
            .filter(|slot| slot.undecodable)
            .filter_map(|slot| slot.seat)
            .collect::<Vec<_>>()
    };
    room.connect_with_codecs(3, &[Codec::Vp8]);
    assert_eq!(told(&room, 1), Some(VideoCodec::H264), "nothing suits all: as it is usual");
    assert_eq!(undecodable(&room, 3), [SeatId(1), SeatId(2)]);
    assert_eq!(undecodable(&room, 2), [SeatId(3)]);
    assert!(undecodable(&room, 1).is_empty());
    let mut senders = [Sender::new(1, VideoCodec::H264), Sender::new(3, VideoCodec::Vp8)];
    send(&mut room, &mut senders, SECOND);
    assert_eq!(seen(&mut room, 2), [VideoCodec::H264]);
    assert!(seen(&mut room, 3).is_empty());
    room.answer(Request::Leave { seat: SeatId(2) }).unwrap();
    send(&mut room, &mut senders, SECOND);
    assert!(undecodable(&room, 3).is_empty());
    assert_eq!(seen(&mut room, 3), [VideoCodec::Vp8]);
}
