//! Stories of room systems in front of a meeting and in it.

mod common;

use common::{CODE, TestRoom, phone::Phone};
use tabellion_conference::messages::{Channel, Decision, SeatReply};
use tabellion_domain::{
    Clock, SeatId,
    admission::{self, EndReason, JournalEntry, Stage},
};
use tabellion_media_protocol::{LegView, control::Request};
use tabellion_store::MeetingChange;
use time::Duration;

#[tokio::test]
async fn wrong_codes_are_counted_over_calls_and_pause_that_caller_alone() {
    let room = TestRoom::open().await;
    let mut first = Phone::calls(&room, "127.0.0.1").await;
    first.dials("111122223333").await;
    room.until_shown("Le code de la réunion n’a pas été composé correctement.").await;
    first.hangs_up().await;
    let mut second = Phone::calls(&room, "127.0.0.1").await;
    second.dials("44445555").await;
    room.until_shown("Trop de codes faux ont été composés.").await;
    second.hangs_up().await;

    let mut third = Phone::calls(&room, "127.0.0.1").await;
    room.until_shown("rappelez dans dix minutes.").await;
    third.dials("1234").await;
    third.hangs_up().await;
    let mut elsewhere = Phone::calls(&room, "127.0.0.2").await;
    elsewhere.dials("1234").await;
    room.until_shown("Salle d’attente").await;

    room.clock.advance(Duration::minutes(10));
    let mut again = Phone::calls(&room, "127.0.0.1").await;
    again.dials("1234").await;
    room.until_shown("Salle d’attente").await;
}

#[tokio::test]
async fn a_box_that_is_too_busy_refuses_a_call_for_now() {
    let room = TestRoom::open().await;
    room.switchboard.lock().unwrap().full = true;
    assert_eq!(Phone::is_refused(&room, room.meeting.number.as_str()).await, 503);
}

fn shows_the_meeting(request: &Request) -> bool {
    matches!(request, Request::ShowLeg { view: LegView::Meeting { .. }, .. })
}

#[tokio::test]
async fn a_room_system_dials_in_waits_is_accepted_and_hangs_up() {
    let room = TestRoom::open().await;
    let mut alice = room.organizer().await;
    alice.enters().await;
    let mut phone = Phone::calls(&room, "127.0.0.1").await;
    room.until_shown("Composez le code de la réunion").await;
    phone.dials("9999").await;
    room.until_shown("Ce code n’est pas le bon").await;
    phone.dials(CODE).await;
    room.until_shown("Salle d’attente").await;
    let seat = alice.sees_waiting().await;
    assert_eq!(alice.decides(seat, Decision::Accept).await, SeatReply::Done);
    room.until(shows_the_meeting).await;
    phone.hangs_up().await;
    alice.sees_inside(|inside| inside.iter().all(|one| one.channel == Channel::Browser)).await;
    assert_eq!(room.stored(seat).await, Stage::Ended { reason: EndReason::Left });

    let (by, seat) = (SeatId(alice.seat.cast_signed()), SeatId(seat.cast_signed()));
    let decision = admission::Decision::Accept;
    assert_eq!(
        room.journal().await,
        [
            JournalEntry::Requested { seat: by },
            JournalEntry::Entered { seat: by },
            JournalEntry::Requested { seat },
            JournalEntry::WrongCode { seat: Some(seat) },
            JournalEntry::Decided { seat, by, decision },
            JournalEntry::Entered { seat },
            JournalEntry::Ended { seat, reason: EndReason::Left },
        ]
    );
}

#[tokio::test]
async fn a_call_goes_on_where_it_was_when_control_comes_back() {
    let mut room = TestRoom::open().await;
    let mut phone = Phone::calls(&room, "127.0.0.1").await;
    room.until_stored_calls(1).await;
    phone.dials("12").await;
    room.restart().await;
    phone.finds(&room);
    phone.dials(CODE).await;
    room.until_shown("Salle d’attente").await;
    room.restart().await;
    phone.finds(&room);
    let mut alice = room.organizer().await;
    let seat = alice.sees_waiting().await;
    assert_eq!(alice.decides(seat, Decision::Accept).await, SeatReply::Done);
    room.until(shows_the_meeting).await;
    phone.hangs_up().await;
    room.until(|request| matches!(request, Request::Leave { seat: left } if left.0 == seat)).await;
}

#[tokio::test]
async fn wrong_codes_are_counted_for_a_call_that_was_taken_up() {
    let mut room = TestRoom::open().await;
    let mut taken_up = Phone::calls(&room, "127.0.0.1").await;
    room.until_stored_calls(1).await;
    room.restart().await;
    taken_up.finds(&room);
    taken_up.dials("111122223333").await;
    room.until_shown("Le code de la réunion n’a pas été composé correctement.").await;
    let mut next = Phone::calls(&room, "127.0.0.1").await;
    next.dials("44445555").await;
    room.until_shown("Trop de codes faux ont été composés.").await;
}

