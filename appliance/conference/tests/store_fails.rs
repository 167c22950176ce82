//! What cannot be stored has not happened, and may be tried again.

mod common;

use common::{CODE, TestRoom, phone::Phone};
use tabellion_conference::messages::{Decision, SeatCommand, SeatReply, Stage};
use tabellion_domain::admission;
use tabellion_media_protocol::control::Request;

fn is_internal(reply: &SeatReply) -> bool {
    matches!(reply, SeatReply::Error { code, .. } if code == "internal")
}

#[tokio::test]
async fn a_decision_that_could_not_be_stored_may_be_taken_again() {
    let room = TestRoom::open().await;
    let mut alice = room.organizer().await;
    let mut bob = room.guest().await;
    room.disk_is_full(true);
    assert!(is_internal(&alice.decides(bob.seat, Decision::Accept).await));
    assert_eq!(room.stored(bob.seat).await, admission::Stage::Waiting);
    assert!(matches!(room.knocks(Some(CODE)).await, Err(tabellion_conference::JoinError::Store(_))));
    room.disk_is_full(false);
    assert_eq!(alice.decides(bob.seat, Decision::Accept).await, SeatReply::Done);
    bob.stage(Stage::Accepted).await;
    assert_eq!(room.store.open_seats().await.unwrap().len(), 2, "who was not let in left no seat behind");
}

#[tokio::test]
async fn who_could_not_be_stored_as_inside_is_neither_seen_nor_heard() {
    let room = TestRoom::open().await;
    let mut alice = room.organizer().await;
    room.disk_is_full(true);
    assert!(is_internal(&alice.enters().await));
    assert!(room.switchboard.lock().unwrap().carries.is_empty());
    room.disk_is_full(false);
    assert!(matches!(alice.enters().await, SeatReply::Answer { .. }));
    assert_eq!(room.stored(alice.seat).await, admission::Stage::Inside);
}

#[tokio::test]
async fn a_call_that_ended_on_a_full_disk_is_over_as_soon_as_it_can_be_stored() {
    let room = TestRoom::open().await;
    let mut alice = room.organizer().await;
    alice.enters().await;
    let mut phone = Phone::calls(&room, "127.0.0.1").await;
    phone.dials(CODE).await;
    let seat = alice.sees_waiting().await;
    assert_eq!(alice.decides(seat, Decision::Accept).await, SeatReply::Done);
    assert_eq!(room.stored(seat).await, admission::Stage::Inside);
    room.disk_is_full(true);
    phone.hangs_up().await;
    room.until_logged("a meeting's change could not be stored").await;
    assert!(is_internal(&alice.asks(SeatCommand::Leave).await));
    room.disk_is_full(false);
    alice.sees_inside(|inside| inside.len() == 1).await;
    let left = admission::Stage::Ended { reason: admission::EndReason::Left };
    assert_eq!(room.stored(seat).await, left);
    room.until(|request| matches!(request, Request::Leave { seat: left } if left.0 == seat)).await;
}

const NOT_STORED: &str = "what a room system dialled could not be stored";

#[tokio::test]
async fn a_wrong_code_that_could_not_be_stored_is_not_counted() {
    let room = TestRoom::open().await;
    let mut phone = Phone::calls(&room, "127.0.0.1").await;
    phone.dials("999").await;
    room.disk_is_full(true);
    for _ in 0..5 {
        phone.dials("9").await;
        room.until_logged(NOT_STORED).await;
    }
    room.disk_is_full(false);
    phone.dials("9").await;
    room.until_shown("Ce code n’est pas le bon").await;
}

#[tokio::test]
async fn a_right_code_that_could_not_be_stored_forgives_nothing() {
    let room = TestRoom::open().await;
    let mut first = Phone::calls(&room, "127.0.0.1").await;
    for wrong in ["9999", "8888"] {
        first.dials(wrong).await;
        room.until_shown("Ce code n’est pas le bon").await;
    }
    room.disk_is_full(true);
    first.dials(CODE).await;
    room.until_logged(NOT_STORED).await;
    room.disk_is_full(false);
    first.dials("*7777").await;
    room.until_shown("Le code de la réunion n’a pas été composé correctement.").await;
    first.hangs_up().await;
    let mut second = Phone::calls(&room, "127.0.0.1").await;
    second.dials("66665555").await;
    room.until_shown("Trop de codes faux ont été composés.").await;
}
