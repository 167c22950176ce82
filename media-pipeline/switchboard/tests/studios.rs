//! Stories of room systems and the studios that carry them, in fake time.

#![allow(clippy::unwrap_used, reason = "what fails ends the test")]

mod common;

use common::{
    ROOM, TestRoom,
    camera::{NAMES, Sender, parameters, told},
};
use std::time::Duration;
use str0m::format::Codec;
use tabellion_media::core::StudioAction;
use tabellion_media_protocol::{
    LegConfig, LegView, MediaKind, Notice, PROTOCOL, RoomId, SeatId, TrackId,
    control::{Answer, Event, MediaError, Publish, Request},
    studio::{FromStudio, H264, MEDIA, MEDIA_HEADER, SourceTile, ToStudio, VP8, WORDS},
};

const LEG: SeatId = SeatId(50);

fn notice() -> Notice {
    Notice { office: "Étude".into(), title: "Salle d’attente".into(), text: "…".into() }
}

fn open_leg(view: LegView) -> Request {
    let video = tabellion_media_protocol::LegVideo {
        local_port: 20_002,
        remote: "10.77.0.2:30002".parse().unwrap(),
        payload_type: 97,
        packetization: tabellion_media_protocol::PacketizationMode::SingleNal,
        max_width: 1280,
        max_height: 720,
        max_kbps: 1_000,
        rtcp_feedback: true,
        send: true,
        receive: true,
    };
    let leg = LegConfig { local_address: "10.77.0.1".parse().unwrap(), audio: None, video: Some(video) };
    Request::OpenLeg { room: ROOM, seat: LEG, name: "Salle".into(), leg, view, publish: Publish::ALL }
}

fn meeting() -> LegView {
    LegView::Meeting { alone: notice() }
}

/// The studio's side, played by the test.
trait PlaysStudio {
    fn report(&mut self, report: &FromStudio);
    fn told(&mut self) -> Vec<ToStudio>;
    fn starts(&mut self, pid: u32);
    fn video_track(&mut self) -> TrackId;
}

impl PlaysStudio for TestRoom {
    fn report(&mut self, report: &FromStudio) {
        let mut bytes = vec![WORDS];
        serde_json::to_writer(&mut bytes, report).unwrap();
        let now = self.now;
        self.core.studio_datagram(ROOM, &bytes, now);
        self.collect();
    }

    fn told(&mut self) -> Vec<ToStudio> {
        let actions = std::mem::take(&mut self.studio);
        let words = actions.iter().filter_map(|action| match action {
            StudioAction::Tell(_, bytes) => Some(serde_json::from_slice(&bytes[1..]).unwrap()),
            _ => None,
        });
        words.collect()
    }

    fn starts(&mut self, pid: u32) {
        self.until(Duration::from_secs(1), |room| room.studio.contains(&StudioAction::Connect(ROOM)));
        self.studio.clear();
        let now = self.now;
        self.core.studio_connected(ROOM, now);
        self.report(&FromStudio::Ready { protocol: PROTOCOL, pid });
    }

    fn video_track(&mut self) -> TrackId {
        let leg = self.told().into_iter().find_map(|message| match message {
            ToStudio::Leg { video_track, .. } => Some(video_track),
            _ => None,
        });
        leg.expect("the studio is told of the leg")
    }
}

fn rtp(track: TrackId, sequence: u16, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![MEDIA];
    bytes.extend(track.0.to_be_bytes());
    bytes.extend([0x80, 0x80 | H264]);
    bytes.extend(sequence.to_be_bytes());
    bytes.extend([0, 0, 0x10, 0, 0, 0, 0, 1]);
    bytes.extend_from_slice(payload);
    bytes
}

/// The number of a seat's picture.
fn source(told: &[ToStudio], whose: u64) -> TrackId {
    let found = told.iter().find_map(|message| match message {
        ToStudio::Source { track, seat, kind: MediaKind::Video, .. } if seat.0 == whose => Some(*track),
        _ => None,
    });
    found.expect("the studio is told of the picture")
}