#[tokio::test]
async fn a_meeting_that_was_switched_off_while_control_was_away_hangs_up_its_calls() {
    let mut room = TestRoom::open().await;
    let mut phone = Phone::calls(&room, "127.0.0.1").await;
    room.until_stored_calls(1).await;
    let off = MeetingChange { active: Some(false), ..MeetingChange::default() };
    room.store.change_permanent_meeting(room.meeting.id, off, room.alice, room.clock.now()).await.unwrap();
    room.restart().await;
    phone.finds(&room);
    phone.is_hung_up().await;
    assert!(room.store.open_seats().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_call_that_was_still_told_why_it_is_over_is_hung_up_when_control_comes_back() {
    let mut room = TestRoom::open().await;
    let mut phone = Phone::calls(&room, "127.0.0.1").await;
    room.until_stored_calls(1).await;
    phone.dials("111122223333").await;
    room.until_shown("Le code de la réunion n’a pas été composé correctement.").await;
    room.restart().await;
    phone.finds(&room);
    phone.is_hung_up().await;
    assert!(room.store.ended_seats_with_a_call().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_caller_in_its_pause_is_hung_up_too_when_control_comes_back() {
    let mut room = TestRoom::open().await;
    for codes in ["111122223333", "44445555"] {
        let mut phone = Phone::calls(&room, "127.0.0.1").await;
        phone.dials(codes).await;
        phone.hangs_up().await;
    }
    let mut paused = Phone::calls(&room, "127.0.0.1").await;
    room.until_shown("rappelez dans dix minutes.").await;
    room.until_ended_calls(1).await;
    room.restart().await;
    paused.finds(&room);
    paused.is_hung_up().await;
}

#[tokio::test]
async fn a_call_whose_ports_are_taken_is_hung_up_and_the_others_go_on() {
    let mut room = TestRoom::open().await;
    let mut first = Phone::calls(&room, "127.0.0.1").await;
    room.until_stored_calls(1).await;
    let mut second = Phone::calls(&room, "127.0.0.1").await;
    room.until_stored_calls(2).await;
    room.database("UPDATE seats SET dialog = json_set(dialog, '$.audio_port', 20000)");
    room.restart().await;
    second.finds(&room);
    second.is_hung_up().await;
    first.finds(&room);
    first.dials(CODE).await;
    room.until_shown("Salle d’attente").await;
    assert_eq!(room.store.open_seats().await.unwrap().len(), 1);
}

fn opens(port: u16) -> impl Fn(&Request) -> bool {
    move |request| match request {
        Request::OpenLeg { leg, .. } => leg.audio.as_ref().is_some_and(|audio| audio.remote.port() == port),
        _ => false,
    }
}

#[tokio::test]
async fn a_change_that_cannot_be_carried_leaves_the_call_as_it_was() {
    let room = TestRoom::open().await;
    let mut phone = Phone::calls(&room, "127.0.0.1").await;
    room.until(opens(40_000)).await;
    room.switchboard.lock().unwrap().cannot_reach = vec![41_000];
    assert_eq!(phone.moves_to(41_000).await, 500);
    room.until(opens(41_000)).await;
    room.until(opens(40_000)).await;
    room.until_shown("Composez le code").await;
    assert_eq!(phone.moves_to(42_000).await, 200);
    room.until(opens(42_000)).await;
}

#[tokio::test]
async fn a_change_that_the_switchboard_dies_of_leaves_the_call_as_it_was() {
    let room = TestRoom::open().await;
    let mut phone = Phone::calls(&room, "127.0.0.1").await;
    room.until(opens(40_000)).await;
    room.switchboard.lock().unwrap().dies_of = Some(41_000);
    assert_eq!(phone.moves_to(41_000).await, 500);
    room.until_asked(&Request::Snapshot).await;
    room.until(opens(40_000)).await;
    room.until_shown("Composez le code").await;
    assert_eq!(phone.moves_to(42_000).await, 200);
}

#[tokio::test]
async fn a_call_that_cannot_be_carried_any_more_is_hung_up() {
    let room = TestRoom::open().await;
    let mut phone = Phone::calls(&room, "127.0.0.1").await;
    room.until(opens(40_000)).await;
    room.switchboard.lock().unwrap().cannot_reach = vec![40_000, 41_000];
    assert_eq!(phone.moves_to(41_000).await, 500);
    phone.is_hung_up().await;
}

#[tokio::test]
async fn a_change_that_takes_long_holds_up_nobody_else_in_the_meeting() {
    let room = TestRoom::open().await;
    let mut phone = Phone::calls(&room, "127.0.0.1").await;
    room.until(opens(40_000)).await;
    room.until_stored_calls(1).await;
    room.switchboard.lock().unwrap().hesitates_at = Some(41_000);
    let others = async {
        room.until(opens(41_000)).await;
        let mut alice = room.organizer().await;
        assert!(matches!(alice.enters().await, SeatReply::Answer { .. }));
        room.goes_on();
    };
    let (code, ()) = tokio::join!(phone.moves_to(41_000), others);
    assert_eq!(code, 200);
    room.until_shown("Composez le code").await;
}
