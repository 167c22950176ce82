//! Stories of browsers in a room, in fake time.

mod common;

use common::{ROOM, TestRoom};
use std::{cell::RefCell, time::Duration};
use tabellion_media_protocol::{
    MediaKind, SeatId,
    control::{Answer, Event, MediaError, Publish, Request},
};

const KEY: &[u8] = &[0x65, 1, 2, 3];
const DELTA: &[u8] = &[0x41, 4, 5, 6];
const SOUND: &[u8] = &[0x78, 9, 9];

#[test]
fn alice_and_bob_see_and_hear_each_other() {
    let mut room = TestRoom::open();
    room.connect(1);
    room.connect(2);
    assert_eq!(room.shown(1, MediaKind::Video), [2]);
    assert_eq!(room.shown(2, MediaKind::Audio), [1]);
    for (from, to) in [(1, 2), (2, 1)] {
        let now = room.now;
        room.client(from).send_video(KEY, now);
        room.client(from).send_audio(SOUND, now);
        room.until(Duration::from_secs(1), |room| room.client(to).payloads(KEY) == 1);
        room.until(Duration::from_secs(1), |room| room.client(to).payloads(SOUND) == 1);
    }
    assert_eq!(room.client(1).payloads(KEY), 1, "nobody gets back what they sent");
}

#[test]
fn nothing_is_reported_on_a_slot_that_has_carried_nothing() {
    let mut room = TestRoom::open();
    room.connect(1);
    room.run(Duration::from_secs(10));
    assert!(room.client(1).reported.is_empty(), "nobody else is there");
    room.connect(2);
    let end = room.now + Duration::from_secs(8);
    while room.now < end {
        let now = room.now;
        room.client(2).send_audio(SOUND, now);
        room.run(Duration::from_millis(20));
    }
    assert!(room.client(1).payloads(SOUND) > 300, "what comes later is heard all the same");
    let reported = &mut room.client(1).reported;
    reported.sort_unstable();
    reported.dedup();
    assert_eq!(reported.len(), 1, "one slot carries something");
}

/// Chromium on a busy machine: its first checks went out before any answer, and the one that nominates is 900 ms away.
#[test]
fn who_has_chosen_a_way_and_not_said_so_is_answered_on_it() {
    let mut room = TestRoom::open();
    room.silent_choice = true;
    room.join(1);
    room.until(Duration::from_millis(300), |room| room.client(1).connected);
    assert!(room.events.contains(&Event::Connected { seat: SeatId(1) }));
    room.silent_choice = false;
    room.connect(2);
    let now = room.now;
    room.client(1).send_video(KEY, now);
    room.until(Duration::from_secs(1), |room| room.client(2).payloads(KEY) == 1);
}

/// libnice asks three times, and gives up for good.
#[test]
fn an_answer_to_a_check_that_is_lost_comes_again_before_the_browser_asks_again() {
    let mut room = TestRoom::open();
    room.join(1);
    let mut sent = 0;
    room.lose = Box::new(move |_| {
        sent += 1;
        sent <= 2
    });
    room.until(Duration::from_millis(200), |room| room.client(1).connected);
}

#[test]
fn a_late_joiner_gets_a_picture_by_asking_not_by_waiting() {
    let mut room = TestRoom::open();
    room.connect(1);
    let now = room.now;
    room.client(1).send_video(KEY, now);
    room.run(Duration::from_secs(2));
    let asked_before = room.client(1).key_frames_asked.len();
    room.connect(2);
    let now = room.now;
    room.client(1).send_video(DELTA, now);
    room.until(Duration::from_millis(300), |room| room.client(1).key_frames_asked.len() > asked_before);
    assert_eq!(room.client(2).received.len(), 0, "a picture that cannot be shown is not sent");
    let now = room.now;
    room.client(1).send_video(KEY, now);
    room.until(Duration::from_secs(1), |room| room.client(2).payloads(KEY) == 1);
}

#[test]
fn key_frame_requests_of_many_receivers_are_one_request() {
    let mut room = TestRoom::open();
    room.connect(1);
    let now = room.now;
    room.client(1).send_video(KEY, now);
    for seat in 2..=5 {
        room.connect(seat);
    }
    let now = room.now;
    room.client(1).send_video(KEY, now);
    room.run(Duration::from_millis(500));
    let before = room.client(1).key_frames_asked.len();
    for seat in 2..=5 {
        let mid = room
            .slots(seat)
            .iter()
            .find(|slot| slot.seat == Some(SeatId(1)) && slot.kind == MediaKind::Video)
            .unwrap()
            .mid
            .clone();
        room.client(seat).ask_key_frame(&mid);
    }
    room.run(Duration::from_millis(100));
    assert_eq!(room.client(1).key_frames_asked.len(), before + 1);
}

