//! Stories of a live meeting.

mod common;

use common::{CODE, Page, TURN, TestRoom, carried, room_of};
use tabellion_conference::{
    AttachError, JoinError, LastSeen,
    messages::{
        Decision, EncodingView, EndReason, SeatCommand, SeatEvent, SeatFrame, SeatReply, Stage, TileView,
    },
};
use tabellion_domain::{
    Clock, SeatId,
    admission::{self, JournalEntry},
};
use tabellion_media_protocol::{
    SeatId as MediaSeat,
    control::{Request, Tile},
};
use tabellion_store::MeetingChange;
use time::Duration;

fn refused(reply: &SeatReply, wanted: &str) -> bool {
    matches!(reply, SeatReply::Error { code, .. } if code == wanted)
}

#[tokio::test]
async fn bob_waits_alice_accepts_and_bob_sees_who_is_inside_before_he_joins() {
    let room = TestRoom::open().await;
    let mut alice = room.organizer().await;
    alice.stage(Stage::Accepted).await;
    assert_eq!(alice.enters().await, SeatReply::Answer { answer: "answer".to_owned() });

    let mut bob = room.guest().await;
    bob.stage(Stage::Waiting).await;
    let name = alice
        .hears(|event| match event {
            SeatEvent::Queue { queue } => queue.first().map(|one| one.name.clone()),
            _ => None,
        })
        .await;
    assert_eq!(name, "Monsieur Bob Martin");
    assert!(refused(&bob.enters().await, "not_accepted"));

    assert_eq!(alice.decides(bob.seat, Decision::Accept).await, SeatReply::Done);
    bob.stage(Stage::Accepted).await;
    let inside = bob
        .hears(|event| match event {
            SeatEvent::Participants { participants } => Some(participants.clone()),
            _ => None,
        })
        .await;
    assert_eq!(inside.len(), 1);
    assert_eq!(inside[0].name, "Maître Alice Durand");
    assert_eq!(bob.enters().await, SeatReply::Answer { answer: "answer".to_owned() });
}

#[tokio::test]
async fn only_who_is_let_in_is_told_who_relays_each_time_with_another_right_for_a_day_of_signings() {
    let room = TestRoom::open().await;
    let mut alice = room.organizer().await;
    let mut bob = room.guest().await;
    assert!(refused(&bob.asks(SeatCommand::IceServers).await, "not_accepted"));
    assert_eq!(alice.decides(bob.seat, Decision::Accept).await, SeatReply::Done);

    let first = bob.relay().await;
    assert_eq!(first.urls, [TURN]);
    let (until, id) = first.username.split_once(':').unwrap();
    assert_eq!(until.parse::<i64>().unwrap(), (room.clock.now() + Duration::hours(12)).unix_timestamp());
    assert_eq!(id.len(), 22, "drawn, 128 bits: {id}");
    let second = bob.relay().await;
    assert!(first.username != second.username && first.credential != second.credential);

    bob.enters().await;
    room.clock.advance(Duration::hours(13));
    let later = bob.relay().await.username;
    assert!(later > first.username, "{later}");
}

#[tokio::test]
async fn refused_and_deleted_are_two_things_and_a_guest_decides_nothing() {
    let room = TestRoom::open().await;
    let mut alice = room.organizer().await;
    let mut bob = room.guest().await;
    let mut eve = room.guest().await;
    assert!(refused(&eve.decides(bob.seat, Decision::Accept).await, "not_organizer"));
    alice.decides(bob.seat, Decision::Refuse).await;
    bob.ended(EndReason::Refused).await;
    alice.decides(eve.seat, Decision::Delete).await;
    eve.ended(EndReason::Deleted).await;
    assert!(refused(&alice.decides(bob.seat, Decision::Accept).await, "no_such_seat"));
}

