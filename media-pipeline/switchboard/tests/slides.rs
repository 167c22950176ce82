//! Stories of screens that are shown to all, in fake time.

#![allow(clippy::unwrap_used, reason = "what fails ends the test")]

mod common;

use common::{Line, TestRoom};
use std::time::Duration;
use str0m::{
    change::{SdpAnswer, SdpApi},
    media::{Direction, MediaKind as RtcKind, Mid},
};
use tabellion_media_protocol::{
    Content, MediaKind, SeatId,
    control::{Answer, Publish, Request},
};

const FRAME: Duration = Duration::from_millis(40);
const KEY: u8 = 0x65;

/// A seat shows its screen; the line that carries it.
fn share(room: &mut TestRoom, seat: u64) -> Mid {
    offer(room, seat, |api| vec![api.add_media(RtcKind::Video, Direction::SendOnly, None, None, None)])[0]
}

/// A further offer, with this change; the lines that carry slides after it.
fn offer(room: &mut TestRoom, seat: u64, change: impl FnOnce(&mut SdpApi<'_>) -> Vec<Mid>) -> Vec<Mid> {
    let mut api = room.client(seat).rtc.sdp_api();
    let slides = change(&mut api);
    let (offer, pending) = api.apply().unwrap();
    let (offer, names) = (offer.to_sdp_string(), slides.iter().map(ToString::to_string).collect());
    let request = Request::RenegotiateBrowser { seat: SeatId(seat), offer, slides: names };
    let Answer::Sdp { answer } = room.answer(request).unwrap() else { panic!("no SDP") };
    let answer = SdpAnswer::from_sdp_string(&answer).unwrap();
    room.client(seat).rtc.sdp_api().accept_answer(pending, answer).unwrap();
    slides
}

/// Camera and screen of seat 1 for so long: pictures that say which of both they are.
fn send(room: &mut TestRoom, screen: Mid, time: Duration) {
    let end = room.now + time;
    while room.now < end {
        let now = room.now;
        room.client(1).send_video(&[KEY, 1], now);
        room.client(1).send_picture_on(screen, &[KEY, 2], now);
        room.run(FRAME);
    }
}

/// What a seat's slots of this kind show: whose, and what.
fn shown(room: &TestRoom, seat: u64) -> Vec<(u64, Content)> {
    let slots = room.slots(seat).into_iter().filter(|slot| slot.kind == MediaKind::Video);
    slots.filter_map(|slot| Some((slot.seat?.0, slot.content))).collect()
}

#[test]
fn a_screen_is_shown_beside_the_camera_until_it_is_withdrawn() {
    let mut room = TestRoom::open();
    room.connect(1);
    room.connect(2);
    let screen = share(&mut room, 1);
    send(&mut room, screen, Duration::from_secs(1));
    assert_eq!(shown(&room, 2), [(1, Content::Main), (1, Content::Slides)]);
    assert!(room.client(2).payloads(&[KEY, 1]) > 20 && room.client(2).payloads(&[KEY, 2]) > 20);
    assert_eq!(shown(&room, 1), [(2, Content::Main)], "one's own is not sent back");
    offer(&mut room, 1, |api| {
        api.set_direction(screen, Direction::Inactive);
        Vec::new()
    });
    room.run(FRAME);
    assert_eq!(shown(&room, 2), [(1, Content::Main)]);
}

#[test]
fn a_screen_takes_a_place_before_any_person() {
    let mut room = TestRoom::open();
    for seat in [1, 2, 3, 9] {
        room.connect(seat);
    }
    assert_eq!(shown(&room, 9), [(1, Content::Main), (2, Content::Main)], "it has two slots");
    share(&mut room, 3);
    room.run(FRAME);
    assert_eq!(shown(&room, 9), [(1, Content::Main), (3, Content::Slides)]);
}

#[test]
fn the_screen_has_its_own_right() {
    let mut room = TestRoom::open();
    room.connect(1);
    room.connect(2);
    let screen = share(&mut room, 1);
    let publish = Publish { video: false, ..Publish::ALL };
    room.answer(Request::SetPublish { seat: SeatId(1), publish }).unwrap();
    send(&mut room, screen, Duration::from_secs(1));
    assert_eq!(shown(&room, 2), [(1, Content::Slides)], "without the camera");
    room.answer(Request::SetPublish { seat: SeatId(1), publish: Publish { slides: false, ..Publish::ALL } })
        .unwrap();
    room.client(2).received.clear();
    send(&mut room, screen, Duration::from_secs(1));
    assert_eq!(shown(&room, 2), [(1, Content::Main)]);
    assert_eq!(room.client(2).payloads(&[KEY, 2]), 0, "also where the page sends on");
}

#[test]
fn on_a_narrow_line_the_screen_comes_before_the_people() {
    let mut room = TestRoom::open();
    room.connect(1);
    room.lines.insert(SeatId(2), Line::of(700_000));
    room.connect(2);
    let screen = share(&mut room, 1);
    let picture = |what: u8| [vec![KEY, what], vec![0; 1_100]].concat();
    for _ in 0..250 {
        let now = room.now;
        // 440 kb/s each.
        for _ in 0..2 {
            room.client(1).send_video(&picture(1), now);
            room.client(1).send_picture_on(screen, &picture(2), now);
        }
        room.run(FRAME);
    }
    let slots = room.slots(2);
    let of = |content| {
        slots
            .iter()
            .find(|slot| slot.kind == MediaKind::Video && slot.seat.is_some() && slot.content == content)
    };
    assert!(!of(Content::Slides).unwrap().suspended);
    assert!(of(Content::Main).unwrap().suspended);
}

#[test]
fn a_screen_that_stands_still_is_asked_for_no_key_frames() {
    let mut room = TestRoom::open();
    room.connect(1);
    room.connect(2);
    let screen = share(&mut room, 1);
    send(&mut room, screen, Duration::from_secs(1));
    room.client(1).key_frames_asked.clear();
    for _ in 0..10 {
        let now = room.now;
        room.client(1).send_picture_on(screen, &[0x41, 2], now);
        room.run(Duration::from_secs(1));
    }
    let asked = room.client(1).key_frames_asked.len();
    assert_eq!(asked, 0, "a repeated picture is no return");
}

#[test]
fn of_two_screens_the_later_one_is_shown_and_the_former_when_it_ends() {
    let mut room = TestRoom::open();
    for seat in [1, 2, 3] {
        room.connect(seat);
    }
    let slides = |room: &TestRoom| -> Vec<u64> {
        let all = shown(room, 3).into_iter();
        all.filter(|(_, content)| *content == Content::Slides).map(|(seat, _)| seat).collect()
    };
    share(&mut room, 2);
    assert_eq!(slides(&room), [2]);
    let later = share(&mut room, 1);
    assert_eq!(slides(&room), [1]);
    offer(&mut room, 1, |api| {
        api.set_direction(later, Direction::Inactive);
        Vec::new()
    });
    assert_eq!(slides(&room), [2]);
}

#[test]
fn nobody_takes_more_than_one_slot_of_each_kind() {
    let mut room = TestRoom::open();
    room.connect(1);
    room.connect(2);
    offer(&mut room, 1, |api| {
        (0..6).map(|_| api.add_media(RtcKind::Video, Direction::SendOnly, None, None, None)).collect()
    });
    assert_eq!(shown(&room, 2).len(), 2, "its camera and one screen");
}