/// Rows of the pictures whose key frames the studio has got.
fn rows_of_key_frames(room: &TestRoom) -> Vec<u32> {
    let sets: Vec<_> = [180, 360, 720].map(|rows| (rows, parameters(rows))).into();
    let rows = room.studio.iter().filter_map(|action| match action {
        StudioAction::Media(_, bytes) => {
            let payload = bytes.get(MEDIA_HEADER + 12..)?;
            sets.iter().find(|(_, set)| payload.get(3..3 + set.len()) == Some(set)).map(|(rows, _)| *rows)
        }
        _ => None,
    });
    rows.collect()
}

#[test]
fn a_room_system_starts_a_studio_and_is_answered_when_it_carries_it() {
    let mut room = TestRoom::open();
    room.connect(1);
    let request = room.ask(open_leg(meeting()));
    room.starts(7);
    let told = room.told();
    assert!(matches!(told[0], ToStudio::Open { room: ROOM, .. }));
    let sources = told.iter().filter(|message| matches!(message, ToStudio::Source { seat: SeatId(1), .. }));
    assert_eq!(sources.count(), 2, "sound and picture of the browser");
    assert!(!room.answers.contains_key(&request), "not before its sockets are bound");
    room.report(&FromStudio::LegOpened { seat: LEG });
    assert_eq!(room.answers.remove(&request), Some(Ok(Answer::Done)));
}

#[test]
fn its_picture_is_forwarded_to_browsers_only_once_it_is_in_the_meeting() {
    let mut room = TestRoom::open();
    room.connect(1);
    room.ask(open_leg(LegView::Notice(notice())));
    room.starts(7);
    let track = room.video_track();
    room.report(&FromStudio::LegOpened { seat: LEG });
    let now = room.now;
    room.core.studio_datagram(ROOM, &rtp(track, 1, &[0x65, 1]), now);
    room.run(Duration::from_millis(50));
    assert!(room.client(1).received.is_empty() && room.shown(1, MediaKind::Video).is_empty());

    room.answer(Request::ShowLeg { seat: LEG, view: meeting() }).unwrap();
    assert_eq!(room.shown(1, MediaKind::Video), [LEG.0]);
    let now = room.now;
    room.core.studio_datagram(ROOM, &rtp(track, 2, &[0x65, 2]), now);
    room.until(Duration::from_secs(1), |room| room.client(1).payloads(&[0x65, 2]) == 1);
}

#[test]
fn a_room_system_whose_picture_everybody_has_is_asked_for_no_key_frame() {
    let mut room = TestRoom::open();
    room.connect(1);
    room.ask(open_leg(meeting()));
    room.starts(7);
    let track = room.video_track();
    room.report(&FromStudio::LegOpened { seat: LEG });
    let mut asked = 0;
    for picture in 1..=100 {
        let now = room.now;
        let kind = if picture == 10 { 0x65 } else { 0x41 };
        room.core.studio_datagram(ROOM, &rtp(track, picture, &[kind, 1]), now);
        room.run(Duration::from_millis(40));
        let told = room.told();
        if picture > 10 {
            let asks = |message: &&ToStudio| **message == ToStudio::KeyFrame { track };
            asked += told.iter().filter(asks).count();
        }
    }
    assert!(room.client(1).received.len() > 90, "it is seen");
    assert_eq!(asked, 0);
}

#[test]
fn browsers_media_goes_to_the_studio_and_its_wish_for_a_key_frame_back() {
    let mut room = TestRoom::open();
    room.connect(1);
    room.ask(open_leg(meeting()));
    room.starts(7);
    let told = room.told();
    let source = told.iter().find_map(|message| match message {
        ToStudio::Source { track, kind: MediaKind::Video, .. } => Some(*track),
        _ => None,
    });
    let now = room.now;
    room.client(1).send_video(&[0x65, 8], now);
    room.run(Duration::from_millis(300));
    let media = room
        .studio
        .iter()
        .any(|action| matches!(action, StudioAction::Media(_, bytes) if bytes.ends_with(&[0x65, 8])));
    assert!(media);
    let before = room.client(1).key_frames_asked.len();
    room.report(&FromStudio::KeyFrameWanted { track: source.unwrap() });
    room.until(Duration::from_millis(300), |room| room.client(1).key_frames_asked.len() > before);
}