#[tokio::test]
async fn the_journal_says_who_decided_what_over_whom() {
    let room = TestRoom::open().await;
    let mut alice = room.organizer().await;
    let by = SeatId(alice.seat.cast_signed());
    let mut expected = Vec::new();
    for (said, decision) in [
        (Decision::Accept, admission::Decision::Accept),
        (Decision::Refuse, admission::Decision::Refuse),
        (Decision::Delete, admission::Decision::Delete),
    ] {
        let guest = room.guest().await;
        assert_eq!(alice.decides(guest.seat, said).await, SeatReply::Done);
        expected.push(JournalEntry::Decided { seat: SeatId(guest.seat.cast_signed()), by, decision });
    }
    let decided =
        room.journal().await.into_iter().filter(|entry| matches!(entry, JournalEntry::Decided { .. }));
    assert_eq!(decided.collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn requests_from_one_place_are_limited_while_they_wait() {
    let room = TestRoom::open().await;
    let mut alice = room.organizer().await;
    let mut guests = Vec::new();
    for _ in 0..20 {
        guests.push(room.guest().await);
    }
    assert!(matches!(room.knocks(Some(CODE)).await, Err(JoinError::TooManyRequests)));
    assert_eq!(alice.decides(guests[0].seat, Decision::Accept).await, SeatReply::Done);
    guests[1].asks(SeatCommand::Cancel).await;
    assert!(room.knocks(Some(CODE)).await.is_ok());
    assert!(room.knocks(Some(CODE)).await.is_ok());
    assert!(matches!(room.knocks(Some(CODE)).await, Err(JoinError::TooManyRequests)));
    assert!(room.conference.organizer_seat(room.alice, room.meeting.id).await.is_ok());
}

#[tokio::test]
async fn a_page_with_numbers_of_a_former_life_is_welcomed_anew() {
    let mut room = TestRoom::open().await;
    let token = room.knocks(Some(CODE)).await.unwrap();
    let former = welcomed(&room, &token, None).await.expect("the first time");
    room.restart().await;
    // Another page has taken the seat meanwhile: the new life has said as much as the former one had.
    welcomed(&room, &token, None).await.expect("the first time in this life");
    let now = welcomed(&room, &token, Some(former)).await.expect("what was missed is not known");
    assert_ne!(now.epoch, former.epoch);
    assert_eq!(welcomed(&room, &token, Some(now)).await, None, "nothing was missed");
}

/// Takes a seat and gives it up. The welcome's number, where there is one.
async fn welcomed(room: &TestRoom, token: &str, seen: Option<LastSeen>) -> Option<LastSeen> {
    let mut session = room.conference.attach(token, seen).await.expect("the seat is open");
    match session.frames.try_recv() {
        Ok(SeatFrame::Event { seq, event: SeatEvent::Welcome { epoch, .. } }) => {
            Some(LastSeen { epoch, seq })
        }
        _ => None,
    }
}

#[tokio::test]
async fn five_wrong_codes_pause_the_caller_and_the_pause_ends() {
    let room = TestRoom::open().await;
    for left in (0..5).rev() {
        let outcome = room.knocks(Some("9999")).await;
        assert!(matches!(outcome, Err(JoinError::WrongCode { attempts_left }) if attempts_left == left));
    }
    assert!(matches!(room.knocks(Some(CODE)).await, Err(JoinError::TooManyAttempts { .. })));
    room.clock.advance(Duration::minutes(10));
    assert!(room.knocks(Some(CODE)).await.is_ok());
    assert!(matches!(room.knocks(None).await, Err(JoinError::WrongCode { .. })));
}

#[tokio::test]
async fn each_wrong_code_that_is_looked_at_has_its_line_in_the_journal() {
    let room = TestRoom::open().await;
    for _ in 0..7 {
        assert!(room.knocks(Some("9999")).await.is_err());
    }
    assert_eq!(room.journal().await, [(); 5].map(|()| JournalEntry::WrongCode { seat: None }));
    let line = room.store.audit_journal().await.unwrap().pop().unwrap().event;
    assert!(line.ends_with(r#""entry":{"what":"wrong_code"}}"#), "{line}");
}

#[tokio::test]
async fn a_page_that_reloads_keeps_its_seat_and_the_older_one_is_told() {
    let room = TestRoom::open().await;
    let mut first = room.organizer().await;
    first.enters().await;
    let mut second = Page::open(&room, first.token.clone()).await;
    first.hears(|event| (*event == SeatEvent::Replaced).then_some(())).await;
    second.stage(Stage::Inside).await;
}

#[tokio::test]
async fn a_media_engine_that_says_no_leaves_the_seat_where_it_was() {
    let room = TestRoom::open().await;
    room.switchboard.lock().unwrap().away = true;
    let mut alice = room.organizer().await;
    assert!(refused(&alice.enters().await, "media_unavailable"));
    room.switchboard.lock().unwrap().away = false;
    assert!(matches!(alice.enters().await, SeatReply::Answer { .. }));
}

#[tokio::test]
async fn a_box_that_is_too_busy_says_so_and_lets_one_in_later() {
    let room = TestRoom::open().await;
    room.switchboard.lock().unwrap().full = true;
    let mut alice = room.organizer().await;
    assert!(refused(&alice.enters().await, "box_overloaded"));
    room.switchboard.lock().unwrap().full = false;
    assert!(matches!(alice.enters().await, SeatReply::Answer { .. }));
}

#[tokio::test]
async fn switching_the_meeting_off_ends_it_at_once_and_lets_nobody_in() {
    let room = TestRoom::open().await;
    let mut alice = room.organizer().await;
    let mut bob = room.guest().await;
    let off = MeetingChange { active: Some(false), ..MeetingChange::default() };
    use tabellion_domain::Clock;
    room.store.change_permanent_meeting(room.meeting.id, off, room.alice, room.clock.now()).await.unwrap();
    room.conference.meeting_changed(room.meeting.id).await;
    alice.ended(EndReason::MeetingClosed).await;
    bob.ended(EndReason::MeetingClosed).await;
    assert!(matches!(room.knocks(Some(CODE)).await, Err(JoinError::Inactive)));
    let again = room.conference.organizer_seat(room.alice, room.meeting.id).await;
    assert!(matches!(again, Err(JoinError::Inactive)));
}

#[tokio::test]
async fn another_name_is_told_to_everybody_and_another_code_ends_who_waits_without_it() {
    use tabellion_domain::{Clock, Description, SecurityCode};
    let room = TestRoom::open().await;
    let mut alice = room.organizer().await;
    let mut bob = room.guest().await;
    let change = async |change: MeetingChange| {
        let now = room.clock.now();
        room.store.change_permanent_meeting(room.meeting.id, change, room.alice, now).await.unwrap();
        room.conference.meeting_changed(room.meeting.id).await;
    };
    let name = Some(Description::new("Vente MARCHAND").unwrap());
    change(MeetingChange { description: name, ..MeetingChange::default() }).await;
    for page in [&mut alice, &mut bob] {
        let called = page.hears(|event| match event {
            SeatEvent::Meeting { meeting } => Some(meeting.name.clone()),
            _ => None,
        });
        assert_eq!(called.await, "Vente MARCHAND");
    }
    let code = Some(SecurityCode::new("97531").unwrap());
    change(MeetingChange { code, ..MeetingChange::default() }).await;
    bob.ended(EndReason::CodeChanged).await;
    assert!(matches!(room.knocks(Some(CODE)).await, Err(JoinError::WrongCode { .. })));
    assert!(room.knocks(Some("97531")).await.is_ok());
    assert!(matches!(alice.enters().await, SeatReply::Answer { .. }), "the organizer stays");
}

#[tokio::test]
async fn who_takes_the_seat_just_after_the_decision_is_told_what_was_decided() {
    let room = TestRoom::open().await;
    let mut alice = room.organizer().await;
    let token = room.knocks(Some(CODE)).await.unwrap();
    let seat = alice
        .hears(|event| match event {
            SeatEvent::Queue { queue } => queue.first().map(|one| one.seat),
            _ => None,
        })
        .await;
    assert_eq!(alice.decides(seat, Decision::Refuse).await, SeatReply::Done);
    assert_eq!(room.over(&token).await, EndReason::Refused);
    room.clock.advance(Duration::minutes(10));
    assert_eq!(room.over(&token).await, EndReason::Refused, "nor is it forgotten");
    assert!(matches!(room.conference.attach("no seat", None).await, Err(AttachError::UnknownSeat)));
}

#[tokio::test]
async fn a_control_process_that_comes_back_takes_the_meeting_up_and_ends_what_nobody_knows() {
    let mut room = TestRoom::open().await;
    let mut alice = room.organizer().await;
    alice.enters().await;
    let bob = room.guest().await;
    let stray = carried(room_of(&room), MediaSeat(9_999));
    room.switchboard.lock().unwrap().carries.push(stray);
    room.restart().await;
    let mut again = Page::open(&room, alice.token.clone()).await;
    again.stage(Stage::Inside).await;
    let mut bob = Page::open(&room, bob.token.clone()).await;
    bob.stage(Stage::Waiting).await;
    assert_eq!(again.decides(bob.seat, Decision::Accept).await, SeatReply::Done);
    bob.stage(Stage::Accepted).await;
    room.until_asked(&Request::Leave { seat: MediaSeat(9_999) }).await;
    let asked = room.switchboard.lock().unwrap().asked.clone();
    assert!(!asked.contains(&Request::Leave { seat: MediaSeat(again.seat) }), "forwarding went on");
}

#[tokio::test]
async fn the_sizes_of_pictures_are_told_both_ways_and_again_after_a_restart() {
    let mut room = TestRoom::open().await;
    let mut alice = room.organizer().await;
    alice.enters().await;
    let told = |encoding: &EncodingView| Some((encoding.rid.clone()?, encoding.codec.clone()));
    let sent = |event: &SeatEvent| match event {
        SeatEvent::Encodings { encodings } | SeatEvent::Welcome { encodings, .. } => {
            (!encodings.is_empty()).then(|| encodings.iter().filter_map(told).collect::<Vec<_>>())
        }
        _ => None,
    };
    let mut page = Page::open(&room, alice.token.clone()).await;
    let both = ["q", "f"].map(|rid| (rid.to_owned(), "vp8".to_owned()));
    assert_eq!(page.hears(sent).await, both, "a page that comes back is told");
    let tiles = vec![TileView { mid: "4".to_owned(), rows: 180 }];
    assert_eq!(page.asks(SeatCommand::ShowTiles { tiles }).await, SeatReply::Done);
    let tiles = vec![Tile { mid: "4".to_owned(), rows: 180 }];
    room.until_asked(&Request::ShowTiles { seat: MediaSeat(page.seat), tiles }).await;
    room.restart().await;
    let mut again = Page::open(&room, alice.token.clone()).await;
    assert_eq!(again.hears(sent).await, both, "from the switchboard, which went on");
}

#[tokio::test]
async fn what_a_page_wants_to_get_at_most_is_told_to_the_switchboard_with_each_connection_and_each_change() {
    let mut room = TestRoom::open().await;
    let mut alice = room.organizer().await;
    alice.enters_within(Some(500)).await;
    room.until_seated_within(Some(500)).await;
    for kbps in [Some(250), None] {
        assert_eq!(alice.asks(SeatCommand::LimitBandwidth { kbps }).await, SeatReply::Done);
        room.until_asked(&Request::LimitBandwidth { seat: MediaSeat(alice.seat), kbps }).await;
    }
    room.restart().await;
    let mut again = Page::open(&room, alice.token.clone()).await;
    let kbps = Some(1_000);
    assert_eq!(again.asks(SeatCommand::LimitBandwidth { kbps }).await, SeatReply::Done);
    room.until_asked(&Request::LimitBandwidth { seat: MediaSeat(again.seat), kbps }).await;
    assert!(refused(&again.asks(SeatCommand::LimitBandwidth { kbps: Some(0) }).await, "bad_request"));
    assert!(refused(&again.enters_within(Some(0)).await, "bad_request"));
}

#[tokio::test]
async fn a_microphone_that_is_switched_off_is_told_to_the_switchboard_for_its_mark() {
    let room = TestRoom::open().await;
    let mut alice = room.organizer().await;
    alice.enters().await;
    for microphone in [false, true] {
        let switched = SeatCommand::MediaState { microphone, camera: true };
        assert_eq!(alice.asks(switched).await, SeatReply::Done);
        room.until_asked(&Request::SetMuted { seat: MediaSeat(alice.seat), muted: !microphone }).await;
    }
}

#[tokio::test]
async fn who_speaks_is_told_to_those_who_may_know_who_is_inside() {
    let mut room = TestRoom::open().await;
    let mut alice = room.organizer().await;
    alice.enters().await;
    let welcomed = |event: &SeatEvent| match event {
        SeatEvent::Welcome { speaker, .. } => Some(*speaker),
        _ => None,
    };
    let speaks = |event: &SeatEvent| match event {
        SeatEvent::Speaker { seat } => Some(*seat),
        SeatEvent::Welcome { speaker, .. } => *speaker,
        _ => None,
    };
    assert_eq!(alice.hears(speaks).await, alice.seat);
    let bob = room.guest().await;
    let mut waiting = Page::open(&room, bob.token.clone()).await;
    assert_eq!(waiting.hears(welcomed).await, None, "not before the organizer's word (WAIT-04)");
    assert_eq!(alice.decides(bob.seat, Decision::Accept).await, SeatReply::Done);
    assert_eq!(waiting.hears(speaks).await, alice.seat);
    room.restart().await;
    let mut again = Page::open(&room, bob.token.clone()).await;
    assert_eq!(again.hears(speaks).await, alice.seat, "the switchboard knows it yet");
}

#[tokio::test]
async fn hanging_up_and_withdrawing_are_journalled_and_the_secret_is_worth_nothing_after() {
    let room = TestRoom::open().await;
    let mut alice = room.organizer().await;
    alice.enters().await;
    let mut bob = room.guest().await;
    assert_eq!(bob.asks(SeatCommand::Cancel).await, SeatReply::Done);
    assert_eq!(alice.asks(SeatCommand::Leave).await, SeatReply::Done);
    assert_eq!(room.over(&bob.token).await, EndReason::Cancelled);
    assert_eq!(room.over(&alice.token).await, EndReason::Left);
    let journal = room.store.audit_journal().await.unwrap();
    let text: String = journal.iter().map(|line| line.event.clone()).collect();
    for what in ["requested", "entered", "\"reason\":\"cancelled\"", "\"reason\":\"left\""] {
        assert!(text.contains(what), "{what} in {text}");
    }
    assert!(!text.contains(CODE));
}