#[test]
fn a_spectator_is_not_seen_whatever_it_sends() {
    let mut room = TestRoom::open();
    room.connect(1);
    room.join_with(2, Publish::NOTHING, |offer| offer);
    room.until(Duration::from_secs(5), |room| room.client(2).connected);
    assert!(room.shown(1, MediaKind::Video).is_empty());
    let now = room.now;
    room.client(2).send_video(KEY, now);
    room.client(1).send_video(KEY, now);
    room.until(Duration::from_secs(1), |room| room.client(2).payloads(KEY) == 1);
    assert_eq!(room.client(1).received.len(), 0);
}

#[test]
fn taking_the_right_away_takes_the_picture_away() {
    let mut room = TestRoom::open();
    room.connect(1);
    room.connect(2);
    assert_eq!(room.shown(1, MediaKind::Video), [2]);
    let publish = Publish { video: false, ..Publish::ALL };
    assert_eq!(room.answer(Request::SetPublish { seat: SeatId(2), publish }), Ok(Answer::Done));
    assert!(room.shown(1, MediaKind::Video).is_empty());
    assert_eq!(room.shown(1, MediaKind::Audio), [2]);
}

#[test]
fn a_peer_whose_certificate_does_not_match_its_sdp_is_refused() {
    let mut room = TestRoom::open();
    room.join_with(1, Publish::ALL, |offer| {
        let at = offer.find("a=fingerprint:sha-256 ").unwrap() + "a=fingerprint:sha-256 ".len();
        let flipped = if &offer[at..=at] == "0" { "1" } else { "0" };
        format!("{}{flipped}{}", &offer[..at], &offer[at + 1..])
    });
    room.run(Duration::from_secs(5));
    assert!(!room.events.contains(&Event::Connected { seat: SeatId(1) }));
    let refused =
        room.events.iter().any(|event| matches!(event, Event::Disconnected { seat: SeatId(1), .. }));
    assert!(refused, "{:?}", room.events);
}

#[test]
fn a_reload_takes_the_seat_over_and_leaves_nothing_behind() {
    let mut room = TestRoom::open();
    room.connect(1);
    room.connect(2);
    room.connect(2);
    assert_eq!(room.shown(1, MediaKind::Video), [2]);
    let now = room.now;
    room.client(2).send_video(KEY, now);
    room.until(Duration::from_secs(1), |room| room.client(1).payloads(KEY) == 1);
    let Ok(Answer::Snapshot(snapshot)) = room.answer(Request::Snapshot) else { panic!("no snapshot") };
    assert_eq!(snapshot.seats.len(), 2);
}

#[test]
fn who_leaves_is_gone_and_leaving_twice_is_no_error() {
    let mut room = TestRoom::open();
    room.connect(1);
    room.connect(2);
    for _ in 0..2 {
        assert_eq!(room.answer(Request::Leave { seat: SeatId(2) }), Ok(Answer::Done));
    }
    assert!(room.shown(1, MediaKind::Video).is_empty() && room.shown(1, MediaKind::Audio).is_empty());
}

#[test]
fn a_third_picture_waits_for_a_free_slot() {
    let mut room = TestRoom::open();
    for seat in 1..=4 {
        room.connect(seat);
    }
    assert_eq!(room.shown(1, MediaKind::Video), [2, 3], "two slots");
    room.answer(Request::Leave { seat: SeatId(2) }).unwrap();
    let mut shown = room.shown(1, MediaKind::Video);
    shown.sort_unstable();
    assert_eq!(shown, [3, 4]);
}