#[test]
fn a_studio_gets_each_piece_of_sound_once_also_where_one_is_lost_or_late_on_its_way_here() {
    let mut room = TestRoom::open();
    room.connect_redundant(1, true);
    room.ask(open_leg(meeting()));
    room.starts(7);
    let sound = |number: u8| [0xef, 0x0f, 0x00, 0x02, 0x6f, 0x78, number - 1, 0x78, number];
    for number in 1..=60 {
        let now = room.now;
        if number % 10 == 5 {
            room.client(1).lose_sound();
        } else {
            room.client(1).send_redundant(&sound(number), now);
        }
        if number % 20 == 6 {
            room.run(Duration::from_millis(10));
            room.client(1).send_overtaken_sound(&sound(number - 1), now);
        }
        room.run(Duration::from_millis(20));
    }
    let heard = room.studio.iter().filter_map(|action| match action {
        StudioAction::Media(_, bytes) => match bytes[..] {
            [.., 0x78, number] => Some(number),
            _ => None,
        },
        _ => None,
    });
    let heard: Vec<_> = heard.collect();
    assert!(heard.len() > 50, "{heard:?}");
    assert!(heard.windows(2).all(|two| two[1] == two[0] + 1), "{heard:?}");
}

#[test]
fn a_studio_gets_the_size_that_it_draws_and_nothing_of_what_it_does_not() {
    let mut room = TestRoom::open();
    room.connect_simulcast(1, NAMES);
    room.ask(open_leg(meeting()));
    room.starts(7);
    let track = source(&room.told(), 1);
    let mut sender = Sender::new(1);
    let mut second = |room: &mut TestRoom| {
        room.studio.clear();
        sender.send(room, Duration::from_secs(1));
        rows_of_key_frames(room)
    };
    assert_eq!(second(&mut room).last(), Some(&720), "the largest, until it is told");
    for (rows, expected) in [(140, Some(180)), (360, Some(360)), (576, Some(720))] {
        room.report(&FromStudio::Tiles { tiles: vec![SourceTile { track, rows, max_kbps: None }] });
        assert_eq!(second(&mut room).last().copied(), expected, "for {rows} rows");
    }
    for (kbps, expected) in [(1_499, Some(360)), (499, Some(180)), (100, None), (1_500, Some(720))] {
        let max_kbps = Some(kbps);
        room.report(&FromStudio::Tiles { tiles: vec![SourceTile { track, rows: 720, max_kbps }] });
        assert_eq!(second(&mut room).last().copied(), expected, "within {kbps} kb/s");
    }
    for (rows, expected) in [(576, Some(360)), (288, Some(180)), (720, Some(720))] {
        let max_kbps = Some(2_000);
        room.report(&FromStudio::Tiles { tiles: vec![SourceTile { track, rows, max_kbps }] });
        assert_eq!(second(&mut room).last().copied(), expected, "equipment that takes {rows} rows");
    }
    room.report(&FromStudio::Tiles { tiles: Vec::new() });
    second(&mut room);
    second(&mut room);
    assert!(room.studio.iter().all(|action| !matches!(action, StudioAction::Media(..))), "nothing is drawn");
    second(&mut room);
    second(&mut room);
    assert_eq!(told(&mut room, 1).last().unwrap(), &["q"], "nor sent");

    let now = room.now;
    room.core.studio_lost(ROOM, "killed", now);
    room.starts(8);
    second(&mut room);
    assert_eq!(
        second(&mut room).last().or(Some(&720)),
        Some(&720),
        "another one draws it as large as can be"
    );
    assert!(room.studio.iter().any(|action| matches!(action, StudioAction::Media(..))));
}

