//! Stories of a box that cannot do everything, in fake time.

#![allow(clippy::unwrap_used, reason = "what fails ends the test")]

mod common;

use common::{
    ROOM, TestRoom,
    camera::{NAMES, Sender, seen, told},
};
use std::time::Duration;
use tabellion_media_protocol::{
    MediaKind, SeatId,
    control::{Answer, LoadState, MediaError, Publish, Request},
};

const SECOND: Duration = Duration::from_secs(1);

/// The box is so busy for so many seconds.
fn busy(room: &mut TestRoom, sender: &mut Sender, share: u8, seconds: u32) {
    for _ in 0..seconds {
        let now = room.now;
        room.core.busy(share, now);
        sender.send(room, SECOND);
    }
}

fn refused(room: &mut TestRoom, seat: u64) -> bool {
    let request = Request::JoinBrowser {
        room: ROOM,
        seat: SeatId(seat),
        name: String::new(),
        offer: "v=0".to_owned(),
        slides: Vec::new(),
        publish: Publish::ALL,
        muted: false,
        limit_kbps: None,
    };
    matches!(room.answer(request), Err(MediaError::Overloaded))
}

#[test]
fn pictures_become_smaller_and_fewer_and_come_back_and_sound_goes_on() {
    let mut room = TestRoom::open();
    room.connect_simulcast(1, NAMES);
    for seat in 2..=7 {
        room.connect_with_slots(seat, 6);
    }
    let mut sender = Sender::new(1);
    sender.send(&mut room, 2 * SECOND);
    assert_eq!(seen(&mut room, 2).last(), Some(&"f"));
    busy(&mut room, &mut sender, 95, 3);
    assert_eq!(seen(&mut room, 2).last(), Some(&"h"));
    assert!(!refused(&mut room, 50), "there is room for one more yet");
    busy(&mut room, &mut sender, 95, 3);
    assert_eq!(seen(&mut room, 2).last(), Some(&"q"));
    assert!(refused(&mut room, 50), "and now there is none");
    assert!(!refused(&mut room, 2), "who is there may come again");
    busy(&mut room, &mut sender, 95, 3);
    assert_eq!(room.shown(2, MediaKind::Video).len(), 4);
    assert_eq!(told(&mut room, 1).last().unwrap(), &["q"], "what nobody gets is not sent");
    busy(&mut room, &mut sender, 95, 3);
    assert_eq!(room.shown(2, MediaKind::Video).len(), 1);
    let voices = room.shown(2, MediaKind::Audio).len();
    assert!(voices >= 3, "{voices} voices are heard all the same");
    let load = LoadState { share_percent: 95, step: 4 };
    assert_eq!(room.answer(Request::Load), Ok(Answer::Load(load)));

    busy(&mut room, &mut sender, 20, 60);
    assert_eq!(room.shown(2, MediaKind::Video).len(), 6);
    seen(&mut room, 2);
    sender.send(&mut room, SECOND);
    assert_eq!(seen(&mut room, 2), ["f"]);
    assert!(!refused(&mut room, 50));
}