#[test]
fn lost_packets_are_sent_again() {
    let mut room = TestRoom::open();
    room.connect(1);
    room.connect(2);
    let now = room.now;
    room.client(1).send_video(KEY, now);
    room.run(Duration::from_millis(50));
    let mut count = 0_u32;
    room.lose = Box::new(move |_| {
        count += 1;
        // Of one in ten, it depends on which ones whether all come in the end.
        count.is_multiple_of(20)
    });
    for number in 0..100_u8 {
        let now = room.now;
        room.client(1).send_video(&[0x41, number], now);
        room.run(Duration::from_millis(20));
    }
    room.lose = Box::new(|_| false);
    room.run(Duration::from_secs(1));
    let missing: Vec<_> =
        (0..99_u8).filter(|number| room.client(2).payloads(&[0x41, *number]) == 0).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// Where the first answer is lost, too, who waits for a second question's answer sees the picture stand still.
#[test]
fn what_is_sent_again_and_lost_again_has_been_sent_twice() {
    let mut room = TestRoom::open();
    room.connect(1);
    room.connect(2);
    let now = room.now;
    room.client(1).send_video(KEY, now);
    room.run(Duration::from_millis(50));
    let stream = |bytes: &[u8]| bytes.get(8..12).map(<[u8]>::to_vec);
    let is_media = |bytes: &[u8]| bytes[0] >> 6 == 2 && !(192..=223).contains(&bytes[1]);
    let mut lost: Vec<Vec<u8>> = Vec::new();
    // The next picture, and the first packet of another stream: what it is sent again by.
    room.lose = Box::new(move |bytes| {
        let Some(stream) = stream(bytes).filter(|_| is_media(bytes) && lost.len() < 2) else { return false };
        let is_lost = !lost.contains(&stream);
        if is_lost {
            lost.push(stream);
        }
        is_lost
    });
    for number in 0..3_u8 {
        let now = room.now;
        room.client(1).send_video(&[0x41, number], now);
        room.run(Duration::from_millis(20));
    }
    // It asks 33 ms after it has missed it, and again after 100 ms more.
    room.run(Duration::from_millis(40));
    assert_eq!(room.client(2).payloads(&[0x41, 0]), 1);
}

#[test]
fn sound_goes_with_the_piece_before_to_who_takes_it_and_plain_to_the_others() {
    let mut room = TestRoom::open();
    room.connect_redundant(1, true);
    room.connect_redundant(2, true);
    room.connect_redundant(3, false);
    // Three bytes of 20 ms ago, two of now; the payload type is Opus's in both browsers.
    let both = [0xef, 0x0f, 0x00, 0x03, 0x6f, 1, 2, 3, 8, 9];
    for _ in 0..25 {
        let now = room.now;
        room.client(1).send_redundant(&both, now);
        room.run(Duration::from_millis(20));
    }
    assert!(room.client(2).payloads(&both) > 20);
    assert!(room.client(3).payloads(&[8, 9]) > 20);
    assert_eq!(room.client(3).payloads(&both), 0);
    let now = room.now;
    room.client(1).send_redundant(&both[..5], now);
    room.run(Duration::from_millis(50));
    room.client(1).send_redundant(&[0xff; 9], now);
    room.run(Duration::from_millis(50));
    assert!(room.client(2).payloads(&[0xff; 9]) == 0, "what cannot be read goes nowhere");
}

#[test]
fn sound_that_was_lost_on_its_way_here_is_recovered_for_who_takes_it_plain() {
    let mut room = TestRoom::open();
    room.connect_redundant(1, true);
    room.connect_redundant(3, false);
    let sound = |number: u8| [0xef, 0x0f, 0x00, 0x02, 0x6f, 0x78, number - 1, 0x78, number];
    for number in 1..=50 {
        let now = room.now;
        if number % 10 == 5 {
            room.client(1).lose_sound();
        } else {
            room.client(1).send_redundant(&sound(number), now);
        }
        room.run(Duration::from_millis(20));
    }
    let heard: Vec<_> =
        room.client(3).received.iter().map(|packet| (packet.sequence, packet.payload.clone())).collect();
    let first = heard[0].0 - u64::from(heard[0].1[1]);
    let expected: Vec<_> =
        (heard[0].1[1]..=50).map(|number| (first + u64::from(number), vec![0x78, number])).collect();
    assert_eq!(heard, expected, "each once, in its place");
}

#[test]
fn nonsense_is_refused_or_ignored() {
    let mut room = TestRoom::open();
    for offer in ["", "v=0", "m=video 9 X 0\r\n", &"a".repeat(100_000)] {
        let request = Request::JoinBrowser {
            room: ROOM,
            seat: SeatId(9),
            name: String::new(),
            offer: offer.to_owned(),
            slides: Vec::new(),
            publish: Publish::ALL,
            muted: false,
            limit_kbps: None,
        };
        let refused = room.answer(request);
        assert!(matches!(refused, Err(MediaError::BadOffer { .. })), "{refused:?}");
    }
    let now = room.now;
    for bytes in [&b""[..], b"GET / HTTP/1.1", &[0; 20], &[0x80; 60], &[0xff; 1500]] {
        room.core.datagram("10.9.9.9:9".parse().unwrap(), "10.77.0.1:7000".parse().unwrap(), bytes, now);
    }
    assert!(room.core.transmit().is_none(), "strangers get no answer");
    let unknown = room.answer(Request::RenegotiateBrowser {
        seat: SeatId(9),
        offer: String::new(),
        slides: Vec::new(),
    });
    assert_eq!(unknown, Err(MediaError::NoSuchSeat { seat: SeatId(9) }));
}

/// Found by the fuzzer: str0m panicked, and everybody's media ended with it.
#[test]
fn an_offer_that_gives_one_payload_type_to_two_formats_ends_nobody_elses_media() {
    let mut room = TestRoom::open();
    room.connect(1);
    let kept = RefCell::new(String::new());
    room.join_with(2, Publish::ALL, |offer| {
        kept.replace(offer.replace("VP8/90000", "VP9/90000"));
        kept.borrow().clone()
    });
    room.until(Duration::from_secs(5), |room| room.client(2).connected);
    // One more slot, in which VP8 would come as what Opus comes as.
    let offer = kept.into_inner();
    let slot = &offer[offer.rfind("m=video").unwrap()..];
    let mid = slot.lines().find_map(|line| line.strip_prefix("a=mid:")).unwrap();
    let doubled = slot.replace(mid, "new").replace("a=rtpmap:96", "a=rtpmap:111 VP8/90000\r\na=rtpmap:96");
    let offer = offer.replacen(&format!(" {mid}\r\n"), &format!(" {mid} new\r\n"), 1) + &doubled;
    assert!(offer.contains("a=rtpmap:111 opus") && offer.contains("a=rtpmap:111 VP8"));
    let further = Request::RenegotiateBrowser { seat: SeatId(2), offer: offer.clone(), slides: Vec::new() };
    let join = Request::JoinBrowser {
        room: ROOM,
        seat: SeatId(3),
        name: String::new(),
        offer,
        slides: Vec::new(),
        publish: Publish::ALL,
        muted: false,
        limit_kbps: None,
    };
    for request in [join, further] {
        let refused = room.answer(request).unwrap_err();
        assert!(
            matches!(&refused, MediaError::BadOffer { reason } if reason.contains("contradicts")),
            "{refused}"
        );
    }
    let gone = |event: &Event| matches!(event, Event::Disconnected { seat: SeatId(2), .. });
    assert!(room.events.iter().any(gone), "its page has to come again");
    room.connect(4);
    let now = room.now;
    room.client(1).send_video(KEY, now);
    room.until(Duration::from_secs(1), |room| room.client(4).payloads(KEY) == 1);
}

#[test]
fn who_comes_back_after_a_cut_gets_a_picture_again_without_a_new_join() {
    let mut room = TestRoom::open();
    room.connect(1);
    room.connect(2);
    room.cut = Some(SeatId(2));
    let lost = |room: &mut TestRoom| {
        room.events.iter().any(|event| matches!(event, Event::Disconnected { seat: SeatId(2), .. }))
    };
    room.until(Duration::from_secs(40), lost);
    assert_eq!(room.shown(1, MediaKind::Video), [2], "its seat is kept until control says so");
    room.events.clear();
    room.cut = None;
    room.restart_ice(2);
    room.until(Duration::from_secs(5), |room| room.events.contains(&Event::Connected { seat: SeatId(2) }));
    let now = room.now;
    room.client(1).send_video(KEY, now);
    room.until(Duration::from_secs(1), |room| room.client(2).payloads(KEY) == 1);
}

#[test]
fn a_return_from_a_short_silence_asks_for_a_key_frame() {
    let mut room = TestRoom::open();
    room.connect(1);
    room.connect(2);
    let now = room.now;
    room.client(1).send_video(KEY, now);
    room.run(Duration::from_secs(1));
    let before = room.client(1).key_frames_asked.len();
    let now = room.now;
    room.client(1).send_video(DELTA, now);
    room.until(Duration::from_millis(300), |room| room.client(1).key_frames_asked.len() > before);
}

#[test]
fn the_loudest_are_heard_where_there_are_more_voices_than_slots() {
    let mut room = TestRoom::open();
    for seat in 1..=5 {
        room.connect(seat);
    }
    let loudness = |room: &mut TestRoom, levels: &[(u64, i8)]| {
        for _ in 0..50 {
            for (seat, level) in levels {
                let now = room.now;
                room.client(*seat).speak(*level, now);
            }
            room.run(Duration::from_millis(20));
        }
        let mut heard = room.shown(1, MediaKind::Audio);
        heard.sort_unstable();
        heard
    };
    assert_eq!(loudness(&mut room, &[(2, -80), (3, -80), (4, -30), (5, -20)]), [4, 5]);
    assert_eq!(loudness(&mut room, &[(2, -15), (3, -80), (4, -70), (5, -20)]), [2, 5]);
    let told = slots_told(&room, 1);
    assert_eq!(
        loudness(&mut room, &[(2, -20), (3, -18), (4, -70), (5, -20)]),
        [2, 5],
        "a little louder is not enough"
    );
    assert_eq!(slots_told(&room, 1), told);
}

fn slots_told(room: &TestRoom, to: u64) -> usize {
    room.events
        .iter()
        .filter(|event| matches!(event, Event::Slots { seat: SeatId(seat), .. } if *seat == to))
        .count()
}