#[test]
fn a_studio_is_told_who_speaks_and_who_is_muted() {
    let mut room = TestRoom::open();
    room.connect(1);
    room.ask(open_leg(meeting()));
    room.starts(7);
    let told = room.told();
    assert!(!told.iter().any(|message| matches!(message, ToStudio::Muted { muted: true, .. })));
    room.answer(Request::SetMuted { seat: SeatId(1), muted: true }).unwrap();
    assert_eq!(room.told(), [ToStudio::Muted { seat: SeatId(1), muted: true }]);
    room.answer(Request::SetMuted { seat: SeatId(1), muted: false }).unwrap();
    let cut = Publish { audio: false, ..Publish::ALL };
    room.answer(Request::SetPublish { seat: SeatId(1), publish: cut }).unwrap();
    let told = room.told();
    assert!(
        told.contains(&ToStudio::Muted { seat: SeatId(1), muted: true }),
        "an organizer's will counts, too"
    );
    room.answer(Request::SetPublish { seat: SeatId(1), publish: Publish::ALL }).unwrap();
    room.told();
    for _ in 0..100 {
        let now = room.now;
        room.client(1).speak(-20, now);
        room.run(Duration::from_millis(20));
    }
    assert!(room.told().contains(&ToStudio::Speakers { seats: vec![SeatId(1)] }));

    let now = room.now;
    room.core.studio_lost(ROOM, "killed", now);
    room.answer(Request::SetMuted { seat: SeatId(1), muted: true }).unwrap();
    room.starts(8);
    let told = room.told();
    assert!(told.contains(&ToStudio::Speakers { seats: vec![SeatId(1)] }), "so is the next one");
    assert!(told.contains(&ToStudio::Muted { seat: SeatId(1), muted: true }));
}

#[test]
fn a_studio_that_dies_is_replaced_and_told_everything_again() {
    let mut room = TestRoom::open();
    room.connect(1);
    room.ask(open_leg(meeting()));
    room.starts(7);
    let first = room.video_track();
    room.report(&FromStudio::LegOpened { seat: LEG });
    let now = room.now;
    room.core.studio_lost(ROOM, "killed", now);
    room.starts(8);
    assert_eq!(room.video_track(), first, "the same tracks: nobody's slots change");
    assert!(
        room.events
            .iter()
            .any(|event| matches!(event, Event::StudioReplaced { reason, .. } if reason == "killed"))
    );
    let Ok(Answer::Snapshot(snapshot)) = room.answer(Request::Snapshot) else { panic!("no snapshot") };
    assert_eq!(snapshot.studios, [(ROOM, 8)]);
}

#[test]
fn a_studio_that_is_killed_again_and_again_costs_the_other_rooms_nothing_and_its_own_a_moment() {
    let mut room = TestRoom::open();
    room.connect(1);
    room.room = RoomId(2);
    for seat in [11, 12] {
        room.connect(seat);
    }
    room.ask(open_leg(meeting()));
    room.starts(1_000);
    let track = room.video_track();
    room.report(&FromStudio::LegOpened { seat: LEG });
    let (mut sent, mut number) = (0, 0);
    for kill in 1..=100 {
        let killed = room.now;
        room.core.studio_lost(ROOM, "killed", killed);
        let back = [0x65, 7, kill];
        // Ten pictures between two kills, some of them while there is no studio.
        for picture in 0..10 {
            let now = room.now;
            room.client(11).send_video(&[0x65, kill, picture], now);
            sent += 1;
            if picture == 2 {
                room.starts(1_000 + u32::from(kill));
                let now = room.now;
                room.core.studio_datagram(ROOM, &rtp(track, number, &back), now);
                number += 1;
                room.until(Duration::from_secs(3), |room| room.client(1).payloads(&back) == 1);
                assert!(room.now - killed <= Duration::from_secs(3), "{:?}", room.now - killed);
            }
            room.run(Duration::from_millis(40));
        }
    }
    room.run(Duration::from_millis(100));
    assert_eq!(room.client(12).received.len(), sent, "each packet, once");
    let replaced =
        room.events.iter().filter(|event| matches!(event, Event::StudioReplaced { room: ROOM, .. }));
    assert_eq!(replaced.count(), 100);
}

#[test]
fn a_studio_that_cannot_start_is_told_after_5_s() {
    let mut room = TestRoom::open();
    let request = room.ask(open_leg(meeting()));
    for _ in 0..60 {
        let now = room.now;
        room.core.studio_lost(ROOM, "connection refused", now);
        room.run(Duration::from_millis(100));
    }
    assert!(matches!(room.answers.get(&request), Some(Err(MediaError::Studio { .. }))));
}

#[test]
fn the_last_room_system_takes_the_studio_with_it() {
    let mut room = TestRoom::open();
    room.ask(open_leg(meeting()));
    room.starts(7);
    room.answer(Request::Leave { seat: LEG }).unwrap();
    assert!(room.studio.contains(&StudioAction::Close(ROOM)));
}

#[test]
fn digits_and_failures_are_passed_on() {
    let mut room = TestRoom::open();
    room.ask(open_leg(meeting()));
    room.starts(7);
    room.report(&FromStudio::LegOpened { seat: LEG });
    room.report(&FromStudio::Digit { seat: LEG, digit: '4' });
    room.report(&FromStudio::LegFailed { seat: LEG, reason: "no route".into() });
    assert!(room.events.contains(&Event::Digit { seat: LEG, digit: '4' }));
    assert!(room.events.contains(&Event::LegFailed { seat: LEG, reason: "no route".into() }));
}

#[test]
fn a_replaced_studios_picture_goes_on_in_step_though_it_counts_from_anywhere() {
    let mut room = TestRoom::open();
    room.connect(1);
    room.ask(open_leg(meeting()));
    room.starts(7);
    let track = room.video_track();
    room.report(&FromStudio::LegOpened { seat: LEG });
    let now = room.now;
    room.core.studio_datagram(ROOM, &rtp(track, 40_000, &[0x65, 1]), now);
    room.until(Duration::from_secs(1), |room| room.client(1).payloads(&[0x65, 1]) == 1);
    let now = room.now;
    room.core.studio_lost(ROOM, "killed", now);
    room.starts(8);
    let now = room.now;
    room.core.studio_datagram(ROOM, &rtp(track, 39_000, &[0x41, 2]), now);
    room.core.studio_datagram(ROOM, &rtp(track, 39_001, &[0x65, 3]), now);
    room.until(Duration::from_secs(1), |room| room.client(1).payloads(&[0x65, 3]) == 1);
    assert_eq!(room.client(1).payloads(&[0x41, 2]), 0, "not before its key frame");
    let sequences: Vec<_> = room.client(1).received.iter().map(|packet| packet.sequence).collect();
    assert_eq!(sequences[1], sequences[0] + 1);
}

#[test]
fn a_studio_that_keeps_dying_is_not_restarted_without_end() {
    let mut room = TestRoom::open();
    room.ask(open_leg(meeting()));
    let mut attempts = 0;
    let end = room.now + Duration::from_secs(10);
    while room.now < end {
        room.run(Duration::from_millis(5));
        for action in std::mem::take(&mut room.studio) {
            if action == StudioAction::Connect(ROOM) {
                attempts += 1;
                let now = room.now;
                room.core.studio_connected(ROOM, now);
                room.report(&FromStudio::Ready { protocol: PROTOCOL, pid: 7 });
                room.core.studio_lost(ROOM, "crashed", now);
            }
        }
    }
    assert!((8..=20).contains(&attempts), "{attempts}");
}

#[test]
fn a_studio_that_hangs_at_its_start_is_given_up_and_another_one_started() {
    let mut room = TestRoom::open();
    room.ask(open_leg(meeting()));
    room.until(Duration::from_secs(1), |room| room.studio.contains(&StudioAction::Connect(ROOM)));
    let now = room.now;
    room.core.studio_connected(ROOM, now);
    room.studio.clear();
    room.until(Duration::from_secs(17), |room| room.studio.contains(&StudioAction::Connect(ROOM)));
    assert!(room.studio.contains(&StudioAction::Close(ROOM)));
}

#[test]
fn a_call_waits_for_a_studio_that_starts_slowly_but_not_for_one_that_does_not_open_it() {
    let mut room = TestRoom::open();
    let request = room.ask(open_leg(meeting()));
    room.until(Duration::from_secs(1), |room| room.studio.contains(&StudioAction::Connect(ROOM)));
    room.run(Duration::from_secs(12));
    assert!(!room.answers.contains_key(&request), "it may take its time to start");
    room.report(&FromStudio::Ready { protocol: PROTOCOL, pid: 7 });
    room.run(Duration::from_secs(4));
    assert!(!room.answers.contains_key(&request));
    room.run(Duration::from_secs(2));
    assert!(matches!(room.answers.remove(&request), Some(Err(MediaError::Studio { .. }))));
}

#[test]
fn a_further_change_of_a_leg_answers_the_one_it_replaces() {
    let mut room = TestRoom::open();
    let first = room.ask(open_leg(meeting()));
    let second = room.ask(open_leg(meeting()));
    assert!(matches!(room.answers.remove(&first), Some(Err(MediaError::Studio { .. }))));
    room.starts(7);
    room.report(&FromStudio::LegOpened { seat: LEG });
    assert_eq!(room.answers.remove(&second), Some(Ok(Answer::Done)));
}

/// Of the studio's words, those about the picture as VP8.
fn translations(told: &[ToStudio]) -> Vec<Option<TrackId>> {
    let about_it = told.iter().filter_map(|message| match message {
        ToStudio::Translate { seat: LEG, track } => Some(*track),
        _ => None,
    });
    about_it.collect()
}

#[test]
fn a_room_systems_picture_is_translated_for_who_takes_no_h264_and_for_nobody_else() {
    let mut room = TestRoom::open();
    room.connect(1);
    room.ask(open_leg(meeting()));
    room.starts(1);
    room.report(&FromStudio::LegOpened { seat: LEG });
    let told = room.told();
    assert_eq!(translations(&told), []);
    let video_track = told.iter().find_map(|message| match message {
        ToStudio::Leg { video_track, .. } => Some(*video_track),
        _ => None,
    });
    let video_track = video_track.unwrap();
    room.connect_with_codecs(3, &[Codec::Vp8]);
    let Some(Some(translation)) = translations(&room.told()).pop() else { panic!("nothing is translated") };
    assert_eq!(room.shown(3, MediaKind::Video), [1, LEG.0], "as one picture");
    assert!(room.slots(3).iter().all(|slot| !slot.undecodable));
    let now = room.now;
    room.core.studio_datagram(ROOM, &rtp(video_track, 7, &[0x65, 1]), now);
    let mut vp8 = rtp(translation, 9, &[0x10, 0, 2]);
    vp8[6] = 0x80 | VP8;
    room.core.studio_datagram(ROOM, &vp8, now);
    room.run(Duration::from_millis(50));
    assert_eq!((room.client(1).payloads(&[0x65, 1]), room.client(1).payloads(&[0x10, 0, 2])), (1, 0));
    assert_eq!((room.client(3).payloads(&[0x65, 1]), room.client(3).payloads(&[0x10, 0, 2])), (0, 1));

    let now = room.now;
    room.core.studio_lost(ROOM, "it died", now);
    room.starts(2);
    let told = room.told();
    assert_eq!(translations(&told), [Some(translation)], "and so is the one that replaces it");
    room.run(Duration::from_secs(1));
    assert!(room.told().contains(&ToStudio::KeyFrame { track: translation }), "it begins anew");
    room.answer(Request::Leave { seat: SeatId(3) }).unwrap();
    assert_eq!(translations(&room.told()), [None]);
    room.ask(Request::KeyFrame { seat: LEG });
    room.run(Duration::from_secs(1));
    let asked = room.told();
    assert!(asked.contains(&ToStudio::KeyFrame { track: video_track }));
    assert!(
        !asked.contains(&ToStudio::KeyFrame { track: translation }),
        "nothing is asked of what does not come"
    );
}
